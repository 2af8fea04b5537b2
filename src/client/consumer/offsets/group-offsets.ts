import { ERROR } from '../../../base/kafka-errors.ts';
import { API } from '../../../protocol/api-keys.ts';
import { CHANNELS } from '../../diagnostics/client-channels.ts';
import { answerError, type KafkaError, toKafkaError } from '../../errors/kafka-error.ts';
import type { ClusterLink } from '../../metadata/cluster-link.ts';
import { isCoordinatorMove } from '../../metadata/coordinator-finder.ts';
import type { Connection } from '../../net/connection.ts';
import { LANE } from '../../net/lane.ts';
import { byTopic, inTopics, type TopicPartition } from '../../topic-partition.ts';

/** Who commits: a member in its generation or epoch, or nobody of the group. */
export interface GroupIdentity {
  readonly memberId: string;
  readonly generation: number;
  readonly instanceId: string | null;
  /** Of the KIP-848 protocol, whose reads of offsets name the member too. */
  readonly hasEpoch: boolean;
}

export const NO_MEMBER: GroupIdentity = {
  memberId: '',
  generation: -1,
  instanceId: null,
  hasEpoch: false,
};

/** The offset to go on at, which is behind the last record that is done. */
export interface OffsetToCommit extends TopicPartition {
  /** The offset to go on at, not that of the last record. */
  readonly offset: number;
  readonly leaderEpoch?: number;
  readonly metadata?: string;
}

/** What a group has committed of a partition. */
export interface CommittedOffset extends TopicPartition {
  /** -1 where nothing is committed. */
  readonly offset: number;
  readonly leaderEpoch: number;
  readonly metadata: string;
}

/** From here on topics have ids in place of names. */
const BY_NAME_VERSION = 9;
const MANY_GROUPS_VERSION = 8;
const STABLE_VERSION = 7;

/** The committed offsets of a group, at its coordinator. One attempt a call. */
export class GroupOffsets {
  readonly #link: ClusterLink;
  readonly #groupId: string;

  constructor(link: ClusterLink, groupId: string) {
    this.#link = link;
    this.#groupId = groupId;
  }

  /** Throws where any partition was refused. */
  async commit(offsets: readonly OffsetToCommit[], identity: GroupIdentity): Promise<void> {
    const startMs = performance.now();
    try {
      await this.#commit(offsets, identity);
      if (CHANNELS.commit.hasSubscribers) this.#tell(offsets, startMs, null);
    } catch (thrown) {
      if (CHANNELS.commit.hasSubscribers) this.#tell(offsets, startMs, toKafkaError(thrown));
      throw thrown;
    }
  }

  #tell(offsets: readonly OffsetToCommit[], startMs: number, error: KafkaError | null): void {
    const { clientId } = this.#link.settings;
    const durationMs = performance.now() - startMs;
    CHANNELS.commit.publish({ clientId, groupId: this.#groupId, offsets, durationMs, error });
  }

  async #commit(offsets: readonly OffsetToCommit[], identity: GroupIdentity): Promise<void> {
    const { memberId, generation: generationIdOrMemberEpoch, instanceId } = identity;
    const topics = inTopics(offsets, (each) => ({
      partitionIndex: each.partition,
      committedOffset: each.offset,
      committedLeaderEpoch: each.leaderEpoch ?? -1,
      committedMetadata: each.metadata ?? '',
    }));
    const body = { groupId: this.#groupId, generationIdOrMemberEpoch, memberId, topics };
    const answer = await this.#ask((connection) =>
      connection.ask(
        API.OFFSET_COMMIT,
        { ...body, groupInstanceId: instanceId },
        { maxVersion: BY_NAME_VERSION },
      ),
    );
    for (const { name: topic, partitions } of answer.topics) {
      for (const { partitionIndex: partition, errorCode } of partitions) {
        if (errorCode !== ERROR.NONE) throw this.#error(errorCode, { topic, partition });
      }
    }
  }

  async fetch(
    partitions: readonly TopicPartition[],
    identity: GroupIdentity,
  ): Promise<CommittedOffset[]> {
    const groupId = this.#groupId;
    const topics = Array.from(byTopic(partitions), ([name, list]) => ({
      name,
      partitionIndexes: list.map(({ partition }) => partition),
    }));
    const member = identity.hasEpoch
      ? { memberId: identity.memberId, memberEpoch: identity.generation }
      : {};
    const answer = await this.#ask((connection) =>
      connection.ask(
        API.OFFSET_FETCH,
        (version) => {
          if (version >= MANY_GROUPS_VERSION) {
            return { groups: [{ groupId, ...member, topics }], requireStable: true };
          }
          const stable = version >= STABLE_VERSION ? { requireStable: true } : {};
          return { groupId, topics, ...stable };
        },
        { maxVersion: BY_NAME_VERSION },
      ),
    );
    const group = answer.groups[0] ?? answer;
    if (group.errorCode !== ERROR.NONE) throw this.#error(group.errorCode, {});
    return group.topics.flatMap(({ name: topic, partitions: list }) =>
      list.map((each) => {
        const at = { topic, partition: each.partitionIndex };
        if (each.errorCode !== ERROR.NONE) throw this.#error(each.errorCode, at);
        const { committedOffset: offset, committedLeaderEpoch: leaderEpoch } = each;
        return { ...at, offset, leaderEpoch, metadata: each.metadata ?? '' };
      }),
    );
  }

  async #ask<T>(ask: (connection: Connection) => Promise<T>): Promise<T> {
    const { groups, network } = this.#link;
    try {
      const coordinator = await groups.find(this.#groupId);
      return await ask(await network.connect(coordinator, LANE.GROUP));
    } catch (thrown) {
      groups.forget(this.#groupId);
      throw toKafkaError(thrown, 'NETWORK_EXCEPTION');
    }
  }

  #error(errorCode: number, at: Partial<TopicPartition>): KafkaError {
    if (isCoordinatorMove(errorCode)) this.#link.groups.forget(this.#groupId);
    return answerError(errorCode, null, `offsets of group ${this.#groupId}`, at);
  }
}
