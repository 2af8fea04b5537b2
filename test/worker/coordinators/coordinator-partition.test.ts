import { expect, test } from 'vitest';
import { ManualClock } from '../../../src/base/clock.ts';
import { ERROR } from '../../../src/base/kafka-errors.ts';
import { silentLogger } from '../../../src/base/logger.ts';
import { GroupKind } from '../../../src/coordination/group/group-kind.ts';
import { DEFAULT_GROUP_SETTINGS } from '../../../src/coordination/group/group-settings.ts';
import type { GroupShard } from '../../../src/coordination/group/shard.ts';
import type { Partition } from '../../../src/partition/partition.ts';
import { API } from '../../../src/protocol/api-keys.ts';
import { recordCount } from '../../../src/records/batch-layout.ts';
import { ClientWaiter } from '../../../src/worker/coordinators/client-waiter.ts';
import type { CoordinatorAnswers } from '../../../src/worker/coordinators/coordinator-answers.ts';
import { CoordinatorPartition } from '../../../src/worker/coordinators/coordinator-partition.ts';
import { KnownTopics } from '../../../src/worker/groups/known-topics.ts';
import type { HostedPartition } from '../../../src/worker/partition-host.ts';

const ANSWER_LIMIT_MS = 5000;

interface Sent {
  readonly ticket: number;
  readonly body: { topics: { partitions: { errorCode: number }[] }[] };
}

/** A partition of `__consumer_offsets` over a log that is nothing but its ends. */
class Stage {
  readonly clock = new ManualClock(1_000_000);
  readonly sent: Sent[] = [];
  readonly batches: Buffer[] = [];
  appendError = 0;
  syncs = false;
  readonly log = {
    directory: '',
    segments: () => [],
    logStartOffset: 0,
    logEndOffset: 0,
    end: { offset: 0, segmentBase: 0, position: 0 },
  };
  readonly partition = {
    log: this.log,
    offlineReason: '',
    role: { lacksReplicas: false, replication: null as object | null },
    refusal: 0,
    highWatermark: 0,
    logEndOffset: 0,
    appendOwn: (batch: Buffer) => this.#append(batch),
  };
  readonly kind: GroupKind;
  readonly answers: CoordinatorAnswers;
  readonly offsets: CoordinatorPartition<GroupShard>;

  constructor() {
    const topics = new KnownTopics();
    topics.apply({ removed: [], changed: [{ name: 'topic', id: 'id', partitions: 1 }] });
    const answers = {
      send: (ticket: number, _k: number, _v: number, body: Sent['body']) => {
        this.sent.push({ ticket, body });
      },
    };
    const settings = { segmentBytes: 1_000_000 };
    const hosted = { slot: 3, topic: '__consumer_offsets', index: 0, settings } as HostedPartition;
    this.answers = answers as unknown as CoordinatorAnswers;
    this.kind = new GroupKind({ topics, settings: DEFAULT_GROUP_SETTINGS, newId: () => 'id' });
    this.offsets = new CoordinatorPartition(this.kind, hosted, {
      clock: this.clock,
      logger: silentLogger,
      answerLimitMs: ANSWER_LIMIT_MS,
      open: () => this.partition as unknown as Partition,
      appended: () => undefined,
      touched: () => undefined,
    });
  }

  #append(batch: Buffer): number {
    if (this.appendError !== 0) return this.appendError;
    this.batches.push(batch);
    this.partition.logEndOffset += recordCount(batch, 0);
    if (!this.syncs) this.partition.highWatermark = this.partition.logEndOffset;
    return 0;
  }

  commit(ticket: number, groupId = 'group', copies = 1): void {
    const partition = { partitionIndex: 0, committedOffset: 1, committedMetadata: '' };
    const partitions = Array.from({ length: copies }, () => partition);
    const request = {
      groupId,
      generationIdOrMemberEpoch: -1,
      memberId: '',
      groupInstanceId: null,
      topics: [{ name: 'topic', topicId: 'id', partitions }],
    };
    const context = { clientId: 'client', clientHost: '/host' };
    const call = { ticket, apiKey: API.OFFSET_COMMIT, version: 9, request, context };
    this.offsets.handle(call, new ClientWaiter(call, this.kind, this.answers));
  }

  errors(): [number, number][] {
    return this.sent.map(({ ticket, body }) => [ticket, body.topics[0]!.partitions[0]!.errorCode]);
  }
}

