import { ERROR } from '../../../base/kafka-errors.ts';
import type {
  OffsetFetchRequest,
  OffsetFetchResponse,
} from '../../../protocol/schema/09-offset-fetch.ts';
import type { Unthrottled } from '../../../protocol/throttle-time.ts';
import type { CoordinatorState } from '../coordinator-state.ts';
import { ZERO_UUID } from '../topic-view.ts';
import { consumerFetchError } from './consumer-offsets.ts';
import type { CommittedOffset, PartitionOffsets } from './offset-store.ts';
import { streamsFetchError } from './streams-offsets.ts';

/** From this version on a request asks for several groups. */
const GROUPS_VERSION = 8;
/** From this version on topics are named by id. */
const TOPIC_ID_VERSION = 10;

type RequestGroup = OffsetFetchRequest['groups'][number];
type RequestTopic = NonNullable<RequestGroup['topics']>[number];
type ResponseGroup = OffsetFetchResponse['groups'][number];
type ResponseTopic = ResponseGroup['topics'][number];
type ResponsePartition = ResponseTopic['partitions'][number];

export function fetchOffsets(
  state: CoordinatorState,
  version: number,
  request: OffsetFetchRequest,
): Unthrottled<OffsetFetchResponse> {
  const reader = new OffsetReader(state, version, request.requireStable);
  if (version >= GROUPS_VERSION) {
    const groups = request.groups.map((group) => reader.readGroup(group));
    return { topics: [], errorCode: ERROR.NONE, groups };
  }
  const only = reader.readGroup({
    groupId: request.groupId,
    memberId: null,
    memberEpoch: -1,
    topics:
      request.topics?.map(({ name, partitionIndexes }) => ({
        name,
        topicId: ZERO_UUID,
        partitionIndexes,
      })) ?? null,
  });
  return { topics: only.topics, errorCode: only.errorCode, groups: [] };
}

class OffsetReader {
  readonly #state: CoordinatorState;
  readonly #version: number;
  readonly #requireStable: boolean;

  constructor(state: CoordinatorState, version: number, requireStable: boolean) {
    this.#state = state;
    this.#version = version;
    this.#requireStable = requireStable;
  }

  readGroup(asked: RequestGroup): ResponseGroup {
    const { groupId, topics } = asked;
    const group = this.#state.groups.get(groupId);
    if (group !== undefined && group.type !== 'classic') {
      const { memberId, memberEpoch } = asked;
      const errorCode =
        group.type === 'consumer'
          ? consumerFetchError(group, memberId, memberEpoch)
          : streamsFetchError(group, memberId, memberEpoch);
      if (errorCode !== ERROR.NONE) return { groupId, topics: [], errorCode };
    }
    // A group that does not exist has no offsets, which is not an error.
    const answers = topics === null ? this.#readAll(groupId) : this.#readAsked(groupId, topics);
    return { groupId, topics: answers, errorCode: ERROR.NONE };
  }

  #readAll(groupId: string): ResponseTopic[] {
    const answers: ResponseTopic[] = [];
    for (const [name, offsets] of this.#state.offsets.ofGroup(groupId) ?? []) {
      const topicId = this.#state.topics.topicId(name) ?? ZERO_UUID;
      // Without an id a topic that is gone cannot be named in the answer.
      if (this.#version >= TOPIC_ID_VERSION && topicId === ZERO_UUID) continue;
      const partitions: ResponsePartition[] = [];
      for (const [partition, committed] of offsets) {
        partitions.push(this.#partition(groupId, name, partition, committed));
      }
      answers.push({ name, topicId, partitions });
    }
    return answers;
  }

  #readAsked(groupId: string, topics: readonly RequestTopic[]): ResponseTopic[] {
    const offsets = this.#state.offsets.ofGroup(groupId);
    const answers: ResponseTopic[] = [];
    for (const topic of topics) {
      if (this.#version < TOPIC_ID_VERSION) {
        answers.push(this.#topic(groupId, topic, topic.name, offsets?.get(topic.name)));
        continue;
      }
      const name = this.#state.topics.topicName(topic.topicId);
      if (name === undefined) answers.push(unknownTopic(topic));
      else answers.push(this.#topic(groupId, topic, name, offsets?.get(name)));
    }
    return answers;
  }

  #topic(
    groupId: string,
    asked: RequestTopic,
    name: string,
    offsets: PartitionOffsets | undefined,
  ): ResponseTopic {
    const partitions: ResponsePartition[] = [];
    for (const partition of asked.partitionIndexes) {
      let committed = offsets?.get(partition);
      if (committed !== undefined && !isSameTopic(committed.topicId, asked.topicId)) {
        committed = undefined;
      }
      partitions.push(this.#partition(groupId, name, partition, committed));
    }
    return { name, topicId: asked.topicId, partitions };
  }

  #partition(
    groupId: string,
    topic: string,
    partitionIndex: number,
    committed: CommittedOffset | undefined,
  ): ResponsePartition {
    if (this.#requireStable && this.#state.offsets.hasPending(groupId, topic, partitionIndex)) {
      return noOffset(partitionIndex, ERROR.UNSTABLE_OFFSET_COMMIT);
    }
    if (committed === undefined) return noOffset(partitionIndex, ERROR.NONE);
    return {
      partitionIndex,
      committedOffset: committed.offset,
      committedLeaderEpoch: committed.leaderEpoch,
      metadata: committed.metadata,
      errorCode: ERROR.NONE,
    };
  }
}

/** An offset of a deleted topic does not hold for a new topic of the same name. */
function isSameTopic(committed: string, asked: string): boolean {
  return committed === asked || committed === ZERO_UUID || asked === ZERO_UUID;
}

function unknownTopic(asked: RequestTopic): ResponseTopic {
  return {
    name: asked.name,
    topicId: asked.topicId,
    partitions: asked.partitionIndexes.map((index) => noOffset(index, ERROR.UNKNOWN_TOPIC_ID)),
  };
}

function noOffset(partitionIndex: number, errorCode: number): ResponsePartition {
  return {
    partitionIndex,
    committedOffset: -1,
    committedLeaderEpoch: -1,
    metadata: '',
    errorCode,
  };
}
