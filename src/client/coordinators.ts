import { ERROR } from '../base/kafka-errors.ts';
import { API } from '../protocol/api-keys.ts';
import type { BrokerNode, Cluster } from './cluster.ts';
import type { Connection } from './connection.ts';
import { isResponseError, refuseError } from './response-error.ts';
import { withRetries } from './retry.ts';

/** What passes while a coordinator starts, loads or moves. */
const TRANSIENT = [
  ERROR.COORDINATOR_LOAD_IN_PROGRESS,
  ERROR.COORDINATOR_NOT_AVAILABLE,
  ERROR.NOT_COORDINATOR,
] as const;

/** From this version on FindCoordinator takes many keys. */
const BATCHED_VERSION = 4;
const KEY_TYPE_GROUP = 0;

/** Which broker coordinates a group; asked once and again when a broker denies it. */
export class Coordinators {
  readonly #cluster: Cluster;
  readonly #byGroup = new Map<string, BrokerNode>();

  constructor(cluster: Cluster) {
    this.#cluster = cluster;
  }

  /** Finds the coordinator, waiting until there is one. */
  find(group: string): Promise<BrokerNode> {
    return this.#retry(() => this.#lookUp(group));
  }

  /** Runs a request at the group's coordinator until it is loaded and says that it is the one. */
  run<T>(group: string, request: (connection: Connection) => Promise<T>): Promise<T> {
    return this.#retry(async () => {
      const node = this.#byGroup.get(group) ?? (await this.#lookUp(group));
      const connection = await this.#cluster.at(node);
      try {
        return await request(connection);
      } catch (thrown) {
        if (isResponseError(thrown, ...TRANSIENT)) this.#byGroup.delete(group);
        throw thrown;
      }
    });
  }

  #retry<T>(attempt: () => Promise<T>): Promise<T> {
    return withRetries({ codes: TRANSIENT, limitMs: this.#cluster.requestTimeoutMs }, attempt);
  }

  async #lookUp(group: string): Promise<BrokerNode> {
    const connection = await this.#cluster.any();
    const answer = await connection.ask(API.FIND_COORDINATOR, (version) => {
      const keyType = KEY_TYPE_GROUP;
      return version < BATCHED_VERSION
        ? { key: group, keyType }
        : { keyType, coordinatorKeys: [group] };
    });
    const found = answer.coordinators[0] ?? answer;
    refuseError(found.errorCode, found.errorMessage, `coordinator of group ${group}`);
    const node = { id: found.nodeId, host: found.host, port: found.port, rack: null };
    this.#byGroup.set(group, node);
    return node;
  }
}
