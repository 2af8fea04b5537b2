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
  /** Nobody waits any more for it to open. */
  giveUp(): void;
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

  /** What that broker was asked is not waited for any more. It may be asked again. */
  drop(nodeId: number): void {
    const peer = this.#peers.get(nodeId);
    this.#peers.delete(nodeId);
    peer?.giveUp();
    peer?.connection?.close();
  }

  close(): void {
    for (const nodeId of [...this.#peers.keys()]) this.drop(nodeId);
  }

  async #connect(nodeId: number): Promise<Connection> {
    const address = this.#addressOf(nodeId);
    const known = this.#peers.get(nodeId);
    if (known !== undefined && isOpenAt(known, address)) return known.opening;
    known?.connection?.close();
    const peer = this.#open(nodeId, address);
    this.#peers.set(nodeId, peer);
    try {
      peer.connection = await peer.opening;
    } catch (thrown) {
      if (this.#peers.get(nodeId) === peer) this.#peers.delete(nodeId);
      throw thrown;
    }
    return peer.connection;
  }

  #open(nodeId: number, address: BrokerAddress): Peer {
    let giveUp = () => {};
    const givenUp = new Promise<never>((_, reject) => {
      const error = new MillraceError('MILLRACE_CONNECTION', `broker ${nodeId} is given up`);
      giveUp = () => reject(error);
    });
    const opening = Promise.race([this.#opened(nodeId, address), givenUp]);
    return { address, opening, connection: null, giveUp };
  }

  async #opened(nodeId: number, address: BrokerAddress): Promise<Connection> {
    const connection = await Connection.open(address, this.#options.connections);
    // The broker has moved meanwhile, or nobody waits for it any more.
    if (this.#peers.get(nodeId)?.address !== address) connection.close();
    return connection;
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
