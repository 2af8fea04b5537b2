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

/** What is coordinated: the key type of a request, and what messages call it. */
export interface CoordinatedType {
  readonly keyType: number;
  readonly name: string;
}

export const COORDINATED = {
  GROUP: { keyType: 0, name: 'group' },
  TRANSACTION: { keyType: 1, name: 'transactional id' },
} as const satisfies Record<string, CoordinatedType>;

/**
 * Finds the broker that coordinates a group or a transactional id, and asks again when a broker
 * denies it.
 */
export class Coordinators {
  readonly #cluster: Cluster;
  readonly #type: CoordinatedType;
  readonly #byKey = new Map<string, BrokerNode>();

  constructor(cluster: Cluster, type: CoordinatedType = COORDINATED.GROUP) {
    this.#cluster = cluster;
    this.#type = type;
  }

  /** Finds the coordinator, waiting until there is one. */
  find(key: string): Promise<BrokerNode> {
    return this.#retry(() => this.#lookUp(key));
  }

  /** Runs a request at the coordinator until that has loaded and does not deny its role. */
  run<T>(key: string, request: (connection: Connection) => Promise<T>): Promise<T> {
    return this.#retry(async () => {
      const node = this.#byKey.get(key) ?? (await this.#lookUp(key));
      const connection = await this.#cluster.at(node);
      try {
        return await request(connection);
      } catch (thrown) {
        if (isResponseError(thrown, ...TRANSIENT)) this.#byKey.delete(key);
        throw thrown;
      }
    });
  }

  #retry<T>(attempt: () => Promise<T>): Promise<T> {
    return withRetries({ codes: TRANSIENT, limitMs: this.#cluster.requestTimeoutMs }, attempt);
  }

  async #lookUp(key: string): Promise<BrokerNode> {
    const connection = await this.#cluster.any();
    const answer = await connection.ask(API.FIND_COORDINATOR, (version) => {
      const { keyType } = this.#type;
      return version < BATCHED_VERSION ? { key, keyType } : { keyType, coordinatorKeys: [key] };
    });
    const found = answer.coordinators[0] ?? answer;
    refuseError(found.errorCode, found.errorMessage, `coordinator of ${this.#type.name} ${key}`);
    const node = { id: found.nodeId, host: found.host, port: found.port, rack: null };
    this.#byKey.set(key, node);
    return node;
  }
}
