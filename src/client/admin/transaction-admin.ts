import { API } from '../../protocol/api-keys.ts';
import type { ResponseOf } from '../../protocol/api-registry.ts';
import { KafkaError, throwAnswerError } from '../errors/kafka-error.ts';
import type { Connection } from '../net/connection.ts';
import { byPlace, partitionName, type TopicPartition } from '../topic-partition.ts';
import type { AdminLink } from './admin-link.ts';
import type { CallOptions } from './call-options.ts';
import { CoordinatorRoute } from './coordinator-route.ts';
import { everyBroker } from './every-broker.ts';
import { LeaderRoute } from './leader-route.ts';
import { type Outcome, type Outcomes, outcomeOf } from './outcome.ts';

/** A transactional id as the list of all has it. */
export interface ListedTransaction {
  readonly transactionalId: string;
  /** The id of the broker that coordinates it. */
  readonly coordinator: number;
  readonly producerId: number;
  /** 'Ongoing', 'PrepareCommit', …, as Kafka names the states. */
  readonly state: string;
}

/** Which transactional ids are listed. */
export interface TransactionFilter {
  readonly states?: readonly string[];
  readonly producerIds?: readonly number[];
  /** Only transactions that have been open for longer than this. */
  readonly longerThanMs?: number | undefined;
  /** A regular expression, as the broker reads it. */
  readonly pattern?: string | undefined;
}

/** A transactional id as its coordinator has it. */
export interface TransactionDescription extends ListedTransaction {
  readonly producerEpoch: number;
  readonly timeoutMs: number;
  /** Null where no transaction is open. */
  readonly startMs: number | null;
  readonly partitions: readonly TopicPartition[];
}

/** The transaction to abort in one partition. */
export interface HangingTransaction extends TopicPartition {
  readonly producerId: number;
  readonly producerEpoch: number;
  /** -1 where it is not known. */
  readonly coordinatorEpoch: number;
}

/** The identity that fences all producers before it. */
export interface FencedProducer {
  readonly producerId: number;
  readonly producerEpoch: number;
}

const DURATION_VERSION = 1;
const PATTERN_VERSION = 2;
const ANY_DURATION = -1;
const IDS_MAX = 500;
/** InitProducerId is about one transactional id. */
const ONE = 1;

/** Transactions, as their coordinators and the leaders of their partitions know them. */
export class TransactionAdmin {
  readonly #link: AdminLink;

  constructor(link: AdminLink) {
    this.#link = link;
  }

