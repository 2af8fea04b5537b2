import { API } from '../../protocol/api-keys.ts';
import { KafkaError } from '../errors/kafka-error.ts';
import type { Connection } from '../net/connection.ts';
import { inTopics, type TopicPartition } from '../topic-partition.ts';
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

/** Up to where a partition loses its records. */
export interface DeletedRecords extends TopicPartition {
  /** The first offset that stays; -1 deletes all that is committed. */
  readonly before: number;
}

/** What is left of a partition. */
export interface DeletedUpTo {
  /** The first offset that is left. */
  readonly lowWatermark: number;
}

/** Positions in the log instead of a time. */
export type OffsetMark =
  | 'earliest'
  | 'latest'
  | 'max-timestamp'
  | 'earliest-local'
  | 'latest-tiered'
  | 'earliest-pending-upload';

/** The offset that is wanted of a partition. */
export interface OffsetQuery extends TopicPartition {
  /** That of the first record at or after this time (in ms), or a mark. */
  readonly at: number | OffsetMark;
}

/** An offset that was found. */
export interface FoundOffset {
  /** -1 where no record is as new as was asked for. */
  readonly offset: number;
  /** That of the record, -1 where it was not looked up. */
  readonly timestamp: number;
  readonly leaderEpoch: number;
}

export interface ListOffsetsOptions extends CallOptions {
  /** With `read-committed`, `latest` is the last stable offset. */
  readonly isolationLevel?: 'read-uncommitted' | 'read-committed';
}

/** Kafka's timestamps with which it means a position, and the version from which it knows them. */
const MARKS: Readonly<
  Record<OffsetMark, { readonly timestamp: number; readonly version: number }>
> = {
  latest: { timestamp: -1, version: 1 },
  earliest: { timestamp: -2, version: 1 },
  'max-timestamp': { timestamp: -3, version: 7 },
  'earliest-local': { timestamp: -4, version: 8 },
  'latest-tiered': { timestamp: -5, version: 9 },
  'earliest-pending-upload': { timestamp: -6, version: 11 },
};
const CONSUMER_REPLICA = -1;

/** Records of partitions as a whole: where they are in time, and their removal. */
export class RecordAdmin {
  readonly #link: AdminLink;

  constructor(link: AdminLink) {
    this.#link = link;
  }

  /** Removes the records in front of an offset. */
  async delete(
    partitions: readonly DeletedRecords[],
    options?: CallOptions,
  ): Promise<PartitionOutcome<DeletedUpTo>[]> {
    const work = {
      what: 'the deletion of records',
      keys: partitionsByName(partitions).values(),
      route: new LeaderRoute<DeletedRecords>(this.#link.cluster),
      subjectOf: partitionText,
      ask: async (
        connection: Connection,
        asked: readonly DeletedRecords[],
        outcomes: Map<DeletedRecords, Outcome<DeletedUpTo>>,
        timeoutMs: number,
      ) => {
        const topics = inTopics(asked, ({ partition: partitionIndex, before: offset }) => {
          return { partitionIndex, offset };
        });
        const answer = await connection.ask(API.DELETE_RECORDS, { topics, timeoutMs });
        const answers = answeredIn(answer.topics);
        settlePartitions(asked, answers, outcomes, ({ lowWatermark }) => ({ lowWatermark }));
      },
    };
    return partitionOutcomes(await this.#link.run(work, options));
  }

  /** Offsets by time or at a mark, from the leaders of the partitions. */
  async offsets(
    queries: readonly OffsetQuery[],
    options: ListOffsetsOptions = {},
  ): Promise<PartitionOutcome<FoundOffset>[]> {
    const isolationLevel = options.isolationLevel === 'read-committed' ? 1 : 0;
    const work = {
      what: 'the search for offsets',
      keys: partitionsByName(queries).values(),
      route: new LeaderRoute<OffsetQuery>(this.#link.cluster),
      subjectOf: partitionText,
      ask: async (
        connection: Connection,
        asked: readonly OffsetQuery[],
        outcomes: Map<OffsetQuery, Outcome<FoundOffset>>,
        timeoutMs: number,
      ) => {
        requireMarks(connection, asked);
        const topics = inTopics(asked, ({ partition: partitionIndex, at }) => {
          return { partitionIndex, timestamp: timestampOf(at) };
        });
        const body = { replicaId: CONSUMER_REPLICA, isolationLevel, topics, timeoutMs };
        const answer = await connection.ask(API.LIST_OFFSETS, body);
        const answers = answeredIn(answer.topics);
        settlePartitions(asked, answers, outcomes, ({ offset, timestamp, leaderEpoch }) => {
          return { offset, timestamp, leaderEpoch };
        });
      },
    };
    return partitionOutcomes(await this.#link.run(work, options));
  }
}

/** An older broker would take the mark for a time. */
function requireMarks(connection: Connection, asked: readonly OffsetQuery[]): void {
  const version = connection.versionOf(API.LIST_OFFSETS);
  for (const { at } of asked) {
    if (typeof at === 'number' || MARKS[at].version <= version) continue;
    throw new KafkaError('UNSUPPORTED_VERSION', `the broker cannot look for offsets at '${at}'`);
  }
}

function timestampOf(at: number | OffsetMark): number {
  return typeof at === 'number' ? at : MARKS[at].timestamp;
}
