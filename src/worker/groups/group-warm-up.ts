import { randomUUID } from 'node:crypto';
import type { Effects } from '../../coordination/effects.ts';
import { DEFAULT_GROUP_SETTINGS } from '../../coordination/group/group-settings.ts';
import { GroupShard } from '../../coordination/group/shard.ts';
import { API } from '../../protocol/api-keys.ts';
import { findCodec } from '../../protocol/api-registry.ts';
import { ByteWriter } from '../../protocol/byte-writer.ts';
import { BatchBuilder } from '../../records/batch-builder.ts';
import { encodeAnswer } from '../coordinators/encode-answer.ts';

const TOPIC = 'warm-up';
const GROUP = { groupId: 'warm-up', groupInstanceId: null, protocolType: 'consumer' };
const TOPIC_ID = 'warmUpAAAAAAAAAAAAAAAA';
const CONTEXT = { clientId: 'warm-up', clientHost: '/127.0.0.1' };
const SESSION = { sessionTimeoutMs: 30_000, rebalanceTimeoutMs: 30_000 };
const PARTITION = {
  partitionIndex: 0,
  committedOffset: 1,
  committedLeaderEpoch: -1,
  committedMetadata: '',
};

/** The versions that clients use: [the newest, one that older clients ask for]. */
const VERSIONS: ReadonlyMap<number, readonly [number, number]> = new Map([
  [API.JOIN_GROUP, [9, 5]],
  [API.SYNC_GROUP, [5, 3]],
  [API.OFFSET_FETCH, [10, 5]],
  [API.OFFSET_COMMIT, [10, 5]],
  [API.HEARTBEAT, [4, 3]],
  [API.LEAVE_GROUP, [5, 3]],
  [API.CONSUMER_GROUP_HEARTBEAT, [1, 0]],
]);

/** Late enough for the start to be over, early enough for the first group of a short test. */
const DELAY_MS = 80;

/**
 * Has V8 compile what groups need before the first real group comes, which would otherwise wait
 * 20 to 30 ms for it. A group with one member goes through its life on a shard of its own, and
 * nothing of it is kept. A step takes a few ms, so that commands are served between two.
 */
export class GroupWarmUp {
  readonly #writer = new ByteWriter();
  readonly #builder = new BatchBuilder();
  readonly #steps: (() => void)[] = [];
  #shard: GroupShard = this.#newShard();
  #memberId = '';

  readonly #dueMs: number;

  constructor(nowMs: number) {
    this.#dueMs = nowMs + DELAY_MS;
    for (const age of [0, 1] as const) {
      this.#steps.push(
        () => this.#join(age),
        () => this.#sync(age),
        () => this.#offsets(age),
        () => this.#leave(age),
      );
    }
    this.#steps.push(() => this.#joinByHeartbeat());
  }

  get isDone(): boolean {
    return this.#steps.length === 0;
  }

  step(): void {
    this.#steps.shift()?.();
  }

  /** Takes a step if it is time, and says after how many milliseconds there is another. */
  runTimers(nowMs: number): number {
    if (this.isDone) return Number.POSITIVE_INFINITY;
    if (nowMs < this.#dueMs) return this.#dueMs - nowMs;
    this.step();
    return 0;
  }

  /** A real group has come: what is left to compile, it compiles itself. */
  cancel(): void {
    this.#steps.length = 0;
  }

  #newShard(): GroupShard {
    const topics = {
      version: () => 1,
      partitionCount: (name: string) => (name === TOPIC ? 1 : 0),
      topicId: (name: string) => (name === TOPIC ? TOPIC_ID : undefined),
      topicName: (id: string) => (id === TOPIC_ID ? TOPIC : undefined),
      names: () => [TOPIC],
    };
    const settings = { ...DEFAULT_GROUP_SETTINGS, initialRebalanceDelayMs: 0 };
    return new GroupShard({ topics, settings, newId: randomUUID });
  }

  #ask(apiKey: number, age: 0 | 1, request: object): object {
    const version = VERSIONS.get(apiKey)![age];
    const codec = findCodec(apiKey)!;
    codec.request.decoder(version);
    const call = { ticket: 1, apiKey, version, request, context: CONTEXT };
    const effects = this.#shard.handle(call, 0, 0);
    return this.#take(effects, apiKey, version);
  }

  #take({ records, responses }: Effects, apiKey: number, version: number): object {
    for (const { key, value } of records) this.#builder.append(0, key, value);
    if (this.#builder.count > 0) this.#builder.build();
    this.#builder.reset();
    const body = responses[0]?.body ?? {};
    this.#writer.begin();
    encodeAnswer(this.#writer, apiKey, version, body);
    this.#writer.abandon();
    return body;
  }

  /** The first answer of most versions only tells the member its id. */
  #join(age: 0 | 1): void {
    const protocols = [{ name: 'range', metadata: Buffer.alloc(10) }];
    const request = { ...GROUP, ...SESSION, protocols, memberId: '', reason: null };
    const told = this.#ask(API.JOIN_GROUP, age, request) as { memberId: string };
    this.#memberId = told.memberId;
    this.#ask(API.JOIN_GROUP, age, { ...request, memberId: this.#memberId });
  }

  #sync(age: 0 | 1): void {
    const memberId = this.#memberId;
    const assignments = [{ memberId, assignment: Buffer.alloc(10) }];
    const request = { ...GROUP, memberId, generationId: 1, protocolName: 'range', assignments };
    this.#ask(API.SYNC_GROUP, age, request);
    this.#ask(API.HEARTBEAT, age, { ...GROUP, memberId, generationId: 1 });
  }

  #offsets(age: 0 | 1): void {
    const memberId = this.#memberId;
    const fetched = [{ name: TOPIC, topicId: TOPIC_ID, partitionIndexes: [0] }];
    const group = { ...GROUP, memberId: null, memberEpoch: -1, topics: fetched };
    const ask = { ...GROUP, topics: fetched, groups: [group], requireStable: false };
    this.#ask(API.OFFSET_FETCH, age, ask);
    const topics = [{ name: TOPIC, topicId: TOPIC_ID, partitions: [PARTITION] }];
    const commit = {
      ...GROUP,
      memberId,
      generationIdOrMemberEpoch: 1,
      retentionTimeMs: -1,
      topics,
    };
    this.#ask(API.OFFSET_COMMIT, age, commit);
    this.#ask(API.OFFSET_FETCH, age, ask);
  }

  #leave(age: 0 | 1): void {
    const memberId = this.#memberId;
    const members = [{ memberId, groupInstanceId: null, reason: null }];
    this.#ask(API.LEAVE_GROUP, age, { ...GROUP, memberId, members });
    this.#shard = this.#newShard();
  }

  #joinByHeartbeat(): void {
    const request = {
      ...GROUP,
      memberId: randomUUID(),
      memberEpoch: 0,
      instanceId: null,
      rackId: null,
      rebalanceTimeoutMs: 30_000,
      subscribedTopicNames: [TOPIC],
      subscribedTopicRegex: null,
      serverAssignor: null,
      topicPartitions: [],
    };
    this.#ask(API.CONSUMER_GROUP_HEARTBEAT, 0, request);
    this.#ask(API.CONSUMER_GROUP_HEARTBEAT, 0, { ...request, memberEpoch: 1 });
  }
}