test('what several requests write is one batch, and nobody is answered before it is written', () => {
  const stage = new Stage();
  stage.commit(1, 'a');
  stage.commit(2, 'b');
  expect(stage.sent).toEqual([]);
  stage.offsets.flush();
  expect(stage.batches.map((batch) => recordCount(batch, 0))).toEqual([2]);
  expect(stage.errors()).toEqual([
    [1, 0],
    [2, 0],
  ]);
});

test('with group commit answers wait for the sync that covers their records', () => {
  const stage = new Stage();
  stage.syncs = true;
  stage.commit(1);
  stage.offsets.flush();
  stage.commit(2);
  stage.offsets.flush();
  expect(stage.sent).toEqual([]);
  stage.partition.highWatermark = 1;
  stage.offsets.onSynced();
  expect(stage.errors()).toEqual([[1, 0]]);
  stage.partition.highWatermark = 2;
  stage.offsets.onSynced();
  expect(stage.errors()).toEqual([
    [1, 0],
    [2, 0],
  ]);
});

test('while too few replicas are in sync nothing is written, and nothing is forgotten', () => {
  const stage = new Stage();
  stage.commit(1);
  stage.offsets.flush();
  const { shard } = stage.offsets;
  stage.partition.role.lacksReplicas = true;
  stage.commit(2);
  stage.offsets.flush();
  const onWritten: number[] = [];
  const marker = { producerId: 1, producerEpoch: 0, coordinatorEpoch: 0, isCommit: true };
  stage.offsets.endTransaction({ ...marker, transactionVersion: 2 }, (error) => {
    onWritten.push(error);
  });
  stage.clock.advance(DEFAULT_GROUP_SETTINGS.offsetsRetentionCheckIntervalMs);
  const nowMs = stage.clock.monotonicMs();
  expect(stage.offsets.nextDeadlineMs).toBeLessThanOrEqual(nowMs);
  stage.offsets.tick(nowMs);
  expect(stage.offsets.nextDeadlineMs).toBe(nowMs + 500);
  expect(stage.batches).toHaveLength(1);
  expect(stage.errors()).toEqual([
    [1, 0],
    [2, ERROR.COORDINATOR_NOT_AVAILABLE],
  ]);
  expect(onWritten).toEqual([ERROR.NOT_ENOUGH_REPLICAS]);
  stage.partition.role.lacksReplicas = false;
  stage.commit(3);
  stage.offsets.flush();
  expect(stage.errors().at(-1)).toEqual([3, 0]);
  expect(stage.offsets.shard).toBe(shard);
});

test('who waits for other replicas is told in time, and what was appended stays', () => {
  const stage = new Stage();
  stage.syncs = true;
  stage.partition.role.replication = {};
  stage.commit(1);
  stage.offsets.flush();
  const dueMs = stage.clock.monotonicMs() + ANSWER_LIMIT_MS;
  stage.clock.advance(ANSWER_LIMIT_MS - 1);
  stage.commit(2);
  stage.offsets.flush();
  expect(stage.offsets.nextDeadlineMs).toBe(dueMs);
  stage.clock.advance(1);
  stage.offsets.tick(dueMs);
  expect(stage.errors()).toEqual([[1, ERROR.COORDINATOR_NOT_AVAILABLE]]);
  expect(stage.offsets.nextDeadlineMs).toBe(dueMs + ANSWER_LIMIT_MS - 1);
  stage.partition.highWatermark = 2;
  stage.offsets.onSynced();
  expect(stage.errors()).toEqual([
    [1, ERROR.COORDINATOR_NOT_AVAILABLE],
    [2, 0],
  ]);
  expect(stage.batches).toHaveLength(2);
});

