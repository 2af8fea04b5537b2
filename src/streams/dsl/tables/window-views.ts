import type { NodeContext } from '../../topology/node-context.ts';
import type { SessionStore } from '../../topology/session-store.ts';
import type { WindowStore } from '../../topology/window-store.ts';
import type { WindowedKey } from '../../topology/windowed-key.ts';
import type { ValueGetter, ValueView } from './value-view.ts';

class WindowGetter implements ValueGetter<WindowedKey<unknown>> {
  readonly isVersioned = false;
  readonly #name: string;
  #store!: WindowStore<unknown, unknown>;

  constructor(name: string) {
    this.#name = name;
  }

  get foundTimestamp(): number {
    return this.#store.foundTimestamp;
  }

  open(context: NodeContext): void {
    this.#store = context.store(this.#name);
  }

  get({ key, window }: WindowedKey<unknown>): unknown {
    return this.#store.get(key, window.start);
  }

  getAsOf(key: WindowedKey<unknown>): unknown {
    return this.get(key);
  }
}

class SessionGetter implements ValueGetter<WindowedKey<unknown>> {
  readonly isVersioned = false;
  foundTimestamp = -1;
  readonly #name: string;
  #store!: SessionStore<unknown, unknown>;

  constructor(name: string) {
    this.#name = name;
  }

  open(context: NodeContext): void {
    this.#store = context.store(this.#name);
  }

  get({ key, window }: WindowedKey<unknown>): unknown {
    const value = this.#store.get(key, window.start, window.end);
    this.foundTimestamp = value === null ? -1 : window.end;
    return value;
  }

  getAsOf(key: WindowedKey<unknown>): unknown {
    return this.get(key);
  }
}

/** The values of a table by time windows. */
export function windowView(name: string): ValueView {
  return { make: () => new WindowGetter(name) as ValueGetter, stores: [name] };
}

/** The values of a table by sessions. */
export function sessionView(name: string): ValueView {
  return { make: () => new SessionGetter(name) as ValueGetter, stores: [name] };
}
