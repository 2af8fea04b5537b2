import { API } from '../../protocol/api-keys.ts';
import { throwAnswerError } from '../errors/kafka-error.ts';
import type { Connection } from '../net/connection.ts';
import { byPlace, byTopic, inTopics, type TopicPartition } from '../topic-partition.ts';
import type { AdminLink } from './admin-link.ts';
import type { CallOptions } from './call-options.ts';
import { ControllerRoute } from './controller-route.ts';
import {
  type Outcome,
  type PartitionOutcome,
  partitionOutcomes,
  partitionsByName,
  partitionText,
} from './outcome.ts';
import { answeredIn, settlePartitions } from './partition-answers.ts';

/** To which brokers a partition moves. */
export interface Reassignment extends TopicPartition {
  /** The preferred leader first. Null cancels what is under way. */
  readonly replicas: readonly number[] | null;
}

/** A move that is under way. */
export interface OngoingReassignment extends TopicPartition {
  readonly replicas: readonly number[];
  readonly adding: readonly number[];
  readonly removing: readonly number[];
}

export interface ReassignOptions extends CallOptions {
  /** False refuses moves that change how many replicas there are (KIP-860). */
  readonly allowReplicationFactorChange?: boolean;
}

/** `preferred` elects the first replica; `unclean` also one that is not in sync. */
export type ElectionType = 'preferred' | 'unclean';

const ELECTIONS = { preferred: 0, unclean: 1 } as const;
const FACTOR_VERSION = 1;

/** Replicas: which brokers have them, and which of them leads. */
export class ReplicaAdmin {
  readonly #link: AdminLink;

  constructor(link: AdminLink) {
    this.#link = link;
  }

  /** Begins to move partitions, or cancels moves. Null stands for a move that has begun. */
  async reassign(
    moves: readonly Reassignment[],
    options: ReassignOptions = {},
  ): Promise<PartitionOutcome<null>[]> {
    const { allowReplicationFactorChange = true } = options;
    const work = {
      what: 'the reassignment of partitions',
      keys: partitionsByName(moves).values(),
      route: new ControllerRoute<Reassignment>(this.#link.cluster),
      subjectOf: partitionText,
      ask: async (
        connection: Connection,
        asked: readonly Reassignment[],
        outcomes: Map<Reassignment, Outcome<null>>,
        timeoutMs: number,
      ) => {
        const topics = inTopics(asked, ({ partition: partitionIndex, replicas }) => {
          return { partitionIndex, replicas: replicas === null ? null : [...replicas] };
        });
        const version = connection.versionOf(API.ALTER_PARTITION_REASSIGNMENTS);
        const isPlain = version < FACTOR_VERSION && allowReplicationFactorChange;
        const body = isPlain
          ? { timeoutMs, topics }
          : { timeoutMs, topics, allowReplicationFactorChange };
        const answer = await connection.ask(API.ALTER_PARTITION_REASSIGNMENTS, body);
        throwAnswerError(answer.errorCode, answer.errorMessage, 'reassignments');
        settlePartitions(asked, answeredIn(answer.responses), outcomes, () => null);
      },
    };
    return partitionOutcomes(await this.#link.run(work, options));
  }

  /** The moves that are under way, of these partitions or of all. */
  listReassignments(
    partitions: readonly TopicPartition[] | null = null,
    options?: CallOptions,
  ): Promise<OngoingReassignment[]> {
    const named = partitions === null ? null : byTopic(partitions);
    const topics =
      named === null
        ? null
        : Array.from(named, ([name, list]) => {
            return { name, partitionIndexes: list.map(({ partition }) => partition) };
          });
    const work = {
      what: 'the list of reassignments',
      keys: [''],
      route: new ControllerRoute<string>(this.#link.cluster),
      subjectOf: () => 'reassignments',
      ask: async (
        connection: Connection,
        _: readonly string[],
        outcomes: Map<string, Outcome<OngoingReassignment[]>>,
        timeoutMs: number,
      ) => {
        const body = { timeoutMs, topics };
        const answer = await connection.ask(API.LIST_PARTITION_REASSIGNMENTS, body);
        throwAnswerError(answer.errorCode, answer.errorMessage, 'reassignments');
        const listed = answer.topics.flatMap(({ name: topic, partitions: list }) =>
          list.map(({ partitionIndex: partition, replicas, ...moved }) => {
            const { addingReplicas: adding, removingReplicas: removing } = moved;
            return { topic, partition, replicas, adding, removing };
          }),
        );
        outcomes.set('', listed.sort(byPlace));
      },
    };
    return this.#link.runOne(work, options);
  }

  /** Elects leaders. Null stands for a partition that has a new one. */
  async electLeaders(
    type: ElectionType,
    partitions: readonly TopicPartition[],
    options?: CallOptions,
  ): Promise<PartitionOutcome<null>[]> {
    const work = {
      what: 'the election of leaders',
      keys: partitionsByName(partitions).values(),
      route: new ControllerRoute<TopicPartition>(this.#link.cluster),
      subjectOf: partitionText,
      ask: async (
        connection: Connection,
        asked: readonly TopicPartition[],
        outcomes: Map<TopicPartition, Outcome<null>>,
        timeoutMs: number,
      ) => {
        const topicPartitions = Array.from(byTopic(asked), ([topic, list]) => {
          return { topic, partitions: list.map(({ partition }) => partition) };
        });
        const isPlain = connection.versionOf(API.ELECT_LEADERS) === 0 && type === 'preferred';
        const body = isPlain
          ? { topicPartitions, timeoutMs }
          : { electionType: ELECTIONS[type], topicPartitions, timeoutMs };
        const answer = await connection.ask(API.ELECT_LEADERS, body);
        throwAnswerError(answer.errorCode, null, 'election of leaders');
        const flat = answer.replicaElectionResults.flatMap(({ topic, partitionResult }) =>
          partitionResult.map((each) => ({ ...each, topic, partition: each.partitionId })),
        );
        settlePartitions(asked, flat, outcomes, () => null);
      },
    };
    return partitionOutcomes(await this.#link.run(work, options));
  }
}
