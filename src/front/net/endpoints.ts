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
 * The addresses of brokers that a client is told, for the listener that it came through. A broker
 * that decides alone is at the address that `advertised.listeners` gives, or else at the one that
 * the client connected to. Others are at the addresses that they registered.
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
    const { listenerName } = call.connection;
    const found = this.#isAlone ? [this.#ownFor(call)] : [];
    for (const broker of this.#metadata.image.brokers.values()) {
      if (this.#isOwn(broker.id)) continue;
      const endpoint = broker.fenced ? null : endpointOf(broker, listenerName);
      if (endpoint !== null) found.push(endpoint);
    }
    return found;
  }

  /** Brokers that have this client's listener and are fenced, for whoever asks for them. */
  fencedFor(call: Call): BrokerEndpoint[] {
    const { listenerName } = call.connection;
    return [...this.#metadata.image.brokers.values()]
      .filter(({ fenced }) => fenced)
      .map((broker) => endpointOf(broker, listenerName))
      .filter((endpoint) => endpoint !== null);
  }

  /**
   * Where this client sends what is for the controller: to the leader of the quorum where that is a
   * broker, or else to this broker, which passes it on. An observer names one of the brokers.
   */
  controllerFor(call: Call): number {
    const { leaderId } = this.#metadata.quorum;
    const leader = this.nodeFor(leaderId, call)?.nodeId;
    if (leader !== undefined) return leader;
    const { cluster, nodeId } = this.#settings;
    if (cluster?.role !== 'observer') return nodeId;
    return this.brokersFor(call)[0]?.nodeId ?? -1;
  }

  /** Null when the node is fenced or unknown, or does not have the client's listener. */
  nodeFor(nodeId: number, call: Call): BrokerEndpoint | null {
    if (this.#isOwn(nodeId)) return this.#ownFor(call);
    const broker = this.#metadata.image.brokers.get(String(nodeId));
    const isOpen = broker !== undefined && !broker.fenced;
    return isOpen ? endpointOf(broker, call.connection.listenerName) : null;
  }

  /** A node of a cluster is told of like the others: as it registered, and while it is unfenced. */
  get #isAlone(): boolean {
    return this.#settings.cluster === null;
  }

  #isOwn(nodeId: number): boolean {
    return nodeId === this.#settings.nodeId && this.#isAlone;
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
  const { id: nodeId, rack, endpoints } = broker;
  const endpoint = endpoints.get(listenerName);
  return endpoint === undefined ? null : { nodeId, ...endpoint, rack };
}
