import { tcpOpener } from '#tcp-transport';
import { reasonOf } from '../../base/errors.ts';
import { type BrokerAddress, formatAddress, parseBootstrapServers } from '../broker-address.ts';
import type { ClientSettings } from '../config/client-options.ts';
import { KafkaError, toKafkaError } from '../errors/kafka-error.ts';
import type { Connection } from './connection.ts';
import { LANE, Lane, type LanePurpose, type LaneSettings } from './lane.ts';
import type { NetworkObserver } from './network-observer.ts';
import { RequestClock } from './request-clock.ts';
import type { OpenTransport } from './transport.ts';
import { WebSocketServers } from './websocket-servers.ts';

export interface BrokerNode extends BrokerAddress {
  readonly id: number;
  readonly rack: string | null;
}

/** All connections of one client: a lane for each broker and purpose. */
export class Network {
  readonly clock: RequestClock;
  readonly #bootstrap: readonly BrokerAddress[];
  readonly #settings: LaneSettings;
  readonly #lanes = new Map<number, Map<LanePurpose, Lane>>();
  readonly #bootstrapLanes = new Map<string, Lane>();
  #nodes = new Map<number, BrokerNode>();
  #isClosed = false;

  constructor(settings: ClientSettings, observer: NetworkObserver) {
    const { addresses, openTransport } = waysTo(settings);
    this.#bootstrap = addresses;
    this.clock = new RequestClock((thrown) => settings.onError(toKafkaError(thrown)));
    this.#settings = {
      clientId: settings.clientId,
      requestTimeoutMs: settings.requestTimeoutMs,
      connectTimeoutMs: settings.socketConnectionSetupTimeoutMs,
      maxIdleMs: settings.connectionsMaxIdleMs,
      reconnectBackoffMs: settings.reconnectBackoffMs,
      reconnectBackoffMaxMs: settings.reconnectBackoffMaxMs,
      sasl: settings.sasl,
      openTransport,
      clock: this.clock,
      observer,
      onError: settings.onError,
    };
  }

  get nodes(): ReadonlyMap<number, BrokerNode> {
    return this.#nodes;
  }

  get isClosed(): boolean {
    return this.#isClosed;
  }

  /** The id of the broker there, -1 where none is known. */
  idAt({ host, port }: BrokerAddress): number {
    for (const node of this.#nodes.values()) {
      if (node.host === host && node.port === port) return node.id;
    }
    return -1;
  }

  /** The brokers that there are now. Lanes of others close; lanes of moved ones move. */
  setNodes(nodes: readonly BrokerNode[]): void {
    this.#nodes = new Map(nodes.map((node) => [node.id, node]));
    for (const [id, lanes] of this.#lanes) {
      const node = this.#nodes.get(id);
      for (const lane of lanes.values()) {
        if (node === undefined) lane.close();
        else lane.moveTo(node);
      }
      if (node === undefined) this.#lanes.delete(id);
    }
  }

  /** A broker that an answer named ahead of the next metadata (KIP-951). */
  addNode(node: BrokerNode): void {
    if (node.port < 0) return;
    this.#nodes.set(node.id, node);
    for (const lane of this.#lanes.get(node.id)?.values() ?? []) lane.moveTo(node);
  }

  /** Null where the cluster has no such broker now. */
  lane(nodeId: number, purpose: LanePurpose): Lane | null {
    const node = this.#nodes.get(nodeId);
    if (node === undefined || this.#isClosed) return null;
    let lanes = this.#lanes.get(nodeId);
    if (lanes === undefined) {
      lanes = new Map();
      this.#lanes.set(nodeId, lanes);
    }
    let lane = lanes.get(purpose);
    if (lane === undefined) {
      lane = new Lane(node, purpose, this.#settings);
      lanes.set(purpose, lane);
    }
    return lane;
  }

  /** A connection to this broker. */
  async connect(nodeId: number, purpose: LanePurpose): Promise<Connection> {
    const lane = this.lane(nodeId, purpose);
    if (lane !== null) return lane.connect();
    this.requireOpen();
    throw new KafkaError('BROKER_NOT_AVAILABLE', `the cluster has no broker ${nodeId} now`, {
      category: 'refresh-retriable',
    });
  }

  /** A connection to any broker that answers: a known one, or else a bootstrap server. */
  async any(): Promise<Connection> {
    this.requireOpen();
    const known = shuffled([...this.#nodes.keys()]).map((id) => this.lane(id, LANE.CONTROL)!);
    const open = known.find(({ current }) => current !== null)?.current;
    if (open !== undefined && open !== null) return open;
    const rested = known.filter(({ isBackingOff }) => !isBackingOff);
    return this.#firstOf([...rested, ...this.#bootstrapOrder()]);
  }

  /** A connection that is open, null where none is. */
  open(): Connection | null {
    for (const { current, purpose } of this.#allLanes()) {
      if (current !== null && purpose !== LANE.FETCH) return current;
    }
    return null;
  }

  /** A connection to a bootstrap server, whatever is known of the cluster. */
  bootstrap(): Promise<Connection> {
    this.requireOpen();
    return this.#firstOf(this.#bootstrapOrder());
  }

  /** The highest level of a finalized feature that an open connection was told of. */
  featureLevel(name: string): number {
    let epoch = -2;
    let level = 0;
    for (const { current } of this.#allLanes()) {
      if (current === null || current.featuresEpoch <= epoch) continue;
      epoch = current.featuresEpoch;
      level = current.featureLevel(name);
    }
    return level;
  }

  /** Requests of all connections that have no answer yet. */
  get requestsInFlight(): number {
    let count = 0;
    for (const { current } of this.#allLanes()) count += current?.inFlight ?? 0;
    return count;
  }

  requireOpen(): void {
    if (this.#isClosed) throw new KafkaError('CLOSED', 'the client is closed');
  }

  close(): void {
    if (this.#isClosed) return;
    this.#isClosed = true;
    const error = new KafkaError('CLOSED', 'the client is closed');
    for (const lane of this.#allLanes()) lane.close(error);
    this.#lanes.clear();
  }

  async #firstOf(lanes: readonly Lane[]): Promise<Connection> {
    const failures: string[] = [];
    const tried = new Set<string>();
    let last: unknown = null;
    for (const lane of lanes) {
      const name = formatAddress(lane.address);
      if (tried.has(name)) continue;
      tried.add(name);
      try {
        return await lane.connect();
      } catch (thrown) {
        this.requireOpen();
        last = thrown;
        failures.push(reasonOf(thrown));
      }
    }
    const error = toKafkaError(last, 'NETWORK_EXCEPTION');
    // A refused password is refused everywhere: its code says more than that of the network.
    const { code, category } = error;
    throw new KafkaError(code, failures.join('; '), { cause: last, category });
  }

  #bootstrapOrder(): Lane[] {
    return shuffled(this.#bootstrap).map((address) => {
      const name = formatAddress(address);
      let lane = this.#bootstrapLanes.get(name);
      if (lane === undefined) {
        lane = new Lane(address, LANE.CONTROL, this.#settings);
        this.#bootstrapLanes.set(name, lane);
      }
      return lane;
    });
  }

  *#allLanes(): Generator<Lane> {
    for (const lanes of this.#lanes.values()) yield* lanes.values();
    yield* this.#bootstrapLanes.values();
  }
}

/** Where the bootstrap servers are and how brokers are reached. */
function waysTo({ bootstrapServers, transport, ssl }: ClientSettings) {
  const text = typeof bootstrapServers === 'string' ? bootstrapServers : bootstrapServers.join(',');
  const gateways = WebSocketServers.of(text.split(',').map((each) => each.trim()));
  if (gateways !== null) {
    const open: OpenTransport = (address, events) => gateways.open(address, events);
    return { addresses: gateways.addresses, openTransport: transport ?? open };
  }
  return { addresses: parseServers(text), openTransport: transport ?? tcpOpener(ssl) };
}

function parseServers(servers: string): BrokerAddress[] {
  try {
    return parseBootstrapServers(servers);
  } catch (thrown) {
    throw new KafkaError('BAD_ARGUMENT', reasonOf(thrown), { cause: thrown });
  }
}

/** Clients that start at once must not all ask the first broker. */
function shuffled<T>(list: readonly T[]): T[] {
  const order = [...list];
  for (let i = order.length - 1; i > 0; i--) {
    const j = Math.floor(Math.random() * (i + 1));
    [order[i], order[j]] = [order[j]!, order[i]!];
  }
  return order;
}
