import { existsSync, readFileSync } from 'node:fs';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { ERROR } from '../../src/base/kafka-errors.ts';
import { LogReader } from '../../src/log/log-reader.ts';
import { OUTCOME } from '../../src/log/outcome.ts';
import { AckWaiters } from '../../src/partition/ack-waiters.ts';
import { GroupCommit } from '../../src/partition/group-commit.ts';
import { LeaderCopy } from '../../src/partition/leader-copy.ts';
import { Partition } from '../../src/partition/partition.ts';
import { buildBatch } from '../../src/records/batch-builder.ts';
import {
  baseOffset,
  partitionLeaderEpoch,
  setPartitionLeaderEpoch,
  sizeInBytes,
} from '../../src/records/batch-layout.ts';
import type { ReplicaRegistration } from '../../src/replication/replica-registration.ts';
import type { ReplicationContext } from '../../src/replication/replication-context.ts';
import { LogFixture, makeBatch, NOW, SETTINGS } from '../log/fixtures.ts';

const VERSION = 9;

let fixture: LogFixture;

beforeEach(() => {
  fixture = new LogFixture();
});

afterEach(() => {
  fixture.remove();
});

function open(settings = SETTINGS, checkpointed = 0): Partition {
  return new Partition(0, fixture.open({ settings }), settings, checkpointed, context());
}

/** Node 1. Each other broker is registered under ten times its id. */
function context(): ReplicationContext {
  const brokers = { epochOf: (id: number) => 10 * id, isLeaving: () => false };
  return { nodeId: 1, lagTimeMaxMs: 30_000, answerLimitMs: 5000, nowMs: 0, brokers };
}

/** All replicas are in sync, unless it is said who is. */
function shared(
  leaderEpoch: number,
  others: readonly number[],
  inSync: readonly number[] = others,
  partitionEpoch = 0,
): ReplicaRegistration {
  const replicas = [1, ...others];
  return { leaderEpoch, partitionEpoch, replicas, inSyncReplicas: [1, ...inSync] };
}

function reached(partition: Partition, id: number, offset: number): void {
  expect(partition.replicaFetched(id, 10 * id, offset, 0)).toBe(0);
}

function produce(partition: Partition, sequence = -1): number {
  const record = { value: Buffer.from('v'), timestamp: NOW };
  const producer = { producerId: 1, producerEpoch: 0, baseSequence: sequence };
  const batch = buildBatch([record], sequence < 0 ? {} : producer);
  return partition.append(batch, 0, batch.length, VERSION, NOW);
}

/** A batch as a leader stamped it. */
function stamped(offset: number, epoch: number, shape = {}): Buffer {
  const batch = makeBatch(offset, shape);
  setPartitionLeaderEpoch(batch, 0, epoch);
  return batch;
}

function copyIn(partition: Partition, ...batches: Buffer[]): number {
  const bytes = Buffer.concat(batches);
  return new LeaderCopy(partition).append(bytes, 0, bytes.length, NOW);
}

/** Base offset and leader epoch of each stored batch below the high watermark. */
function visible(partition: Partition): [number, number][] {
  const reader = new LogReader(partition.log.directory, partition.limits);
  for (const each of partition.log.segments()) reader.addSegment(each.baseOffset, each.sizeBytes);
  reader.setEnd(partition.logEnd);
  expect(reader.read(0, 1 << 20, true)).toBe(OUTCOME.OK);
  const found: [number, number][] = [];
  const end = reader.start + reader.length;
  for (let at = reader.start; at < end; at += sizeInBytes(reader.bytes, at)) {
    found.push([baseOffset(reader.bytes, at), partitionLeaderEpoch(reader.bytes, at)]);
  }
  return found;
}

