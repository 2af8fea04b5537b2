import { API } from '../protocol/api-keys.ts';
import type { Connection } from './connection.ts';
import type { Coordinators } from './coordinators.ts';
import { refuseError } from './response-error.ts';
import { byPlace, byTopic, partitionName, type TopicPartition } from './topic-partition.ts';

export interface CommittedOffset extends TopicPartition {
  readonly offset: number;
  readonly leaderEpoch?: number;
  readonly metadata?: string | null;
}

/** The last versions with topic names; ids take their place after them. */
const OFFSET_FETCH_BY_NAME = 9;
const OFFSET_COMMIT_BY_NAME = 9;
/** From this version on OffsetFetch takes many groups. */
const BATCHED_VERSION = 8;
/** Commits that name no member. Only a group without members takes them. */
const NO_GENERATION = -1;
const NO_MEMBER = '';
const NO_OFFSET = -1;

interface FetchedTopic {
  readonly name: string;
  readonly partitions: readonly {
    readonly partitionIndex: number;
    readonly committedOffset: number;
    readonly committedLeaderEpoch: number;
    readonly metadata: string | null;
    readonly errorCode: number;
  }[];
}

/** What groups have committed. */
export class GroupOffsetAdmin {
  readonly #coordinators: Coordinators;

  constructor(coordinators: Coordinators) {
    this.#coordinators = coordinators;
  }

  /** All that the group has committed, by topic and partition. */
  async fetch(group: string): Promise<CommittedOffset[]> {
    const topics = await this.#coordinators.run(group, (connection) => ask(connection, group));
    const offsets = topics.flatMap((topic) => {
      return topic.partitions.map((each) => {
        const at = { topic: topic.name, partition: each.partitionIndex };
        refuseError(each.errorCode, null, `group ${group}, partition ${partitionName(at)}`);
        return {
          ...at,
          offset: each.committedOffset,
          leaderEpoch: each.committedLeaderEpoch,
          metadata: each.metadata,
        };
      });
    });
    return offsets.filter(({ offset }) => offset !== NO_OFFSET).sort(byPlace);
  }

  /** Sets the group's offsets; refused while the group has members. */
  async commit(group: string, offsets: readonly CommittedOffset[]): Promise<void> {
    const topics = Array.from(byTopic(offsets), ([name, list]) => ({
      name,
      partitions: list.map(({ partition, offset, leaderEpoch, metadata }) => ({
        partitionIndex: partition,
        committedOffset: offset,
        committedLeaderEpoch: leaderEpoch ?? -1,
        committedMetadata: metadata ?? '',
      })),
    }));
    await this.#coordinators.run(group, async (connection) => {
      const body = {
        groupId: group,
        generationIdOrMemberEpoch: NO_GENERATION,
        memberId: NO_MEMBER,
        topics,
      };
      const limits = { maxVersion: OFFSET_COMMIT_BY_NAME };
      const answer = await connection.ask(API.OFFSET_COMMIT, body, limits);
      refusePartitions(group, answer.topics);
    });
  }

  /** Forgets the group's offsets of these partitions. */
  async delete(group: string, partitions: readonly TopicPartition[]): Promise<void> {
    const topics = Array.from(byTopic(partitions), ([name, list]) => ({
      name,
      partitions: list.map(({ partition }) => ({ partitionIndex: partition })),
    }));
    await this.#coordinators.run(group, async (connection) => {
      const answer = await connection.ask(API.OFFSET_DELETE, { groupId: group, topics });
      refuseError(answer.errorCode, null, `group ${group}`);
      refusePartitions(group, answer.topics);
    });
  }
}

async function ask(connection: Connection, group: string): Promise<readonly FetchedTopic[]> {
  const answer = await connection.ask(
    API.OFFSET_FETCH,
    (version) =>
      version < BATCHED_VERSION
        ? { groupId: group, topics: null }
        : { groups: [{ groupId: group, topics: null }] },
    { maxVersion: OFFSET_FETCH_BY_NAME },
  );
  const found = answer.groups[0] ?? answer;
  refuseError(found.errorCode, null, `group ${group}`);
  return found.topics;
}

interface AnsweredTopic {
  readonly name: string;
  readonly partitions: readonly { readonly partitionIndex: number; readonly errorCode: number }[];
}

function refusePartitions(group: string, topics: readonly AnsweredTopic[]): void {
  for (const { name, partitions } of topics) {
    for (const { partitionIndex, errorCode } of partitions) {
      const at = partitionName({ topic: name, partition: partitionIndex });
      refuseError(errorCode, null, `group ${group}, partition ${at}`);
    }
  }
}
