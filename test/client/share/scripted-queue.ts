import type { Socket } from 'node:net';
import { ERROR } from '../../../src/base/kafka-errors.ts';
import { API } from '../../../src/protocol/api-keys.ts';
import type { RequestOf, ResponseOf } from '../../../src/protocol/api-registry.ts';
import { type Draft, encodeResponseFrame } from '../../../src/protocol/frames.ts';
import { buildBatch } from '../../../src/records/batch-builder.ts';
import { apiVersions, FakeBroker, type SeenRequest } from '../fake-broker.ts';

export const TOPIC_ID = 'AAAAAAAAAAAAAAAAAAAAAQ';
const LOCK_MS = 30_000;
/** What an answer without records waits, in place of `fetch.max.wait.ms`. */
const EMPTY_MS = 3;
const SERVED = {
  [API.METADATA]: 12,
  [API.FIND_COORDINATOR]: 4,
  [API.SHARE_GROUP_HEARTBEAT]: 1,
  [API.SHARE_FETCH]: 2,
  [API.SHARE_ACKNOWLEDGE]: 2,
};

/** What an answer says where the script says nothing. */
const NOTHING = {
  throttleTimeMs: 0,
  errorCode: 0,
  errorMessage: null,
  acquisitionLockTimeoutMs: LOCK_MS,
  responses: [],
  nodeEndpoints: [],
};

type FetchRequest = RequestOf<typeof API.SHARE_FETCH>;
type AcknowledgeRequest = RequestOf<typeof API.SHARE_ACKNOWLEDGE>;
type PartitionData = ResponseOf<typeof API.SHARE_FETCH>['responses'][number]['partitions'][number];

/** What a partition has to hand out, once. */
export interface Offer {
  readonly partition?: number;
  readonly records: Buffer;
  /** First offset, last offset, which delivery. */
  readonly acquired: readonly (readonly [first: number, last: number, count: number])[];
}

/** What was said of records: where, in which request of the session, and of which offsets. */
export interface Said {
  readonly node: number;
  readonly epoch: number;
  readonly partition: number;
  readonly offsets: readonly [first: number, last: number];
  readonly types: readonly number[];
}

/** Two brokers that serve one queue as Kafka does, and fail where the test says. */
export class ScriptedQueue {
  readonly brokers: FakeBroker[] = [];
  readonly said: Said[] = [];
  readonly fetches: (FetchRequest & { readonly node: number })[] = [];
  readonly heartbeats: RequestOf<typeof API.SHARE_GROUP_HEARTBEAT>[] = [];
  readonly offers: Offer[] = [];
  /** Errors of acknowledgements of single partitions, one request after the other. */
  readonly acknowledgeErrors: number[] = [];
  /** Errors of whole fetches and acknowledgements, one request after the other. */
  readonly requestErrors: number[] = [];
  readonly heartbeatErrors: number[] = [];
  /** The connection of the next fetch is cut, without an answer. */
  cuts = 0;
  leader = 1;
  leaderEpoch = 1;
  assigned = [0];
  /** The epoch that each broker expects, by its number; none where there is no session. */
  readonly #epochs = new Map<number, number>();

