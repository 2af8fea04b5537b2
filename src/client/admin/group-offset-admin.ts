import { ERROR } from '../../base/kafka-errors.ts';
import { API } from '../../protocol/api-keys.ts';
import { answerError, KafkaError } from '../errors/kafka-error.ts';
import { isCoordinatorMove } from '../metadata/coordinator-finder.ts';
import type { Connection } from '../net/connection.ts';
import { byPlace, inTopics, partitionName, type TopicPartition } from '../topic-partition.ts';
import type { AdminLink } from './admin-link.ts';
import type { CallOptions } from './call-options.ts';
import { groupText } from './group-requests.ts';
import { changeOffsets, groupCoordinators } from './one-group.ts';
import { type Outcome, type Outcomes, outcomeOf, type PartitionOutcome } from './outcome.ts';
import { answeredIn, outcomesOfChange } from './partition-answers.ts';

/** What a group has committed of a partition. */
export interface CommittedOffset extends TopicPartition {
  readonly offset: number;
  /** -1 where it is not known. */
  readonly leaderEpoch?: number;
  readonly metadata?: string | null;
}

export interface FetchOffsetsOptions extends CallOptions {
  /** Waits until no open transaction can change the offsets. */
  readonly requireStable?: boolean;
}

/** The last versions with topic names; ids take their place after them. */
const OFFSET_FETCH_BY_NAME = 9;
const OFFSET_COMMIT_BY_NAME = 9;
/** From this version on OffsetFetch takes many groups. */
const BATCHED_VERSION = 8;
const STABLE_VERSION = 7;
/** Commits that name no member. Only a group without members takes them. */
const NO_GENERATION = -1;
const NO_MEMBER = '';
const NO_OFFSET = -1;

/** What groups of consumers have committed. */
export class GroupOffsetAdmin {
  readonly #link: AdminLink;

  constructor(link: AdminLink) {
    this.#link = link;
  }

  /** All that each group has committed, by topic and partition; many groups in one request. */
  list(
    groups: readonly string[],
    options: FetchOffsetsOptions = {},
  ): Promise<Outcomes<string, CommittedOffset[]>> {
    const { requireStable = false } = options;
    const work = {
      what: 'the list of committed offsets',
      keys: groups,
      route: groupCoordinators(this.#link),
      subjectOf: groupText,
      ask: async (
        connection: Connection,
        asked: readonly string[],
        outcomes: Map<string, Outcome<CommittedOffset[]>>,
      ) => {
        for (const each of await fetchAt(connection, asked, requireStable)) {
          const { groupId, errorCode, topics } = each;
          const value = () => committedOf(groupId, topics);
          const outcome = outcomeOf<CommittedOffset[] | KafkaError>(
            errorCode,
            null,
            groupText(groupId),
            value,
          );
          outcomes.set(groupId, outcome);
        }
      },
    };
    return this.#link.run(work, options);
  }

  /** Sets offsets of a group; refused while the group has members. */
  alter(
    group: string,
    offsets: readonly CommittedOffset[],
    options?: CallOptions,
  ): Promise<PartitionOutcome<null>[]> {
    const topics = inTopics(offsets, ({ partition, offset, leaderEpoch, metadata }) => ({
      partitionIndex: partition,
      committedOffset: offset,
      committedLeaderEpoch: leaderEpoch ?? -1,
      committedMetadata: metadata ?? '',
    }));
    return this.#change(group, offsets, options, async (connection) => {
      const body = {
        groupId: group,
        generationIdOrMemberEpoch: NO_GENERATION,
        memberId: NO_MEMBER,
        topics,
      };
      const limits = { maxVersion: OFFSET_COMMIT_BY_NAME };
      const answer = await connection.ask(API.OFFSET_COMMIT, body, limits);
      return { errorCode: 0, topics: answer.topics };
    });
  }

  /** Forgets the group's offsets of these partitions. */
  delete(
    group: string,
    partitions: readonly TopicPartition[],
    options?: CallOptions,
  ): Promise<PartitionOutcome<null>[]> {
    const topics = inTopics(partitions, ({ partition }) => ({ partitionIndex: partition }));
    return this.#change(group, partitions, options, (connection) =>
      connection.ask(API.OFFSET_DELETE, { groupId: group, topics }),
    );
  }

  /** One request about one group. Its error as a whole is thrown, those of partitions are not. */
  #change(
    group: string,
    partitions: readonly TopicPartition[],
    options: CallOptions | undefined,
    request: (connection: Connection) => Promise<ChangeAnswer>,
  ): Promise<PartitionOutcome<null>[]> {
    if (partitions.length === 0) return Promise.resolve([]);
    return changeOffsets(this.#link, group, options, async (connection) => {
      const answer = await request(connection);
      const answers = answeredIn(answer.topics);
      const errorCode = answer.errorCode || (answers.find(isMove)?.errorCode ?? 0);
      const value = () => outcomesOfChange(partitions, answers);
      return outcomeOf(errorCode, null, groupText(group), value);
    });
  }
}

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

interface FetchedGroup {
  readonly groupId: string;
  readonly errorCode: number;
  readonly topics: readonly FetchedTopic[];
}

async function fetchAt(
  connection: Connection,
  groups: readonly string[],
  requireStable: boolean,
): Promise<readonly FetchedGroup[]> {
  const version = connection.versionOf(API.OFFSET_FETCH, OFFSET_FETCH_BY_NAME);
  if (requireStable && version < STABLE_VERSION) {
    throw new KafkaError('UNSUPPORTED_VERSION', 'the broker cannot wait for stable offsets');
  }
  if (version >= BATCHED_VERSION) {
    const asked = groups.map((groupId) => ({ groupId, topics: null }));
    const body = { groups: asked, requireStable };
    return (await connection.askVersion(API.OFFSET_FETCH, version, body)).groups;
  }
  const answers = groups.map(async (groupId) => {
    const body = { groupId, topics: null, requireStable };
    const { errorCode, topics } = await connection.askVersion(API.OFFSET_FETCH, version, body);
    return { groupId, errorCode, topics };
  });
  return Promise.all(answers);
}

/** The error of one partition is that of the group's list: it would not be whole without it. */
function committedOf(
  group: string,
  topics: readonly FetchedTopic[],
): CommittedOffset[] | KafkaError {
  const offsets: CommittedOffset[] = [];
  for (const { name: topic, partitions } of topics) {
    for (const { partitionIndex: partition, errorCode, ...each } of partitions) {
      if (errorCode !== 0) return refused(group, { topic, partition }, errorCode);
      const { committedOffset: offset, committedLeaderEpoch: leaderEpoch, metadata } = each;
      if (offset === NO_OFFSET) continue;
      offsets.push({ topic, partition, offset, leaderEpoch, metadata });
    }
  }
  return offsets.sort(byPlace);
}

interface ChangeAnswer {
  readonly errorCode: number;
  readonly topics: readonly {
    readonly name: string;
    readonly partitions: readonly { readonly partitionIndex: number; readonly errorCode: number }[];
  }[];
}

/** Commits tell in each partition that the coordinator is another or not ready. */
function isMove({ errorCode }: { readonly errorCode: number }): boolean {
  return isCoordinatorMove(errorCode) || errorCode === ERROR.COORDINATOR_LOAD_IN_PROGRESS;
}

function refused(group: string, at: TopicPartition, errorCode: number): KafkaError {
  return answerError(errorCode, null, `group ${group}, partition ${partitionName(at)}`, at);
}
