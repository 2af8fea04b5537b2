import type { BrokerSettings } from '../../metadata/config/broker-settings.ts';
import type { Call } from './call.ts';
import type { Listener } from './listener.ts';

export interface BrokerEndpoint {
  readonly nodeId: number;
  readonly host: string;
  readonly port: number;
  readonly rack: string | null;
}

/**
 * Where clients are told to find the broker: at what `advertised.listeners` says for the listener
 * they came through, else at the address that they connected to, which they can reach.
 */
export class Endpoints {
  readonly #settings: BrokerSettings;
  readonly #listeners: readonly Listener[];

  constructor(settings: BrokerSettings, listeners: readonly Listener[]) {
    this.#settings = settings;
    this.#listeners = listeners;
  }

  brokerFor(call: Call): BrokerEndpoint {
    const { nodeId, rack, advertised } = this.#settings;
    const { listenerName, transport } = call.connection;
    const { localAddress, localPort } = transport;
    const endpoint = advertised.get(listenerName);
    if (endpoint === undefined) return { nodeId, host: localAddress, port: localPort, rack };
    return { nodeId, host: endpoint.host, port: this.#portOf(endpoint, listenerName), rack };
  }

  /** A listener on port 0 has its port from the system. It is advertised if none was named. */
  #portOf(endpoint: { readonly port: number }, listenerName: string): number {
    if (endpoint.port !== 0) return endpoint.port;
    return this.#listeners.find((listener) => listener.name === listenerName)?.port ?? 0;
  }
}
