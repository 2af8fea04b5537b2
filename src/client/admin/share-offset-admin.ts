import { API } from '../../protocol/api-keys.ts';
import type { ResponseOf } from '../../protocol/api-registry.ts';
import type { Connection } from '../net/connection.ts';
import { byPlace, byTopic, type TopicPartition } from '../topic-partition.ts';
import type { AdminLink } from './admin-link.ts';
import type { CallOptions } from './call-options.ts';
import { groupText } from './group-requests.ts';
import { changeOffsets, groupCoordinators } from './one-group.ts';
import {
  type Outcome,
  type Outcomes,
  outcomeOf,
  type PartitionOutcome,
  partitionOutcomeOf,
} from './outcome.ts';
import { answeredIn, outcomesOfChange } from './partition-answers.ts';

/** From where a share group delivers a partition. */
export interface ShareOffset {
  /** Everything in front of it is done with; -1 where it is not known. */
  readonly startOffset: number;
  readonly leaderEpoch: number;
  /** How many records are not done with; -1 where the broker does not say. */
  readonly lag: number;
}

/** The start offset that a share group is given. */
export interface NewShareOffset extends TopicPartition {
  readonly startOffset: number;
}

/** The offsets of share groups (KIP-932). */
export class ShareOffsetAdmin {
  readonly #link: AdminLink;

  constructor(link: AdminLink) {
    this.#link = link;
  }

  /** The partitions of each group. */
  list(
    groups: readonly string[],
    options?: CallOptions,
  ): Promise<Outcomes<string, PartitionOutcome<ShareOffset>[]>> {
    const work = {
      what: 'the list of offsets of share groups',
      keys: groups,
      route: groupCoordinators(this.#link),
      subjectOf: groupText,
      ask: async (
        connection: Connection,
        asked: readonly string[],
        outcomes: Map<string, Outcome<PartitionOutcome<ShareOffset>[]>>,
      ) => {
        const body = { groups: asked.map((groupId) => ({ groupId, topics: null })) };
        const answer = await connection.ask(API.DESCRIBE_SHARE_GROUP_OFFSETS, body);
        for (const { groupId, topics, errorCode, errorMessage } of answer.groups) {
          const value = () => offsetsOf(topics);
          outcomes.set(groupId, outcomeOf(errorCode, errorMessage, groupText(groupId), value));
        }
      },
    };
    return this.#link.run(work, options);
  }

  /** Sets where a group without members goes on. */
  alter(
    group: string,
    offsets: readonly NewShareOffset[],
    options?: CallOptions,
  ): Promise<PartitionOutcome<null>[]> {
    const topics = Array.from(byTopic(offsets), ([topicName, list]) => ({
      topicName,
      partitions: list.map(({ partition, startOffset }) => {
        return { partitionIndex: partition, startOffset };
      }),
    }));
    return changeOffsets(this.#link, group, options, async (connection) => {
      const body = { groupId: group, topics };
      const answer = await connection.ask(API.ALTER_SHARE_GROUP_OFFSETS, body);
      const value = () => outcomesOfChange(offsets, answeredIn(named(answer.responses)));
      return outcomeOf(answer.errorCode, answer.errorMessage, groupText(group), value);
    });
  }

  /** Forgets whole topics of a group without members. */
  delete(
    group: string,
    topics: readonly string[],
    options?: CallOptions,
  ): Promise<Outcomes<string, null>> {
    return changeOffsets(this.#link, group, options, async (connection) => {
      const body = { groupId: group, topics: topics.map((topicName) => ({ topicName })) };
      const answer = await connection.ask(API.DELETE_SHARE_GROUP_OFFSETS, body);
      const value = () =>
        new Map(
          answer.responses.map(({ topicName: topic, errorCode, errorMessage }) => {
            const subject = `group ${group}, topic ${topic}`;
            return [topic, outcomeOf(errorCode, errorMessage, subject, () => null, { topic })];
          }),
        );
      return outcomeOf(answer.errorCode, answer.errorMessage, groupText(group), value);
    });
  }
}

/** Answers about share groups name their topics in a field of another name. */
function named<Answer>(
  topics: readonly { readonly topicName: string; readonly partitions: readonly Answer[] }[],
) {
  return topics.map(({ topicName: name, partitions }) => ({ name, partitions }));
}

type DescribedTopics = ResponseOf<
  typeof API.DESCRIBE_SHARE_GROUP_OFFSETS
>['groups'][number]['topics'];

function offsetsOf(topics: DescribedTopics): PartitionOutcome<ShareOffset>[] {
  const offsets = answeredIn(named(topics)).map((answer) => {
    const { topic, partition, errorCode, errorMessage } = answer;
    const { startOffset, leaderEpoch, lag } = answer;
    const at = { topic, partition };
    const value = () => ({ startOffset, leaderEpoch, lag });
    return { ...at, outcome: partitionOutcomeOf(at, errorCode, errorMessage, value) };
  });
  return offsets.sort(byPlace);
}
