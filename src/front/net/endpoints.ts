import type { BrokerSettings } from '../../metadata/config/broker-settings.ts';
import type { BrokerMetadata } from '../../metadata/image.ts';
import type { MetadataView } from '../../metadata/metadata-view.ts';
import type { Call } from './call.ts';
import type { Listener } from './listener.ts';

export interface BrokerEndpoint {
  readonly nodeId: number;
  readonly host: string;
  readonly port: number;
  readonly rack: string | null;
}

/**
 * The addresses of brokers that a client is told, for the listener that it came through. This
 * broker is at the address that `advertised.listeners` gives, or else at the one that the client
 * connected to. The other brokers are at the addresses that they registered.
 */
export class Endpoints {
  readonly #settings: BrokerSettings;
  readonly #metadata: MetadataView;
  readonly #listeners: readonly Listener[];

  constructor(settings: BrokerSettings, metadata: MetadataView, listeners: readonly Listener[]) {
    this.#settings = settings;
    this.#metadata = metadata;
    this.#listeners = listeners;
  }

  /** Every broker that this client can use: this one, and the others that are not fenced. */
  brokersFor(call: Call): BrokerEndpoint[] {
    const own = this.#ownFor(call);
    const { listenerName } = call.connection;
    const found = [own];
    for (const broker of this.#metadata.image.brokers.values()) {
      if (broker.id === own.nodeId) continue;
      const endpoint = endpointOf(broker, listenerName);
      if (endpoint !== null) found.push(endpoint);
    }
    return found;
  }

  /**
   * Where this client sends what is for the controller: to the leader of the quorum where that is a
   * broker, or else to this broker, which passes it on.
   */
  controllerFor(call: Call): number {
    const { leaderId } = this.#metadata.quorum;
    return this.nodeFor(leaderId, call)?.nodeId ?? this.#settings.nodeId;
  }

  /** Null when the node is fenced or unknown, or does not have the client's listener. */
  nodeFor(nodeId: number, call: Call): BrokerEndpoint | null {
    if (nodeId === this.#settings.nodeId) return this.#ownFor(call);
    const broker = this.#metadata.image.brokers.get(String(nodeId));
    return broker === undefined ? null : endpointOf(broker, call.connection.listenerName);
  }

  #ownFor(call: Call): BrokerEndpoint {
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

function endpointOf(broker: BrokerMetadata, listenerName: string): BrokerEndpoint | null {
  const { id: nodeId, fenced, rack, endpoints } = broker;
  const endpoint = endpoints.get(listenerName);
  return endpoint === undefined || fenced ? null : { nodeId, ...endpoint, rack };
}
