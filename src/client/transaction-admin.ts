import { MillraceError } from '../base/errors.ts';
import { ERROR } from '../base/kafka-errors.ts';
import { API } from '../protocol/api-keys.ts';
import type { BrokerNode, Cluster } from './cluster.ts';
import type { Connection } from './connection.ts';
import type { Coordinators } from './coordinators.ts';
import { onlyAnswer } from './only-answer.ts';
import { isResponseError, refuseError } from './response-error.ts';
import { withRetries } from './retry.ts';
import { byPlace, type TopicPartition } from './topic-partition.ts';

export interface ListedTransaction {
  readonly transactionalId: string;
  /** The id of the broker that coordinates it. */
  readonly coordinator: number;
  readonly producerId: number;
  /** 'Ongoing', 'PrepareCommit', …, as Kafka names the states. */
  readonly state: string;
}

export interface TransactionFilter {
  readonly producerIds?: readonly number[];
  /** Only transactions that have been open for longer than this. */
  readonly longerThanMs?: number | undefined;
  /** A regular expression, as the broker reads it. */
  readonly pattern?: string | undefined;
}

export interface TransactionDescription extends ListedTransaction {
  readonly producerEpoch: number;
  readonly timeoutMs: number;
  /** Null where no transaction is open. */
  readonly startMs: number | null;
  readonly partitions: readonly TopicPartition[];
}

const DURATION_VERSION = 1;
const PATTERN_VERSION = 2;
const ANY_DURATION = -1;
const LOADING = [ERROR.COORDINATOR_LOAD_IN_PROGRESS] as const;

/** Transactions, as their coordinators know them. */
export class TransactionAdmin {
  readonly #cluster: Cluster;
  readonly #coordinators: Coordinators;

  constructor(cluster: Cluster, coordinators: Coordinators) {
    this.#cluster = cluster;
    this.#coordinators = coordinators;
  }

  /** The transactional ids of all brokers that the filter lets through, by name. */
  async list(filter: TransactionFilter = {}): Promise<ListedTransaction[]> {
    const listed: ListedTransaction[] = [];
    for (const node of await this.#cluster.nodes()) {
      const retry = { codes: LOADING, limitMs: this.#cluster.requestTimeoutMs };
      listed.push(...(await withRetries(retry, () => this.#listAt(node, filter))));
    }
    return listed.sort((one, other) => (one.transactionalId < other.transactionalId ? -1 : 1));
  }

  async #listAt(node: BrokerNode, filter: TransactionFilter): Promise<ListedTransaction[]> {
    const connection = await this.#cluster.at(node);
    const answer = await connection.ask(API.LIST_TRANSACTIONS, (version) => {
      refuseUnknownFilter(version, filter);
      return {
        stateFilters: [],
        producerIdFilters: [...(filter.producerIds ?? [])],
        durationFilter: filter.longerThanMs ?? ANY_DURATION,
        transactionalIdPattern: filter.pattern ?? null,
      };
    });
    refuseError(answer.errorCode, null, `transactions of broker ${node.id}`);
    return answer.transactionStates.map((each) => ({
      transactionalId: each.transactionalId,
      coordinator: node.id,
      producerId: each.producerId,
      state: each.transactionState,
    }));
  }

  async describe(transactionalId: string): Promise<TransactionDescription> {
    const described = await this.#coordinators.run(transactionalId, (connection) => {
      return ask(connection, transactionalId);
    });
    const { id: coordinator } = await this.#coordinators.find(transactionalId);
    return { ...described, coordinator };
  }

  /** Null where the coordinator knows no such id. */
  async find(transactionalId: string): Promise<TransactionDescription | null> {
    try {
      return await this.describe(transactionalId);
    } catch (thrown) {
      if (isResponseError(thrown, ERROR.TRANSACTIONAL_ID_NOT_FOUND)) return null;
      throw thrown;
    }
  }
}

/** An older broker would ignore the filter and list too much. */
function refuseUnknownFilter(version: number, { longerThanMs, pattern }: TransactionFilter): void {
  const isUnknown =
    (longerThanMs !== undefined && version < DURATION_VERSION) ||
    (pattern !== undefined && version < PATTERN_VERSION);
  if (!isUnknown) return;
  const filter = pattern === undefined ? 'duration' : 'transactional id pattern';
  throw new MillraceError('MILLRACE_PROTOCOL', `the broker cannot filter by ${filter}`);
}

async function ask(connection: Connection, transactionalId: string) {
  const answer = await connection.ask(API.DESCRIBE_TRANSACTIONS, {
    transactionalIds: [transactionalId],
  });
  const subject = `transactional id ${transactionalId}`;
  const found = onlyAnswer(answer.transactionStates, subject);
  refuseError(found.errorCode, null, subject);
  const partitions = found.topics.flatMap(({ topic, partitions: list }) => {
    return list.map((partition) => ({ topic, partition }));
  });
  return {
    transactionalId,
    producerId: found.producerId,
    producerEpoch: found.producerEpoch,
    state: found.transactionState,
    timeoutMs: found.transactionTimeoutMs,
    startMs: found.transactionStartTimeMs < 0 ? null : found.transactionStartTimeMs,
    partitions: partitions.sort(byPlace),
  };
}
