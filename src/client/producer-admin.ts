import { ERROR } from '../base/kafka-errors.ts';
import { API } from '../protocol/api-keys.ts';
import type { Cluster } from './cluster.ts';
import { groupByLeader, LEADER_TRANSIENT } from './leaders.ts';
import { onlyAnswer } from './only-answer.ts';
import { refuseError } from './response-error.ts';
import { withRetries } from './retry.ts';
import { byTopic, partitionName, type TopicPartition } from './topic-partition.ts';

/** What a partition knows of one producer. */
export interface PartitionProducer extends TopicPartition {
  readonly producerId: number;
  readonly producerEpoch: number;
  /** -1 where no transaction of the producer has ended here. */
  readonly coordinatorEpoch: number;
  readonly lastSequence: number;
  readonly lastTimestamp: number;
  /** Null where the producer has no transaction open here. */
  readonly transactionStart: number | null;
}

/** The transaction to abort in one partition. */
export interface AbortedTransaction extends TopicPartition {
  readonly producerId: number;
  readonly producerEpoch: number;
  readonly coordinatorEpoch: number;
}

/** A larger request would hold up its broker. */
const PARTITIONS_MAX = 500;
const MARKER_TRANSIENT = [...LEADER_TRANSIENT, ERROR.UNKNOWN_TOPIC_OR_PARTITION] as const;

/** Producers as the leaders of partitions know them, and the end of a transaction by hand. */
export class ProducerAdmin {
  readonly #cluster: Cluster;

  constructor(cluster: Cluster) {
    this.#cluster = cluster;
  }

  /** The active producers of these partitions. */
  async describe(partitions: readonly TopicPartition[]): Promise<PartitionProducer[]> {
    const producers: PartitionProducer[] = [];
    for (let at = 0; at < partitions.length; at += PARTITIONS_MAX) {
      producers.push(...(await this.#describeSome(partitions.slice(at, at + PARTITIONS_MAX))));
    }
    return producers;
  }

  #describeSome(partitions: readonly TopicPartition[]): Promise<PartitionProducer[]> {
    const retry = { codes: LEADER_TRANSIENT, limitMs: this.#cluster.requestTimeoutMs };
    return withRetries(retry, async () => {
      const producers: PartitionProducer[] = [];
      for (const [leader, led] of await groupByLeader(this.#cluster, partitions)) {
        producers.push(...(await this.#describeAt(leader, led)));
      }
      return producers;
    });
  }

  async #describeAt(
    leader: number,
    partitions: readonly TopicPartition[],
  ): Promise<PartitionProducer[]> {
    const connection = await this.#cluster.node(leader);
    const topics = Array.from(byTopic(partitions), ([name, list]) => ({
      name,
      partitionIndexes: list.map(({ partition }) => partition),
    }));
    const answer = await connection.ask(API.DESCRIBE_PRODUCERS, { topics });
    return answer.topics.flatMap(({ name: topic, partitions: list }) =>
      list.flatMap(({ partitionIndex: partition, errorCode, errorMessage, activeProducers }) => {
        refuseError(errorCode, errorMessage, `partition ${partitionName({ topic, partition })}`);
        return activeProducers.map(({ currentTxnStartOffset, ...producer }) => ({
          topic,
          partition,
          ...producer,
          transactionStart: currentTxnStartOffset < 0 ? null : currentTxnStartOffset,
        }));
      }),
    );
  }

  /** Writes an abort marker, as the transaction's coordinator would. */
  abort(transaction: AbortedTransaction): Promise<void> {
    const { topic, partition, producerId, producerEpoch } = transaction;
    const subject = `transaction of producer ${producerId} in ${partitionName(transaction)}`;
    const marker = {
      producerId,
      producerEpoch,
      transactionResult: false,
      topics: [{ name: topic, partitionIndexes: [partition] }],
      // No coordinator has an epoch below 0, and no marker of it may be fenced.
      coordinatorEpoch: Math.max(transaction.coordinatorEpoch, 0),
    };
    const retry = { codes: MARKER_TRANSIENT, limitMs: this.#cluster.requestTimeoutMs };
    return withRetries(retry, async () => {
      const leaders = await groupByLeader(this.#cluster, [{ topic, partition }]);
      const connection = await this.#cluster.node([...leaders.keys()][0]!);
      const answer = await connection.ask(API.WRITE_TXN_MARKERS, { markers: [marker] });
      const [result] = onlyAnswer(answer.markers, subject).topics;
      const written = onlyAnswer(result?.partitions ?? [], subject);
      refuseError(written.errorCode, null, subject);
    });
  }
}
