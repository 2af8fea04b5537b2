import type { CoordinatorRecord, Effects } from '../../../src/coordination/effects.ts';
import type { GroupSettings } from '../../../src/coordination/group/group-settings.ts';
import { DEFAULT_GROUP_SETTINGS } from '../../../src/coordination/group/group-settings.ts';
import { GroupShard } from '../../../src/coordination/group/shard.ts';
import type { TopicView } from '../../../src/coordination/group/topic-view.ts';
import { ZERO_UUID } from '../../../src/coordination/group/topic-view.ts';
import { API } from '../../../src/protocol/api-keys.ts';
import type { OffsetCommitRequest } from '../../../src/protocol/schema/08-offset-commit.ts';
import type { OffsetFetchResponse } from '../../../src/protocol/schema/09-offset-fetch.ts';
import type {
  JoinGroupRequest,
  JoinGroupResponse,
} from '../../../src/protocol/schema/11-join-group.ts';
import type {
  SyncGroupRequest,
  SyncGroupResponse,
} from '../../../src/protocol/schema/14-sync-group.ts';

export const START_WALL_MS = 1_700_000_000_000;

/** Topics made by hand; an id is the name, padded, in Kafka's text form. */
export class FakeTopics implements TopicView {
  readonly #topics = new Map<string, { id: string; count: number }>();
  readonly #names = new Map<string, string>();
  #version = 1;

  add(name: string, count: number): string {
    const text = `${this.#version}-${name}`.padEnd(16, '-').slice(0, 16);
    const id = Buffer.from(text).toString('base64url');
    this.#topics.set(name, { id, count });
    this.#names.set(id, name);
    this.#version++;
    return id;
  }

  grow(name: string, count: number): void {
    this.#topics.get(name)!.count = count;
    this.#version++;
  }

  remove(name: string): void {
    this.#names.delete(this.#topics.get(name)!.id);
    this.#topics.delete(name);
    this.#version++;
  }

  version(): number {
    return this.#version;
  }

  partitionCount(name: string): number {
    return this.#topics.get(name)?.count ?? 0;
  }

  topicId(name: string): string | undefined {
    return this.#topics.get(name)?.id;
  }

  topicName(id: string): string | undefined {
    return this.#names.get(id);
  }

  names(): Iterable<string> {
    return this.#topics.keys();
  }
}

/** A shard with a clock moved by hand, a log kept in memory, and answers kept by ticket. */
export class Harness {
  readonly topics = new FakeTopics();
  readonly settings: GroupSettings;
  shard: GroupShard;
  log: CoordinatorRecord[] = [];
  readonly answers = new Map<number, object>();
  nowMs = 1_000;
  wallMs = START_WALL_MS;
  /** The records that the last step appended. */
  appended: readonly CoordinatorRecord[] = [];
  clientId = 'client';
  #ticket = 0;
  #ids = 0;

  constructor(settings: Partial<GroupSettings> = {}) {
    this.settings = { ...DEFAULT_GROUP_SETTINGS, initialRebalanceDelayMs: 0, ...settings };
    this.shard = this.newShard();
    this.take(this.shard.onLoaded(this.nowMs, this.wallMs));
  }

  newShard(): GroupShard {
    const newId = () => `id${++this.#ids}`;
    return new GroupShard({ topics: this.topics, settings: this.settings, newId });
  }

  take(effects: Effects): void {
    this.appended = effects.records;
    this.log.push(...effects.records);
    for (const { ticket, body } of effects.responses) {
      if (this.answers.has(ticket)) throw new Error(`ticket ${ticket} was answered twice`);
      this.answers.set(ticket, body);
    }
  }

  /** Sends a request and gives its ticket; the answer may be there already. */
  send(apiKey: number, version: number, request: object): number {
    const ticket = ++this.#ticket;
    const context = { clientId: this.clientId, clientHost: '/127.0.0.1' };
    const call = { ticket, apiKey, version, request, context };
    this.take(this.shard.handle(call, this.nowMs, this.wallMs));
    return ticket;
  }

  /** Sends a request that is answered at once. */
  call<T = Record<string, unknown>>(apiKey: number, version: number, request: object): T {
    const ticket = this.send(apiKey, version, request);
    const answer = this.answers.get(ticket);
    if (answer === undefined) throw new Error('the request was parked');
    return answer as T;
  }

  answerOf<T>(ticket: number): T {
    const answer = this.answers.get(ticket);
    if (answer === undefined) throw new Error(`ticket ${ticket} has no answer`);
    return answer as T;
  }

  /** Moves both clocks, ticking at every deadline on the way. */
  advance(ms: number): void {
    const endMs = this.nowMs + ms;
    for (;;) {
      const nextMs = this.shard.nextDeadlineMs();
      if (nextMs > endMs) break;
      const stepMs = Math.max(nextMs - this.nowMs, 0);
      this.nowMs += stepMs;
      this.wallMs += stepMs;
      this.take(this.shard.tick(this.nowMs, this.wallMs));
    }
    this.wallMs += endMs - this.nowMs;
    this.nowMs = endMs;
  }

  /** Loads the log into a fresh shard, as after a restart. */
  restart(): void {
    this.shard = this.reload();
    this.take(this.shard.onLoaded(this.nowMs, this.wallMs));
  }