test('a failed append is COORDINATOR_NOT_AVAILABLE for all, and the groups are loaded anew', () => {
  const stage = new Stage();
  stage.commit(1);
  stage.commit(2);
  stage.appendError = 56;
  stage.offsets.flush();
  const { COORDINATOR_NOT_AVAILABLE } = ERROR;
  expect(stage.errors()).toEqual([
    [1, COORDINATOR_NOT_AVAILABLE],
    [2, COORDINATOR_NOT_AVAILABLE],
  ]);
  expect(stage.offsets.isLoaded).toBe(false);
  stage.appendError = 0;
  stage.commit(3);
  expect(stage.errors().at(-1)).toEqual([3, COORDINATOR_NOT_AVAILABLE]);
  stage.clock.advance(2000);
  stage.commit(4);
  stage.offsets.flush();
  expect(stage.errors().at(-1)).toEqual([4, 0]);
});

test('groups that failed are loaded anew after a while, also where nobody asks for them', () => {
  const stage = new Stage();
  stage.commit(1);
  stage.appendError = 56;
  stage.offsets.flush();
  const dueMs = stage.offsets.nextDeadlineMs;
  expect(dueMs).toBe(stage.clock.monotonicMs() + 5000);
  stage.clock.advance(5000);
  stage.partition.refusal = ERROR.KAFKA_STORAGE_ERROR;
  stage.offsets.tick(dueMs);
  expect(stage.offsets.isLoaded).toBe(false);
  expect(stage.offsets.nextDeadlineMs).toBe(dueMs + 5000);
  stage.clock.advance(5000);
  stage.partition.refusal = 0;
  stage.offsets.tick(dueMs + 5000);
  expect(stage.offsets.isLoaded).toBe(true);
});

test('a partition that another broker leads answers NOT_COORDINATOR and loads nothing', () => {
  const stage = new Stage();
  stage.partition.refusal = ERROR.NOT_LEADER_OR_FOLLOWER;
  stage.commit(1);
  expect(stage.errors()).toEqual([[1, ERROR.NOT_COORDINATOR]]);
  expect(stage.offsets.isLoaded).toBe(false);
  expect(stage.offsets.nextDeadlineMs).toBe(Number.POSITIVE_INFINITY);
});

test('a failed sync refuses what waited for it', () => {
  const stage = new Stage();
  stage.syncs = true;
  stage.commit(1);
  stage.offsets.flush();
  stage.partition.offlineReason = 'the disk is gone';
  stage.offsets.onSynced();
  expect(stage.errors()).toEqual([[1, ERROR.COORDINATOR_NOT_AVAILABLE]]);
});

test('a request whose client is gone is not answered, also when its ticket is used again', () => {
  const stage = new Stage();
  stage.syncs = true;
  stage.commit(1);
  stage.offsets.flush();
  stage.offsets.drop(1);
  stage.commit(1);
  stage.offsets.flush();
  stage.partition.highWatermark = 1;
  stage.offsets.onSynced();
  expect(stage.sent).toEqual([]);
  stage.partition.highWatermark = 2;
  stage.offsets.onSynced();
  expect(stage.errors()).toEqual([[1, 0]]);
});

test('what one request writes is one batch, so that no kill leaves a part of it', () => {
  const stage = new Stage();
  stage.commit(1, 'a');
  stage.commit(2, 'g'.repeat(200), 1500);
  stage.commit(3, 'b');
  stage.offsets.flush();
  expect(stage.batches.map((batch) => recordCount(batch, 0))).toEqual([1501, 1]);
  expect(stage.errors()).toEqual([
    [1, 0],
    [2, 0],
    [3, 0],
  ]);
});

test('what is too much for one batch becomes several, and is answered after the last', () => {
  const stage = new Stage();
  stage.commit(1, 'g'.repeat(200), 5000);
  stage.offsets.flush();
  expect(stage.batches.length).toBeGreaterThan(1);
  const counts = stage.batches.map((batch) => recordCount(batch, 0));
  expect(counts.reduce((sum, count) => sum + count, 0)).toBe(5000);
  expect(stage.errors()).toEqual([[1, 0]]);
});

test('a record that no segment can hold is refused, and the groups are loaded anew', () => {
  const stage = new Stage();
  stage.commit(1, 'g'.repeat(2_000_000));
  stage.offsets.flush();
  expect(stage.errors()).toEqual([[1, ERROR.COORDINATOR_NOT_AVAILABLE]]);
  expect(stage.batches).toEqual([]);
});
