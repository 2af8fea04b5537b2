import type { BrokerConfig } from './broker-config.ts';

/** The name under which the settings of HTTP's clients stand: `listener.name.http.…`. */
export const HTTP_LISTENER = 'HTTP';

/** The settings of a listener: its own, or else those of the broker. */
export class ListenerScope {
  readonly name: string;
  readonly #config: BrokerConfig;

  constructor(config: BrokerConfig, name: string) {
    this.#config = config;
    this.name = name;
  }

  prefixed(property: string): string {
    return `listener.name.${this.name.toLowerCase()}.${property}`;
  }

  text(property: string): string | null {
    return this.own(property) ?? this.#config.text(property);
  }

  /** What is set for this listener alone. */
  own(property: string): string | null {
    return this.#config.text(this.prefixed(property));
  }
}
