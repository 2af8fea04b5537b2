import { statSync } from 'node:fs';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { ERROR } from '../../src/base/kafka-errors.ts';
import type { LogSettings } from '../../src/base/log-settings.ts';
import { installStorage, type Storage, systemStorage } from '../../src/log/storage.ts';
import { LeaderCopy } from '../../src/partition/leader-copy.ts';
import { Partition } from '../../src/partition/partition.ts';
import { setPartitionLeaderEpoch } from '../../src/records/batch-layout.ts';
import { type BatchShape, LogFixture, makeBatch, NOW, SETTINGS } from '../log/fixtures.ts';

const ENOSPC = 28;

let fixture: LogFixture;
let partition: Partition;
let writes: number;

/** Counts the writes to logs, and puts `changes` in place of what the disk does. */
function disk(changes: Partial<Storage> = {}): void {
  installStorage({
    ...systemStorage,
    append(...words) {
      writes++;
      return systemStorage.append(...words);
    },
    appendParts(...words) {
      writes++;
      return systemStorage.appendParts(...words);
    },
    ...changes,
  });
}

/** A follower with one batch, which has its files and its epoch. */
function open(changes: Partial<LogSettings> = {}): void {
  const settings = { ...SETTINGS, ...changes };
  partition = new Partition(0, fixture.open({ settings }), settings);
  partition.becomeFollower(5);
  expect(copyIn(stamped(0))).toBe(0);
  writes = 0;
}

function stamped(offset: number, shape: BatchShape = {}, epoch = 5): Buffer {
  const batch = makeBatch(offset, shape);
  setPartitionLeaderEpoch(batch, 0, epoch);
  return batch;
}

function copyIn(...batches: Buffer[]): number {
  const bytes = Buffer.concat(batches);
  return new LeaderCopy(partition).append(bytes, 0, bytes.length, NOW);
}

function batches(from: number, count: number, producerId = -1): Buffer[] {
  return Array.from({ length: count }, (_, i) => {
    const ofProducer = { producerId, epoch: 0, sequence: i };
    return stamped(from + i, producerId < 0 ? {} : ofProducer);
  });
}

beforeEach(() => {
  fixture = new LogFixture();
  disk();
});

afterEach(() => {
  installStorage(systemStorage);
  partition.log.close(true);
  fixture.remove();
});

test('what an answer brings goes to the log in one write, however many batches it has', () => {
  open();
  expect(copyIn(...batches(1, 300, 7))).toBe(0);
  expect(writes).toBe(1);
  expect(partition.logEndOffset).toBe(301);
  expect(partition.log.producers.entry(7)!.lastSequence).toBe(299);
  // The high watermark finds the end of each of them.
  partition.learnHighWatermark(150);
  expect(partition.highWatermark).toBe(150);
  const bytes = fixture.read(0).subarray(0, partition.log.sizeBytes);
  expect(bytes).toEqual(Buffer.concat([stamped(0), ...batches(1, 300, 7)]));
});

test('a batch of another epoch, and one that does not fit into the segment, begin another write', () => {
  const size = stamped(0).length;
  open({ segmentBytes: 10 * size });
  expect(copyIn(...batches(1, 4), stamped(5, {}, 4))).toBe(ERROR.FENCED_LEADER_EPOCH);
  expect([writes, partition.logEndOffset]).toEqual([1, 5]);
  partition.becomeFollower(6);
  expect(copyIn(...batches(5, 2), ...[7, 8, 9].map((at) => stamped(at, {}, 6)))).toBe(0);
  expect([writes, partition.logEndOffset]).toEqual([4, 10]);
  // The first of a segment goes by itself.
  expect(copyIn(...[10, 11, 12, 13].map((at) => stamped(at, {}, 6)))).toBe(0);
  expect([writes, partition.logEndOffset]).toEqual([6, 14]);
  expect(partition.log.segments().map(({ baseOffset }) => baseOffset)).toEqual([0, 10]);
  expect(partition.log.epochs.latest).toBe(6);
});

test('what lies before a damaged batch is in the log', () => {
  open();
  const damaged = stamped(4);
  damaged[70] = damaged[70]! ^ 1;
  expect(copyIn(...batches(1, 3), damaged, stamped(5))).toBe(ERROR.CORRUPT_MESSAGE);
  expect([writes, partition.logEndOffset]).toEqual([1, 4]);
});

test('where the disk takes a part of the write only, batches are written one by one', () => {
  open();
  let left = 2;
  disk({
    appendParts(...words) {
      return systemStorage.appendParts(...words) || ENOSPC;
    },
    append(...words) {
      return left-- > 0 ? systemStorage.append(...words) : ENOSPC;
    },
  });
  expect(copyIn(...batches(1, 5))).toBe(ERROR.KAFKA_STORAGE_ERROR);
  expect(partition.logEndOffset).toBe(3);
  // No crash finds the others behind the end.
  const end = partition.log.sizeBytes;
  expect(
    fixture
      .read(0)
      .subarray(end)
      .every((byte) => byte === 0),
  ).toBe(true);
  expect(statSync(fixture.segmentFile(0)).size).toBeGreaterThanOrEqual(end);
  disk();
  expect(copyIn(...batches(3, 3))).toBe(0);
  expect(partition.logEndOffset).toBe(6);
});