  reload(log: readonly CoordinatorRecord[] = this.log): GroupShard {
    const shard = this.newShard();
    for (const { key, value } of log) shard.replay(key, value);
    return shard;
  }

  /** The log as the cleaner would leave it: the last record of each key, without tombstones. */
  compacted(): CoordinatorRecord[] {
    const last = new Map<string, number>();
    this.log.forEach(({ key }, at) => {
      last.set(key.toString('latin1'), at);
    });
    return this.log.filter(
      ({ key, value }, at) => last.get(key.toString('latin1')) === at && value !== null,
    );
  }

  join(fields: Partial<JoinGroupRequest> = {}, version = 9): number {
    return this.send(API.JOIN_GROUP, version, joinRequest(fields));
  }

  sync(fields: Partial<SyncGroupRequest>, version = 5): number {
    const request: SyncGroupRequest = {
      groupId: 'group',
      generationId: 1,
      memberId: '',
      groupInstanceId: null,
      protocolType: 'consumer',
      protocolName: 'range',
      assignments: [],
      ...fields,
    };
    return this.send(API.SYNC_GROUP, version, request);
  }

  heartbeat(memberId: string, generationId: number, groupInstanceId: string | null = null): number {
    const request = { groupId: 'group', generationId, memberId, groupInstanceId };
    return this.call<{ errorCode: number }>(API.HEARTBEAT, 4, request).errorCode;
  }

  /** Joins a dynamic member the way that clients do: first for an id, then with it. */
  joinDynamic(fields: Partial<JoinGroupRequest> = {}): { ticket: number; memberId: string } {
    const { memberId } = this.answerOf<JoinGroupResponse>(this.join(fields));
    return { ticket: this.join({ ...fields, memberId }), memberId };
  }

  joined(ticket: number): JoinGroupResponse {
    return this.answerOf<JoinGroupResponse>(ticket);
  }

  synced(ticket: number): SyncGroupResponse {
    return this.answerOf<SyncGroupResponse>(ticket);
  }

  /** A stable group of one. */
  stableMember(fields: Partial<JoinGroupRequest> = {}): string {
    const { ticket, memberId } = this.joinDynamic(fields);
    const { generationId } = this.joined(ticket);
    const assignments = [{ memberId, assignment: Buffer.from('mine') }];
    this.sync({ groupId: fields.groupId ?? 'group', memberId, generationId, assignments });
    return memberId;
  }

  commit(
    topic: string,
    partition: number,
    offset: number,
    fields: Partial<OffsetCommitRequest> = {},
    version = 9,
  ): number {
    const request: OffsetCommitRequest = {
      groupId: 'group',
      generationIdOrMemberEpoch: -1,
      memberId: '',
      groupInstanceId: null,
      retentionTimeMs: -1,
      topics: [
        {
          name: topic,
          topicId: this.topics.topicId(topic) ?? ZERO_UUID,
          partitions: [
            {
              partitionIndex: partition,
              committedOffset: offset,
              committedLeaderEpoch: -1,
              committedMetadata: null,
            },
          ],
        },
      ],
      ...fields,
    };
    const body = this.call<{ topics: { partitions: { errorCode: number }[] }[] }>(
      API.OFFSET_COMMIT,
      version,
      request,
    );
    return body.topics[0]!.partitions[0]!.errorCode;
  }

  /** The committed offset as a reader of the group sees it. */
  committed(topic: string, partition: number, groupId = 'group'): number {
    const body = this.call<OffsetFetchResponse>(API.OFFSET_FETCH, 8, {
      groupId: '',
      topics: [],
      requireStable: false,
      groups: [
        {
          groupId,
          memberId: null,
          memberEpoch: -1,
          topics: [{ name: topic, topicId: ZERO_UUID, partitionIndexes: [partition] }],
        },
      ],
    });
    return body.groups[0]!.topics[0]!.partitions[0]!.committedOffset;
  }

  stateOf(groupId = 'group'): string | undefined {
    for (const group of this.shard.groups()) if (group.groupId === groupId) return group.state;
    return undefined;
  }
}

export function joinRequest(fields: Partial<JoinGroupRequest> = {}): JoinGroupRequest {
  return {
    groupId: 'group',
    sessionTimeoutMs: 10_000,
    rebalanceTimeoutMs: 60_000,
    memberId: '',
    groupInstanceId: null,
    protocolType: 'consumer',
    protocols: [{ name: 'range', metadata: subscription(['topic']) }],
    reason: null,
    ...fields,
  };
}

/** A consumer's subscription, version 0. */
export function subscription(topics: readonly string[]): Buffer {
  const parts = [Buffer.from([0, 0, 0, 0, 0, topics.length])];
  for (const topic of topics) {
    parts.push(Buffer.from([0, Buffer.byteLength(topic)]), Buffer.from(topic));
  }
  parts.push(Buffer.from([0xff, 0xff, 0xff, 0xff]));
  return Buffer.concat(parts);
}

/** Random numbers that are the same in every run. */
export function seeded(seed: number): () => number {
  let state = seed;
  return () => {
    state = (state + 0x6d2b79f5) | 0;
    let mixed = Math.imul(state ^ (state >>> 15), state | 1);
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61);
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 4_294_967_296;
  };
}
