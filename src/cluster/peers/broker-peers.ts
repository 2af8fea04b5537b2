import { MillraceError } from '../../base/errors.ts';
import { type BrokerAddress, isSameAddress } from '../../client/broker-address.ts';
import { Connection } from '../../client/net/connection.ts';
import type { AskBody, ConnectionSettings } from '../../client/net/connection-settings.ts';
import type { MetadataView } from '../../metadata/metadata-view.ts';
import type { ApiKey } from '../../protocol/api-keys.ts';
import type { ResponseOf } from '../../protocol/api-registry.ts';

export interface BrokerPeersOptions {
  readonly view: Pick<MetadataView, 'image'>;
  /** The name of the listener by which brokers reach each other. */
  readonly listener: string;
  readonly connections: ConnectionSettings;
}

interface Peer {
  readonly address: BrokerAddress;
  readonly opening: Promise<Connection>;
  connection: Connection | null;
}

/** The other brokers of the cluster, each over one connection that is opened when it is needed. */
export class BrokerPeers {
  readonly #options: BrokerPeersOptions;
  readonly #peers = new Map<number, Peer>();

  constructor(options: BrokerPeersOptions) {
    this.#options = options;
  }

  /**
   * Asks in the highest version that both know, at most `maxVersion`. Rejects where the broker does
   * not answer.
   */
  async ask<Key extends ApiKey>(
    nodeId: number,
    apiKey: Key,
    body: AskBody<Key>,
    maxVersion?: number,
  ): Promise<ResponseOf<Key>> {
    const connection = await this.#connect(nodeId);
    return connection.ask(apiKey, body, maxVersion === undefined ? {} : { maxVersion });
  }

  close(): void {
    for (const { connection } of this.#peers.values()) connection?.close();
    this.#peers.clear();
  }

  async #connect(nodeId: number): Promise<Connection> {
    const address = this.#addressOf(nodeId);
    const known = this.#peers.get(nodeId);
    if (known !== undefined && isOpenAt(known, address)) return known.opening;
    known?.connection?.close();
    const opening = Connection.open(address, this.#options.connections);
    const peer: Peer = { address, opening, connection: null };
    this.#peers.set(nodeId, peer);
    try {
      peer.connection = await opening;
    } catch (thrown) {
      if (this.#peers.get(nodeId) === peer) this.#peers.delete(nodeId);
      throw thrown;
    }
    // The broker has moved meanwhile, or this node stops.
    if (this.#peers.get(nodeId) !== peer) peer.connection.close();
    return peer.connection;
  }

  #addressOf(nodeId: number): BrokerAddress {
    const { view, listener } = this.#options;
    const broker = view.image.brokers.get(String(nodeId));
    const endpoint = broker?.endpoints.get(listener);
    if (endpoint !== undefined && !broker!.fenced) return { ...endpoint, id: nodeId };
    const message = `broker ${nodeId} is not reachable by listener ${listener}`;
    throw new MillraceError('MILLRACE_CONNECTION', message);
  }
}

/** Also where it is still being opened. */
function isOpenAt({ address, connection }: Peer, wanted: BrokerAddress): boolean {
  return isSameAddress(address, wanted) && connection?.isOpen !== false;
}