  /** The transactional ids of all brokers that the filter lets through, by name. */
  async list(filter: TransactionFilter = {}, options?: CallOptions): Promise<ListedTransaction[]> {
    const lists = await everyBroker(this.#link, 'transactions', options, (connection, broker) => {
      return listAt(connection, broker, filter);
    });
    const listed = lists.flat();
    return listed.sort((one, other) => (one.transactionalId < other.transactionalId ? -1 : 1));
  }

  /** State, producer and partitions of each transactional id. */
  describe(
    transactionalIds: readonly string[],
    options?: CallOptions,
  ): Promise<Outcomes<string, TransactionDescription>> {
    const { cluster } = this.#link;
    const work = {
      what: 'the description of transactions',
      keys: transactionalIds,
      route: new CoordinatorRoute(cluster, cluster.transactions, IDS_MAX),
      subjectOf: idText,
      ask: async (
        connection: Connection,
        asked: readonly string[],
        outcomes: Map<string, Outcome<TransactionDescription>>,
      ) => {
        const body = { transactionalIds: [...asked] };
        const answer = await connection.ask(API.DESCRIBE_TRANSACTIONS, body);
        const coordinator = cluster.network.idAt(connection.address);
        for (const found of answer.transactionStates) {
          const { transactionalId, errorCode } = found;
          const value = () => ({ ...described(found), coordinator });
          outcomes.set(transactionalId, outcomeOf(errorCode, null, idText(transactionalId), value));
        }
      },
    };
    return this.#link.run(work, options);
  }

  /** Ends the open transaction of each id and fences its producer. */
  fence(
    transactionalIds: readonly string[],
    options?: CallOptions,
  ): Promise<Outcomes<string, FencedProducer>> {
    const { cluster, settings } = this.#link;
    const work = {
      what: 'the fencing of producers',
      keys: transactionalIds,
      route: new CoordinatorRoute(cluster, cluster.transactions, ONE),
      subjectOf: idText,
      ask: async (
        connection: Connection,
        [id = '']: readonly string[],
        outcomes: Map<string, Outcome<FencedProducer>>,
      ) => {
        const answer = await connection.ask(API.INIT_PRODUCER_ID, {
          transactionalId: id,
          transactionTimeoutMs: options?.timeoutMs ?? settings.defaultApiTimeoutMs,
          producerId: -1,
          producerEpoch: -1,
        });
        const { errorCode, producerId, producerEpoch } = answer;
        const value = () => ({ producerId, producerEpoch });
        outcomes.set(id, outcomeOf(errorCode, null, idText(id), value));
      },
    };
    return this.#link.run(work, options);
  }

  /** Writes an abort marker into one partition, as the transaction's coordinator would. */
  async abort(transaction: HangingTransaction, options?: CallOptions): Promise<void> {
    const { topic, partition, producerId, producerEpoch } = transaction;
    const marker = {
      producerId,
      producerEpoch,
      transactionResult: false,
      topics: [{ name: topic, partitionIndexes: [partition] }],
      // No coordinator has an epoch below 0, and no marker of it may be fenced.
      coordinatorEpoch: Math.max(transaction.coordinatorEpoch, 0),
    };
    const text = hangingText(transaction);
    const work = {
      what: `the abort of the ${text}`,
      keys: [transaction],
      route: new LeaderRoute<HangingTransaction>(this.#link.cluster),
      // A broker says so that leads the partition no more.
      passing: ['UNKNOWN_TOPIC_OR_PARTITION'] as const,
      subjectOf: hangingText,
      ask: async (
        connection: Connection,
        _: readonly HangingTransaction[],
        outcomes: Map<HangingTransaction, Outcome<null>>,
      ) => {
        const { markers } = await connection.ask(API.WRITE_TXN_MARKERS, { markers: [marker] });
        const written = markers[0]?.topics[0]?.partitions[0];
        if (written === undefined) return;
        const details = { topic, partition };
        outcomes.set(
          transaction,
          outcomeOf(written.errorCode, null, text, () => null, details),
        );
      },
    };
    await this.#link.runOne(work, options);
  }
}

async function listAt(
  connection: Connection,
  coordinator: number,
  filter: TransactionFilter,
): Promise<ListedTransaction[]> {
  const answer = await connection.ask(API.LIST_TRANSACTIONS, (version) => {
    refuseUnknownFilter(version, filter);
    return {
      stateFilters: [...(filter.states ?? [])],
      producerIdFilters: [...(filter.producerIds ?? [])],
      durationFilter: filter.longerThanMs ?? ANY_DURATION,
      transactionalIdPattern: filter.pattern ?? null,
    };
  });
  throwAnswerError(answer.errorCode, null, `transactions of broker ${coordinator}`);
  return answer.transactionStates.map(({ transactionalId, producerId, transactionState }) => {
    return { transactionalId, coordinator, producerId, state: transactionState };
  });
}

/** An older broker would ignore the filter and list too much. */
function refuseUnknownFilter(version: number, { longerThanMs, pattern }: TransactionFilter): void {
  const isUnknown =
    (longerThanMs !== undefined && version < DURATION_VERSION) ||
    (pattern !== undefined && version < PATTERN_VERSION);
  if (!isUnknown) return;
  const filter = pattern === undefined ? 'duration' : 'transactional id pattern';
  throw new KafkaError('UNSUPPORTED_VERSION', `the broker cannot filter by ${filter}`);
}

type FoundTransaction = ResponseOf<typeof API.DESCRIBE_TRANSACTIONS>['transactionStates'][number];

function described(found: FoundTransaction) {
  const partitions = found.topics.flatMap(({ topic, partitions: list }) => {
    return list.map((partition) => ({ topic, partition }));
  });
  return {
    transactionalId: found.transactionalId,
    producerId: found.producerId,
    producerEpoch: found.producerEpoch,
    state: found.transactionState,
    timeoutMs: found.transactionTimeoutMs,
    startMs: found.transactionStartTimeMs < 0 ? null : found.transactionStartTimeMs,
    partitions: partitions.sort(byPlace),
  };
}

function idText(transactionalId: string): string {
  return `transactional id ${transactionalId}`;
}

function hangingText(transaction: HangingTransaction): string {
  return `transaction of producer ${transaction.producerId} in ${partitionName(transaction)}`;
}