  static async start(): Promise<ScriptedQueue> {
    const queue = new ScriptedQueue();
    for (const node of [1, 2]) {
      queue.brokers.push(await FakeBroker.start((each, socket) => queue.#on(node, each, socket)));
    }
    return queue;
  }

  get bootstrapServers(): string {
    return `127.0.0.1:${this.brokers[0]!.port}`;
  }

  /** A batch of so many records, to be acquired for the first time. */
  offer(count: number, baseOffset = 0, partition = 0): void {
    const records = batchOf(count, baseOffset);
    this.offers.push({ partition, records, acquired: [[baseOffset, baseOffset + count - 1, 1]] });
  }

  /** Forgets the session with a broker, as one does that has too many of them. */
  dropSession(node: number): void {
    this.#epochs.delete(node);
  }

  async [Symbol.asyncDispose](): Promise<void> {
    for (const broker of this.brokers) await broker[Symbol.asyncDispose]();
  }

  #on(node: number, request: SeenRequest, socket: Socket): Buffer | null {
    const { apiKey, version, correlationId, body } = request;
    if (apiKey === API.API_VERSIONS) return apiVersions(request, SERVED);
    const frame = (answer: object) => {
      const whole = { ...NOTHING, ...answer } as never;
      return encodeResponseFrame(apiKey as typeof API.METADATA, version, correlationId, whole);
    };
    if (apiKey === API.SHARE_FETCH) return this.#onFetch(node, body as FetchRequest, socket, frame);
    if (apiKey === API.METADATA) return frame(this.#metadata());
    if (apiKey === API.FIND_COORDINATOR) return frame(this.#coordinators(body as never));
    if (apiKey === API.SHARE_GROUP_HEARTBEAT) return frame(this.#onHeartbeat(body as never));
    return frame(this.#onAcknowledge(node, body as AcknowledgeRequest));
  }

  #metadata(): Draft<ResponseOf<typeof API.METADATA>> {
    const brokers = this.brokers.map(({ port }, i) => {
      return { nodeId: i + 1, host: '127.0.0.1', port, rack: null };
    });
    const partitions = [0, 1].map((partitionIndex) => {
      const { leader: leaderId, leaderEpoch } = this;
      const replicas = { replicaNodes: [1, 2], isrNodes: [1, 2], offlineReplicas: [] };
      return { errorCode: 0, partitionIndex, leaderId, leaderEpoch, ...replicas };
    });
    const topic = { errorCode: 0, name: 'orders', topicId: TOPIC_ID, isInternal: false };
    return { brokers, clusterId: 'fake', controllerId: 1, topics: [{ ...topic, partitions }] };
  }

  #coordinators({ coordinatorKeys: keys }: RequestOf<typeof API.FIND_COORDINATOR>) {
    const { port } = this.brokers[0]!;
    const found = { nodeId: 1, host: '127.0.0.1', port, errorCode: 0, errorMessage: null };
    return { coordinators: keys.map((key) => ({ ...found, key })) };
  }

  #onHeartbeat(request: RequestOf<typeof API.SHARE_GROUP_HEARTBEAT>) {
    this.heartbeats.push(request);
    const errorCode = this.heartbeatErrors.shift() ?? 0;
    const partitions = this.assigned;
    return {
      errorCode,
      memberId: request.memberId,
      memberEpoch: 1,
      heartbeatIntervalMs: 20,
      assignment: { topicPartitions: [{ topicId: TOPIC_ID, partitions }] },
    };
  }

  #onFetch(
    node: number,
    request: FetchRequest,
    socket: Socket,
    frame: (answer: object) => Buffer,
  ): Buffer | null {
    this.fetches.push({ ...request, node });
    if (this.cuts > 0) {
      this.cuts--;
      this.#epochs.delete(node);
      socket.destroy();
      return null;
    }
    const errorCode = this.#errorOf(node, request.shareSessionEpoch);
    if (errorCode !== 0) return frame({ errorCode, errorMessage: null });
    const answers = this.#acknowledged(node, request);
    for (const each of this.assigned) this.#fill(node, this.#answerOf(answers, each));
    const filled = [...answers.values()].filter((each) => each.isTold);
    const partitions = filled.map(({ data }) => data);
    const responses = partitions.length === 0 ? [] : [{ topicId: TOPIC_ID, partitions }];
    const nodeEndpoints = this.#metadata().brokers!;
    const answer = { acquisitionLockTimeoutMs: LOCK_MS, responses, nodeEndpoints };
    if (responses.length > 0) return frame(answer);
    setTimeout(() => socket.write(frame(answer)), EMPTY_MS);
    return null;
  }

  #fill(node: number, answer: { data: Draft<PartitionData>; isTold: boolean }): void {
    const { data } = answer;
    if (node !== this.leader) {
      const { leader: leaderId, leaderEpoch } = this;
      data.errorCode = ERROR.NOT_LEADER_OR_FOLLOWER;
      data.currentLeader = { leaderId, leaderEpoch };
      answer.isTold = true;
      return;
    }
    const at = this.offers.findIndex(({ partition = 0 }) => partition === data.partitionIndex);
    if (at < 0) return;
    const [{ records, acquired }] = this.offers.splice(at, 1) as [Offer];
    data.records = records;
    data.acquiredRecords = acquired.map(([firstOffset, lastOffset, deliveryCount]) => {
      return { firstOffset, lastOffset, deliveryCount };
    });
    answer.isTold = true;
  }

