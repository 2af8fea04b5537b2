import { MillraceError, reasonOf } from '../base/errors.ts';
import { ERROR } from '../base/kafka-errors.ts';
import { API } from '../protocol/api-keys.ts';
import type { MetadataResponse } from '../protocol/schema/03-metadata.ts';
import { ZERO_UUID } from '../protocol/schema-dsl.ts';
import { type BrokerAddress, formatAddress, parseBootstrapServers } from './broker-address.ts';
import { Connection, type ConnectionOptions } from './connection.ts';
import { isResponseError, refuseError } from './response-error.ts';
import { withRetries } from './retry.ts';

export interface ClusterOptions {
  /** `host:port[,host:port]…` */
  readonly bootstrapServers: string;
  readonly clientId?: string;
  readonly connectTimeoutMs?: number;
  readonly requestTimeoutMs?: number;
}

export interface BrokerNode extends BrokerAddress {
  readonly id: number;
  readonly rack: string | null;
}

const CONNECT_TIMEOUT_MS = 5_000;
const REQUEST_TIMEOUT_MS = 30_000;

/** The brokers of a cluster, found through the bootstrap servers, and a connection to each. */
export class Cluster {
  readonly requestTimeoutMs: number;
  readonly #bootstrap: readonly BrokerAddress[];
  readonly #options: ConnectionOptions;
  /** By address. A connection that failed is replaced at the next request. */
  readonly #connections = new Map<string, Promise<Connection>>();
  #nodes = new Map<number, BrokerNode>();
  #controllerId = -1;

  constructor(options: ClusterOptions) {
    this.#bootstrap = parseBootstrapServers(options.bootstrapServers);
    this.requestTimeoutMs = options.requestTimeoutMs ?? REQUEST_TIMEOUT_MS;
    this.#options = {
      clientId: options.clientId ?? 'millrace',
      connectTimeoutMs: options.connectTimeoutMs ?? CONNECT_TIMEOUT_MS,
      requestTimeoutMs: this.requestTimeoutMs,
    };
  }

  /** Any broker that answers: a known one, or else a bootstrap server. */
  async any(): Promise<Connection> {
    const failures: string[] = [];
    const known = [...this.#nodes.values(), ...this.#bootstrap];
    const tried = new Set<string>();
    for (const address of known) {
      const name = formatAddress(address);
      if (tried.has(name)) continue;
      tried.add(name);
      try {
        return await this.#connect(address);
      } catch (thrown) {
        if (!(thrown instanceof MillraceError)) throw thrown;
        failures.push(reasonOf(thrown));
      }
    }
    throw new MillraceError('MILLRACE_CONNECTION', failures.join('; '));
  }

  /** The broker with this id. */
  async node(id: number): Promise<Connection> {
    if (!this.#nodes.has(id)) await this.metadata([]);
    const node = this.#nodes.get(id);
    if (node === undefined) {
      throw new MillraceError('MILLRACE_CONNECTION', `the cluster has no broker ${id} now`);
    }
    return this.#connect(node);
  }

  at(address: BrokerAddress): Promise<Connection> {
    return this.#connect(address);
  }

  async controller(): Promise<Connection> {
    if (this.#controllerId < 0) await this.metadata([]);
    return this.#controllerId < 0 ? this.any() : this.node(this.#controllerId);
  }

  async nodes(): Promise<BrokerNode[]> {
    if (this.#nodes.size === 0) await this.metadata([]);
    return [...this.#nodes.values()];
  }

  /** Asks about some topics, or about all with null. It never creates topics. */
  async metadata(names: readonly string[] | null): Promise<MetadataResponse> {
    const connection = await this.any();
    const topics = names?.map((name) => ({ topicId: ZERO_UUID, name })) ?? null;
    const answer = await connection.ask(API.METADATA, {
      topics,
      allowAutoTopicCreation: false,
    });
    refuseError(answer.errorCode, null, 'metadata');
    this.#nodes = new Map(
      answer.brokers.map(({ nodeId, host, port, rack }) => {
        return [nodeId, { id: nodeId, host, port, rack }];
      }),
    );
    this.#controllerId = answer.controllerId;
    return answer;
  }

  /** Runs a change at the controller, and again where the controller has moved. */
  atController<T>(run: (connection: Connection) => Promise<T>): Promise<T> {
    const retry = { codes: [ERROR.NOT_CONTROLLER], limitMs: this.requestTimeoutMs };
    return withRetries(retry, async () => {
      try {
        return await run(await this.controller());
      } catch (thrown) {
        if (isResponseError(thrown, ERROR.NOT_CONTROLLER)) this.#controllerId = -1;
        throw thrown;
      }
    });
  }

  async close(): Promise<void> {
    const connections = [...this.#connections.values()];
    this.#connections.clear();
    for (const outcome of await Promise.allSettled(connections)) {
      if (outcome.status === 'fulfilled') outcome.value.close();
    }
  }

  [Symbol.asyncDispose](): Promise<void> {
    return this.close();
  }

  async #connect(address: BrokerAddress): Promise<Connection> {
    const name = formatAddress(address);
    let opening = this.#connections.get(name);
    while (opening !== undefined) {
      const connection = await opening;
      if (connection.isOpen) return connection;
      const current = this.#connections.get(name);
      if (current === opening) break;
      opening = current;
    }
    const fresh = Connection.open(address, this.#options);
    this.#connections.set(name, fresh);
    try {
      return await fresh;
    } catch (thrown) {
      if (this.#connections.get(name) === fresh) this.#connections.delete(name);
      throw thrown;
    }
  }
}
