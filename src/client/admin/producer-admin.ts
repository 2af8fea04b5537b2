import { API } from '../../protocol/api-keys.ts';
import type { Connection } from '../net/connection.ts';
import { byTopic, type TopicPartition } from '../topic-partition.ts';
import type { AdminLink } from './admin-link.ts';
import type { CallOptions } from './call-options.ts';
import { LeaderRoute } from './leader-route.ts';
import {
  type Outcome,
  type PartitionOutcome,
  partitionOutcomes,
  partitionsByName,
  partitionText,
} from './outcome.ts';
import { answeredIn, settlePartitions } from './partition-answers.ts';

/** What a partition knows of one producer. */
export interface PartitionProducer {
  readonly producerId: number;
  readonly producerEpoch: number;
  /** -1 where no transaction of the producer has ended here. */
  readonly coordinatorEpoch: number;
  readonly lastSequence: number;
  readonly lastTimestamp: number;
  /** Null where the producer has no transaction open here. */
  readonly transactionStart: number | null;
}

/** A larger request would hold up its broker. */
const PARTITIONS_MAX = 500;

/** Producers as the leaders of partitions know them. */
export class ProducerAdmin {
  readonly #link: AdminLink;

  constructor(link: AdminLink) {
    this.#link = link;
  }

  /** The active producers of each partition. */
  async describe(
    partitions: readonly TopicPartition[],
    options?: CallOptions,
  ): Promise<PartitionOutcome<PartitionProducer[]>[]> {
    const work = {
      what: 'the description of producers',
      keys: partitionsByName(partitions).values(),
      route: new LeaderRoute<TopicPartition>(this.#link.cluster, PARTITIONS_MAX),
      subjectOf: partitionText,
      ask: askProducers,
    };
    return partitionOutcomes(await this.#link.run(work, options));
  }
}

async function askProducers(
  connection: Connection,
  asked: readonly TopicPartition[],
  outcomes: Map<TopicPartition, Outcome<PartitionProducer[]>>,
): Promise<void> {
  const topics = Array.from(byTopic(asked), ([name, list]) => ({
    name,
    partitionIndexes: list.map(({ partition }) => partition),
  }));
  const answer = await connection.ask(API.DESCRIBE_PRODUCERS, { topics });
  settlePartitions(asked, answeredIn(answer.topics), outcomes, ({ activeProducers }) =>
    activeProducers.map(({ currentTxnStartOffset, ...producer }) => ({
      ...producer,
      transactionStart: currentTxnStartOffset < 0 ? null : currentTxnStartOffset,
    })),
  );
}