  #answerOf(answers: Map<number, { data: Draft<PartitionData>; isTold: boolean }>, index: number) {
    const known = answers.get(index);
    if (known !== undefined) return known;
    const none = { errorCode: 0, acknowledgeErrorCode: 0, records: Buffer.alloc(0) };
    const leader = { currentLeader: { leaderId: -1, leaderEpoch: -1 }, acquiredRecords: [] };
    const answer = { data: { partitionIndex: index, ...none, ...leader }, isTold: false };
    answers.set(index, answer);
    return answer as { data: Draft<PartitionData>; isTold: boolean };
  }

  #acknowledged(node: number, request: FetchRequest) {
    const answers = new Map<number, { data: Draft<PartitionData>; isTold: boolean }>();
    for (const { partitions } of request.topics) {
      for (const { partitionIndex, acknowledgementBatches } of partitions) {
        if (acknowledgementBatches.length === 0) continue;
        const answer = this.#answerOf(answers, partitionIndex);
        answer.isTold = true;
        answer.data.acknowledgeErrorCode = this.#hear(node, request.shareSessionEpoch, {
          partitionIndex,
          acknowledgementBatches,
        });
      }
    }
    return answers;
  }

  #onAcknowledge(node: number, request: AcknowledgeRequest) {
    const { shareSessionEpoch: epoch } = request;
    const errorCode = this.#errorOf(node, epoch);
    if (errorCode !== 0) return { errorCode, errorMessage: null };
    const partitions = request.topics.flatMap((topic) =>
      topic.partitions.map((each) => ({
        partitionIndex: each.partitionIndex,
        errorCode: this.#hear(node, epoch, each),
        currentLeader: { leaderId: this.leader, leaderEpoch: this.leaderEpoch },
      })),
    );
    const responses = partitions.length === 0 ? [] : [{ topicId: TOPIC_ID, partitions }];
    return { acquisitionLockTimeoutMs: LOCK_MS, responses, nodeEndpoints: [] };
  }

  #hear(
    node: number,
    epoch: number,
    said: AcknowledgeRequest['topics'][number]['partitions'][number],
  ): number {
    for (const {
      firstOffset,
      lastOffset,
      acknowledgeTypes: types,
    } of said.acknowledgementBatches) {
      const { partitionIndex: partition } = said;
      this.said.push({ node, epoch, partition, offsets: [firstOffset, lastOffset], types });
    }
    if (node !== this.leader) return ERROR.NOT_LEADER_OR_FOLLOWER;
    return this.acknowledgeErrors.shift() ?? 0;
  }

  /** Counts the requests of a session as a broker does. */
  #errorOf(node: number, epoch: number): number {
    const scripted = this.requestErrors.shift() ?? 0;
    if (scripted !== 0) return scripted;
    const expected = this.#epochs.get(node);
    if (epoch === 0) this.#epochs.set(node, 1);
    else if (expected === undefined) return ERROR.SHARE_SESSION_NOT_FOUND;
    else if (epoch === -1) this.#epochs.delete(node);
    else if (epoch !== expected) return ERROR.INVALID_SHARE_SESSION_EPOCH;
    else this.#epochs.set(node, expected + 1);
    return 0;
  }
}

export function batchOf(count: number, baseOffset: number): Buffer {
  const records = Array.from({ length: count }, (_, i) => {
    return { value: Buffer.from(`value ${baseOffset + i}`), timestamp: 1 };
  });
  return buildBatch(records, { baseOffset, leaderEpoch: 1 });
}
