import { ERROR } from '../../base/kafka-errors.ts';
import { API } from '../../protocol/api-keys.ts';
import type { Draft } from '../../protocol/frames.ts';
import type {
  FetchRequest,
  FetchRequestFetchTopic,
  FetchRequestForgottenTopic,
  FetchResponse,
} from '../../protocol/schema/01-fetch.ts';
import { fetchVersion } from './fetch-version.ts';
import type { FollowedPartition } from './followed-partition.ts';
import type { SessionRequest } from './leader-session.ts';
import type { ReplicaServices } from './replica-services.ts';

/** From this version on a replica names the registration of its broker. */
const NAMES_BROKER_EPOCH = 15;
const READ_UNCOMMITTED = 0;
const LATEST = -1;
const EARLIEST = -2;

/** Where the log of a leader begins and ends, or why it does not say so. */
export interface LeaderBounds {
  readonly errorCode: number;
  readonly startOffset: number;
  readonly endOffset: number;
}

/** What a follower asks of one leader. Every call rejects where that does not answer. */
export class LeaderQuestions {
  readonly #leaderId: number;
  readonly #services: ReplicaServices;

  constructor(leaderId: number, services: ReplicaServices) {
    this.#leaderId = leaderId;
    this.#services = services;
  }

  fetch(request: SessionRequest): Promise<FetchResponse> {
    const { peers, metadataVersion } = this.#services;
    const body = (version: number) => this.#fetchBody(version, request);
    return peers.ask(this.#leaderId, API.FETCH, body, fetchVersion(metadataVersion()));
  }

  #fetchBody(version: number, request: SessionRequest): Draft<FetchRequest> {
    const { nodeId: replicaId, brokerEpoch, settings } = this.#services;
    const replica =
      version >= NAMES_BROKER_EPOCH
        ? { replicaState: { replicaId, replicaEpoch: brokerEpoch() } }
        : { replicaId };
    return {
      ...replica,
      maxWaitMs: request.isPart ? 0 : settings.waitMaxMs,
      minBytes: settings.bytesMin,
      maxBytes: settings.answerBytesMax,
      isolationLevel: READ_UNCOMMITTED,
      sessionId: request.sessionId,
      sessionEpoch: request.sessionEpoch,
      topics: askedTopics(request.asked, settings.partitionBytesMax),
      forgottenTopicsData: forgottenTopics(request.forgotten),
      rackId: '',
    };
  }

  async bounds(partition: FollowedPartition): Promise<LeaderBounds> {
    const end = await this.#offset(partition, LATEST);
    const start = end.errorCode === ERROR.NONE ? await this.#offset(partition, EARLIEST) : end;
    return { errorCode: start.errorCode, startOffset: start.offset, endOffset: end.offset };
  }

  async #offset({ mirror, leaderEpoch }: FollowedPartition, timestamp: number) {
    const { peers, nodeId, settings } = this.#services;
    const asked = {
      partitionIndex: mirror.index,
      currentLeaderEpoch: leaderEpoch,
      timestamp,
    };
    const answer = await peers.ask(this.#leaderId, API.LIST_OFFSETS, () => ({
      replicaId: nodeId,
      isolationLevel: READ_UNCOMMITTED,
      topics: [{ name: mirror.topic, partitions: [asked] }],
      timeoutMs: settings.timeoutMs,
    }));
    const found = answer.topics[0]?.partitions[0];
    return found ?? { errorCode: ERROR.UNKNOWN_TOPIC_OR_PARTITION, offset: -1 };
  }
}

function askedTopics(
  asked: readonly FollowedPartition[],
  partitionMaxBytes: number,
): Draft<FetchRequestFetchTopic>[] {
  return byTopic(asked, (topicId, partitions) => ({
    topicId,
    partitions: partitions.map((each) => ({
      partition: each.index,
      currentLeaderEpoch: each.askedEpoch,
      fetchOffset: each.askedOffset,
      lastFetchedEpoch: each.askedLastEpoch,
      logStartOffset: each.askedStart,
      partitionMaxBytes,
    })),
  }));
}

function forgottenTopics(
  forgotten: readonly FollowedPartition[],
): Draft<FetchRequestForgottenTopic>[] {
  return byTopic(forgotten, (topicId, partitions) => ({
    topicId,
    partitions: partitions.map(({ index }) => index),
  }));
}

function byTopic<T>(
  all: readonly FollowedPartition[],
  topicOf: (topicId: string, partitions: readonly FollowedPartition[]) => T,
): T[] {
  const topics = new Map<string, FollowedPartition[]>();
  for (const partition of all) {
    const known = topics.get(partition.topicId);
    if (known === undefined) topics.set(partition.topicId, [partition]);
    else known.push(partition);
  }
  return Array.from(topics, ([topicId, partitions]) => topicOf(topicId, partitions));
}