describe('an election', () => {
  it('decides who takes appends, and of which epoch they are', () => {
    const partition = open();
    expect(produce(partition)).toBe(ERROR.NOT_LEADER_OR_FOLLOWER);
    expect(partition.becomeLeader(4)).toBe(true);
    expect(produce(partition)).toBe(0);
    expect(partition.becomeFollower(6)).toBe(true);
    expect(produce(partition)).toBe(ERROR.NOT_LEADER_OR_FOLLOWER);
    const own = stamped(1, 0);
    expect(partition.appendOwn(own, 0, own.length, NOW)).toBe(ERROR.NOT_LEADER_OR_FOLLOWER);
    expect(partition.becomeLeader(7)).toBe(true);
    expect(produce(partition)).toBe(0);
    expect(visible(partition)).toEqual([
      [0, 4],
      [1, 7],
    ]);
    partition.log.close(true);
  });

  it('of an epoch that is over changes nothing', () => {
    const partition = open();
    partition.becomeLeader(5);
    expect(partition.becomeFollower(5)).toBe(false);
    expect(partition.becomeFollower(4)).toBe(false);
    expect(partition.becomeLeader(4)).toBe(false);
    expect([partition.role.isLeader, partition.leaderEpoch]).toEqual([true, 5]);
    partition.log.close(true);
  });

  it('writes its epoch to the disk with the first batch, not before', () => {
    const partition = open();
    partition.becomeLeader(3);
    const path = fixture.path('leader-epoch-checkpoint');
    expect(existsSync(path)).toBe(false);
    produce(partition);
    expect(readFileSync(path, 'utf8').trim().split('\n').slice(2)).toEqual(['3 0']);
    partition.becomeLeader(9);
    produce(partition);
    expect(readFileSync(path, 'utf8').trim().split('\n').slice(2)).toEqual(['3 0', '9 1']);
    partition.log.epochs.endOffsetFor(5, partition.logEndOffset);
    expect([partition.log.epochs.foundEpoch, partition.log.epochs.foundEndOffset]).toEqual([3, 1]);
    partition.log.close(true);
  });
});

describe('the high watermark of a leader', () => {
  it('is what is durable where there is no other replica', () => {
    const partition = open();
    partition.becomeLeader(0);
    for (let end = 1; end < 4; end++) {
      produce(partition);
      expect([partition.highWatermark, partition.limits.lastStable.offset]).toEqual([end, end]);
    }
    partition.log.close(true);
  });

  it('is the least that a replica in sync has', () => {
    const partition = open();
    partition.becomeLeader(1, shared(1, [2, 3]));
    for (let i = 0; i < 6; i++) produce(partition);
    expect(partition.highWatermark).toBe(0);
    reached(partition, 2, 6);
    expect(partition.highWatermark).toBe(0);
    reached(partition, 3, 4);
    expect(partition.replicaFetched(9, 90, 1, 0)).toBe(ERROR.UNKNOWN_LEADER_EPOCH);
    expect(partition.highWatermark).toBe(4);
    expect(visible(partition).length).toBe(4);
    // A replica that begins anew does not take back what was acknowledged.
    reached(partition, 3, 0);
    expect(partition.highWatermark).toBe(4);
    expect(partition.becomeLeader(1, shared(1, [2], [2], 1))).toBe(true);
    expect(partition.highWatermark).toBe(6);
    produce(partition);
    expect(partition.highWatermark).toBe(6);
    partition.becomeLeader(1, shared(1, [], [], 2));
    expect(partition.highWatermark).toBe(7);
    partition.log.close(true);
  });

  it('does not rise while the topic asks for more replicas in sync', () => {
    const settings = { ...SETTINGS, minInSyncReplicas: 2 };
    const partition = open(settings);
    partition.becomeLeader(1, shared(1, [2, 3], []));
    produce(partition);
    expect([partition.role.lacksReplicas, partition.highWatermark]).toEqual([true, 0]);
    reached(partition, 2, 1);
    expect(partition.highWatermark).toBe(0);
    const { pending } = partition.role.replication!.inSync;
    expect(pending!.replicas.map(({ id }) => id)).toEqual([1, 2]);
    expect(partition.becomeLeader(1, shared(1, [2, 3], [2], 1))).toBe(true);
    expect([partition.role.lacksReplicas, partition.highWatermark]).toEqual([false, 1]);
    expect(partition.becomeLeader(1, shared(1, [2, 3], []))).toBe(false);
    partition.configure({ ...settings, minInSyncReplicas: 3 });
    expect(partition.role.lacksReplicas).toBe(true);
    produce(partition);
    reached(partition, 2, 2);
    expect(partition.highWatermark).toBe(1);
    partition.configure(SETTINGS);
    expect(partition.highWatermark).toBe(2);
    partition.log.close(true);
  });

  it('is kept where the log was alone and gets replicas within its epoch', () => {
    const partition = open();
    partition.becomeLeader(1, shared(1, []));
    for (let i = 0; i < 3; i++) produce(partition);
    expect(partition.replicaFetched(2, 20, 0, 0)).toBe(ERROR.UNKNOWN_LEADER_EPOCH);
    expect(partition.becomeLeader(1, shared(1, [2], [], 1))).toBe(true);
    reached(partition, 2, 2);
    expect(partition.role.replication!.inSync.pending).toBeNull();
    reached(partition, 2, 3);
    expect(partition.role.replication!.inSync.pending).not.toBeNull();
    produce(partition);
    expect(partition.highWatermark).toBe(3);
    partition.log.close(true);
  });

  it('waits for the own disk too', () => {
    const settings = { ...SETTINGS, groupCommit: true };
    const partition = open(settings);
    const commit = new GroupCommit(partition, () => {});
    partition.becomeLeader(0, shared(0, [2]));
    for (let i = 0; i < 3; i++) produce(partition);
    commit.start();
    reached(partition, 2, 3);
    expect(partition.highWatermark).toBe(0);
    commit.succeed();
    expect(partition.highWatermark).toBe(3);
    partition.log.close(true);
  });
});

