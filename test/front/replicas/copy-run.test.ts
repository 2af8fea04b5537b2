import { beforeEach, describe, expect, it } from 'vitest';
import { ERROR } from '../../../src/base/kafka-errors.ts';
import { nextTurn } from '../../../src/base/next-turn.ts';
import { PartitionMirror } from '../../../src/front/partitions/partition-mirror.ts';
import type { AppendWaiter } from '../../../src/front/partitions/workers.ts';
import { CopyRun } from '../../../src/front/replicas/copy-run.ts';
import { FollowedPartition } from '../../../src/front/replicas/followed-partition.ts';
import { Nap } from '../../../src/front/replicas/nap.ts';
import type { ReplicaWorkers } from '../../../src/front/replicas/replica-services.ts';
import { makeBatch } from '../../log/fixtures.ts';

const TICKET = 4;

let appended: [slot: number, epoch: number, bytes: number][];
let waiter: AppendWaiter;
let isBackedUp: boolean;
let nap: Nap;
let counted: number;
let outcomes: [index: number, error: number | 'fine'][];
let run: CopyRun;
/** The first byte of what was handed over. */
let firstBytes: number[];
let nowMs: number;
/** A worker in this thread needs so long for each append. */
let appendMs: number;

beforeEach(() => {
  appended = [];
  firstBytes = [];
  nowMs = 0;
  appendMs = 0;
  outcomes = [];
  isBackedUp = false;
  counted = 0;
  nap = new Nap();
  const workers = {
    get isBackedUp() {
      return isBackedUp;
    },
    takeAppendTicket(taken: AppendWaiter) {
      waiter = taken;
      return TICKET;
    },
    giveBackAppendTicket() {},
    append(_worker, slot, _ticket, _index, _acks, epoch, records) {
      appended.push([slot, epoch, records.length]);
      firstBytes.push(records[0]!);
      nowMs += appendMs;
    },
  } as Partial<ReplicaWorkers> as ReplicaWorkers;
  const throttle = {
    isExceeded: false,
    concerns: (_: string, index: number) => index === 1,
    count: (bytes: number) => {
      counted += bytes;
    },
  };
  const clock = { monotonicMs: () => nowMs, wallMs: () => nowMs };
  run = new CopyRun(
    { workers, throttle, clock },
    nap,
    ({ index }) => outcomes.push([index, 'fine']),
    ({ index }, error) => outcomes.push([index, error]),
  );
});

function followed(index: number): FollowedPartition {
  const mirror = new PartitionMirror(index + 10, 0, 'topic', 'id', index, '', 3);
  const partition = new FollowedPartition(mirror, 3);
  partition.startAt(0, -1, 0);
  return partition;
}

function add(partition: FollowedPartition, records: Buffer): Promise<boolean> {
  return run.add(partition, partition.fetched!, records);
}

describe('the appends of an answer', () => {
  it('move the follower to the end of the last whole batch', async () => {
    const partition = followed(1);
    const whole = Buffer.concat([makeBatch(0), makeBatch(1, { records: 4 })]);
    const records = Buffer.concat([whole, makeBatch(5).subarray(0, 40)]);
    expect(await add(partition, records)).toBe(true);
    expect(appended).toEqual([[11, 3, records.length]]);
    expect(counted).toBe(records.length);
    expect(partition.fetched!.fetchOffset).toBe(0);
    waiter.onAppended(0, 0, -1, -1, 0);
    expect(partition.fetched!.fetchOffset).toBe(5);
    expect(outcomes).toEqual([[1, 'fine']]);
    await run.finish();
  });

  it('need a whole batch', async () => {
    expect(await add(followed(0), makeBatch(0).subarray(0, 40))).toBe(false);
    expect(appended).toEqual([]);
    await run.finish();
  });

  it('leave a follower where it is whose append failed, or which follows another epoch', async () => {
    const [first, second, third] = [followed(0), followed(1), followed(2)];
    for (const each of [first, second]) await add(each, makeBatch(0));
    const asked = third.fetched!;
    third.begin(third.mirror, 4);
    expect(await run.add(third, asked, makeBatch(0))).toBe(true);
    second.begin(second.mirror, 4);
    waiter.onAppended(0, ERROR.CORRUPT_MESSAGE, -1, -1, 0);
    waiter.onAppended(1, 0, -1, -1, 0);
    expect(first.fetched!.fetchOffset).toBe(0);
    expect(outcomes).toEqual([[0, ERROR.CORRUPT_MESSAGE]]);
    expect(appended).toHaveLength(2);
    await run.finish();
  });

  it('wait for those before them where they are many', async () => {
    const large = makeBatch(0, { recordBytes: 300_000 });
    await add(followed(0), large);
    let isAdded = false;
    const adding = add(followed(1), large).then(() => {
      isAdded = true;
    });
    await nextTurn();
    expect([isAdded, appended.length]).toEqual([false, 1]);
    waiter.onAppended(0, 0, -1, -1, 0);
    await adding;
    expect(appended).toHaveLength(2);
    waiter.onAppended(1, 0, -1, -1, 0);
    await run.finish();
  });

  it('wait for the rings of the workers, too', async () => {
    const large = makeBatch(0, { recordBytes: 300_000 });
    isBackedUp = true;
    await add(followed(0), large);
    const adding = add(followed(1), large);
    waiter.onAppended(0, 0, -1, -1, 0);
    await nextTurn();
    nap.wake();
    await nextTurn();
    expect(appended).toHaveLength(1);
    isBackedUp = false;
    nap.wake();
    await adding;
    expect(appended).toHaveLength(2);
    waiter.onAppended(1, 0, -1, -1, 0);
    await run.finish();
  });

  it('are made one by one while the disk is slow, with a rest behind each', async () => {
    appendMs = 4000;
    await add(followed(0), makeBatch(0));
    const memory = [makeBatch(0), makeBatch(0), makeBatch(0)];
    for (const [i, records] of memory.entries()) expect(await add(followed(i), records)).toBe(true);
    // The socket reads into the same memory again.
    for (const records of memory) records.fill(1);
    const handing = run.handKept();
    await nextTurn();
    expect(appended).toHaveLength(1);
    waiter.onAppended(0, 0, -1, -1, 0);
    await nextTurn();
    expect(appended).toHaveLength(1);
    nap.wake();
    await nextTurn();
    expect(appended).toHaveLength(2);
    // The disk is quick again: the others need not wait for each other.
    appendMs = 0;
    waiter.onAppended(1, 0, -1, -1, 0);
    await nextTurn();
    nap.wake();
    await nextTurn();
    expect([appended.length, run.isSlow]).toEqual([3, true]);
    waiter.onAppended(2, 0, -1, -1, 0);
    await handing;
    expect([appended.length, run.isSlow]).toEqual([4, false]);
    expect(firstBytes).toEqual([0, 0, 0, 0]);
    waiter.onAppended(3, 0, -1, -1, 0);
    await run.finish();
  });

  it('count as slow in the next answer, too, and where the worker is another thread', async () => {
    await add(followed(0), makeBatch(0));
    expect(run.isSlow).toBe(false);
    nowMs += 300;
    waiter.onAppended(0, 0, -1, -1, 0);
    await run.handKept();
    await run.finish();
    expect(run.isSlow).toBe(true);
  });
});