describe('appends that wait', () => {
  function waiting(partition: Partition) {
    const waiters = new AckWaiters(partition);
    const told: [ticket: number, error: number, base: number][] = [];
    const settle = () =>
      waiters.settle((ticket, _, error, base) => told.push([ticket, error, base]));
    for (let ticket = 0; ticket < 3; ticket++) {
      produce(partition);
      waiters.add(ticket, 0, partition.appendedBaseOffset, -1, partition.requiredEnd);
    }
    return { told, settle };
  }

  it('are acknowledged as the high watermark passes them', () => {
    const partition = open();
    partition.becomeLeader(0, shared(0, [2]));
    const { told, settle } = waiting(partition);
    settle();
    expect(told).toEqual([]);
    reached(partition, 2, 2);
    settle();
    expect(told).toEqual([
      [0, 0, 0],
      [1, 0, 1],
    ]);
    partition.log.close(true);
  });

  it('are refused when another node leads', () => {
    const partition = open();
    partition.becomeLeader(0, shared(0, [2]));
    const { told, settle } = waiting(partition);
    partition.becomeFollower(1);
    settle();
    expect(told.map(([, error]) => error)).toEqual(new Array(3).fill(6));
    partition.log.close(true);
  });

  it('are told that too few replicas were left after they had it', () => {
    const partition = open({ ...SETTINGS, minInSyncReplicas: 2 });
    partition.becomeLeader(0, shared(0, [2, 3], [2]));
    const { told, settle } = waiting(partition);
    reached(partition, 2, 2);
    partition.becomeLeader(0, shared(0, [2, 3], [], 1));
    settle();
    expect(told.map(([, error, base]) => [error, base])).toEqual([
      [ERROR.NOT_ENOUGH_REPLICAS_AFTER_APPEND, -1],
      [ERROR.NOT_ENOUGH_REPLICAS_AFTER_APPEND, -1],
    ]);
    partition.log.close(true);
  });

  it('are refused when the disk failed', () => {
    const partition = open();
    partition.becomeLeader(0, shared(0, [2]));
    const { told, settle } = waiting(partition);
    partition.offlineReason = 'the disk is gone';
    settle();
    expect(told.every(([, error]) => error === ERROR.KAFKA_STORAGE_ERROR)).toBe(true);
    expect(told.length).toBe(3);
    partition.log.close(false);
  });
});

describe('a follower', () => {
  it('stores batches as its leader stamped them', () => {
    const partition = open();
    partition.becomeFollower(5);
    const cutOff = stamped(12, 5).subarray(0, 40);
    const error = copyIn(partition, stamped(0, 2), stamped(1, 5), stamped(10, 5), cutOff);
    expect(error).toBe(0);
    expect(partition.logEndOffset).toBe(11);
    partition.learnHighWatermark(11);
    expect(visible(partition)).toEqual([
      [0, 2],
      [1, 5],
      [10, 5],
    ]);
    partition.log.epochs.endOffsetFor(2, partition.logEndOffset);
    expect(partition.log.epochs.foundEndOffset).toBe(1);
    partition.log.close(true);
  });

  it('refuses what is damaged, goes back, or is of an epoch that cannot be', () => {
    const partition = open();
    partition.becomeFollower(5);
    copyIn(partition, stamped(0, 3), stamped(1, 4));
    const damaged = stamped(3, 4);
    damaged[70] = damaged[70]! ^ 1;
    expect(copyIn(partition, stamped(2, 4), damaged)).toBe(ERROR.CORRUPT_MESSAGE);
    expect(partition.logEndOffset).toBe(3);
    expect(copyIn(partition, Buffer.alloc(200))).toBe(ERROR.CORRUPT_MESSAGE);
    expect(copyIn(partition, stamped(2, 4))).toBe(ERROR.OFFSET_OUT_OF_RANGE);
    expect(copyIn(partition, stamped(3, 6))).toBe(ERROR.UNKNOWN_LEADER_EPOCH);
    expect(copyIn(partition, stamped(3, 3))).toBe(ERROR.FENCED_LEADER_EPOCH);
    expect(partition.logEndOffset).toBe(3);
    partition.becomeLeader(6);
    expect(copyIn(partition, stamped(3, 6))).toBe(ERROR.NOT_LEADER_OR_FOLLOWER);
    partition.log.close(true);
  });

  it('knows the producers of what it copied when it is elected', () => {
    const partition = open();
    partition.becomeFollower(1);
    for (let i = 0; i < 3; i++) {
      copyIn(partition, stamped(i, 1, { producerId: 1, epoch: 0, sequence: i }));
    }
    partition.becomeLeader(2);
    expect(produce(partition, 2)).toBe(0);
    expect(partition.appendedBaseOffset).toBe(2);
    expect(produce(partition, 4)).toBe(ERROR.OUT_OF_ORDER_SEQUENCE_NUMBER);
    expect(produce(partition, 3)).toBe(0);
    expect(partition.appendedBaseOffset).toBe(3);
    partition.log.close(true);
  });

  it('may be read as far as its leader says and its own log goes', () => {
    const partition = open();
    partition.becomeFollower(1);
    copyIn(partition, stamped(0, 1), stamped(1, 1), stamped(2, 1));
    expect(partition.highWatermark).toBe(0);
    partition.learnHighWatermark(2);
    expect(visible(partition)).toEqual([
      [0, 1],
      [1, 1],
    ]);
    partition.learnHighWatermark(9);
    expect(partition.highWatermark).toBe(3);
    copyIn(partition, stamped(3, 1));
    expect(partition.highWatermark).toBe(4);
    partition.log.close(true);
  });

  it('begins with the high watermark of the checkpoint, a lone leader with its log end', () => {
    const first = open();
    first.becomeLeader(0);
    for (let i = 0; i < 6; i++) produce(first);
    first.log.close(true);
    for (const [checkpointed, expected] of [
      [4, 4],
      [0, 0],
      [99, 6],
    ]) {
      const follower = open(SETTINGS, checkpointed);
      follower.becomeFollower(1);
      expect(follower.highWatermark).toBe(expected);
      expect(visible(follower).length).toBe(expected);
      follower.log.close(true);
    }
    const leader = open(SETTINGS, 4);
    leader.becomeLeader(1, shared(1, [2]));
    expect(leader.highWatermark).toBe(4);
    leader.becomeLeader(1, shared(1, [], [], 1));
    expect(leader.highWatermark).toBe(6);
    leader.log.close(true);
  });

  it('truncates what its new leader does not have, and goes on behind it', () => {
    const partition = open();
    partition.becomeLeader(1);
    for (let i = 0; i < 6; i++) produce(partition);
    expect(new LeaderCopy(partition).truncateTo(3, NOW)).toBe(ERROR.NOT_LEADER_OR_FOLLOWER);
    partition.becomeFollower(2);
    expect(new LeaderCopy(partition).truncateTo(4, NOW)).toBe(0);
    expect([partition.logEndOffset, partition.highWatermark]).toEqual([4, 4]);
    expect(partition.durableEnd).toEqual(partition.logEnd);
    copyIn(partition, stamped(4, 2), stamped(5, 2));
    partition.learnHighWatermark(6);
    expect(visible(partition).map(([, epoch]) => epoch)).toEqual([1, 1, 1, 1, 2, 2]);
    partition.log.close(true);
  });

  it('cuts where its leader says that they last agreed, as often as it takes (KIP-279)', () => {
    const partition = open();
    partition.becomeFollower(3);
    const own = [stamped(0, 1), stamped(1, 1), stamped(2, 1), stamped(3, 3), stamped(4, 3)];
    copyIn(partition, ...own);
    partition.becomeFollower(5);
    // The leader has [0, 4) of epoch 2, which this one never saw, and then that of epoch 1.
    expect(new LeaderCopy(partition).truncateToEpoch(2, 4, NOW)).toBe(0);
    expect([partition.logEndOffset, partition.log.epochs.latest]).toEqual([3, 1]);
    expect(new LeaderCopy(partition).truncateToEpoch(1, 2, NOW)).toBe(0);
    expect([partition.logEndOffset, partition.highWatermark]).toEqual([2, 0]);
    expect(copyIn(partition, stamped(2, 2), stamped(3, 5))).toBe(0);
    partition.learnHighWatermark(4);
    expect(visible(partition).map(([, epoch]) => epoch)).toEqual([1, 1, 2, 5]);
    partition.log.close(true);
  });

  it('begins anew where its leader has nothing of what it has', () => {
    const partition = open();
    partition.becomeFollower(3);
    copyIn(partition, stamped(0, 1), stamped(1, 3));
    partition.learnHighWatermark(2);
    expect(new LeaderCopy(partition).startAnewAt(50, NOW)).toBe(0);
    const { logStartOffset, logEndOffset, highWatermark, durableEnd, logEnd } = partition;
    expect([logStartOffset, logEndOffset, highWatermark]).toEqual([50, 50, 50]);
    expect(durableEnd).toEqual(logEnd);
    expect([partition.log.epochs.latest, partition.log.recoveryPoint]).toEqual([-1, 0]);
    expect(copyIn(partition, stamped(50, 2), stamped(51, 3))).toBe(0);
    expect(partition.logEndOffset).toBe(52);
    partition.becomeLeader(4);
    expect(new LeaderCopy(partition).startAnewAt(90, NOW)).toBe(ERROR.NOT_LEADER_OR_FOLLOWER);
    partition.log.close(true);
    const again = fixture.open();
    expect([again.logStartOffset, again.logEndOffset, again.epochs.first]).toEqual([50, 52, 2]);
    again.close(true);
  });

  it('takes a first batch that begins below the start of its empty log', () => {
    const partition = open();
    partition.becomeFollower(3);
    copyIn(partition, stamped(0, 1));
    expect(new LeaderCopy(partition).startAnewAt(52, NOW)).toBe(0);
    expect(copyIn(partition, stamped(50, 2, { records: 5 }), stamped(55, 3))).toBe(0);
    expect([partition.logStartOffset, partition.logEndOffset]).toEqual([52, 56]);
    partition.learnHighWatermark(56);
    expect(partition.highWatermark).toBe(56);
    expect(copyIn(partition, stamped(50, 3))).toBe(ERROR.OFFSET_OUT_OF_RANGE);
    partition.log.close(true);
  });

  it('does not take the sync of a truncated tail for one of what came instead', () => {
    const settings = { ...SETTINGS, groupCommit: true };
    const partition = open(settings);
    const commit = new GroupCommit(partition, () => {});
    partition.becomeLeader(1);
    for (let i = 0; i < 4; i++) produce(partition);
    commit.start();
    partition.becomeFollower(2);
    new LeaderCopy(partition).truncateTo(2, NOW);
    copyIn(partition, stamped(2, 2), stamped(3, 2));
    partition.learnHighWatermark(4);
    commit.succeed();
    expect(partition.highWatermark).toBe(0);
    commit.start();
    commit.succeed();
    expect(partition.highWatermark).toBe(4);
    partition.log.close(true);
  });
});
