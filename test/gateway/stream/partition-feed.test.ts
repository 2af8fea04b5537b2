import { beforeEach, expect, test } from 'vitest';
import { PartitionMirror } from '../../../src/front/partitions/partition-mirror.ts';
import { BatchFormat } from '../../../src/gateway/stream/batch-format.ts';
import { frameOf, readOutcome } from '../../../src/gateway/stream/partition-feed.ts';
import type { LogReader } from '../../../src/log/log-reader.ts';
import { OUTCOME } from '../../../src/log/outcome.ts';
import { buildBatch } from '../../../src/records/batch-builder.ts';
import { setBaseOffset } from '../../../src/records/batch-layout.ts';

const STRETCH_BYTES = 1000;
const PRODUCER = { producerId: 7, producerEpoch: 0, baseSequence: 0, transactional: true };

/** Three batches of one transaction, which was aborted at offset 3. */
class AbortedReader {
  bytes = Buffer.concat(
    [0, 1, 2].map((offset) => {
      const batch = buildBatch([{ value: Buffer.from('x') }], PRODUCER);
      setBaseOffset(batch, 0, offset);
      return batch;
    }),
  );
  start = 0;
  length = 0;
  nextOffset = 3;
  aborted: object[] = [];
  abortedOutcome: number = OUTCOME.OK;
  readonly limits: number[] = [];
  readonly abortedFrom: number[] = [];

  readTouched(_from: number, _max: number, _one: boolean, limit: { offset: number }): number {
    this.limits.push(limit.offset);
    this.length = this.bytes.length;
    return OUTCOME.OK;
  }

  readAborted(from: number): number {
    this.abortedFrom.push(from);
    this.aborted = [{ producerId: 7, firstOffset: 0, lastOffset: 3 }];
    return this.abortedOutcome;
  }
}

let reader: AbortedReader;
let mirror: PartitionMirror;

beforeEach(() => {
  reader = new AbortedReader();
  mirror = new PartitionMirror(0, 0, 'topic', 'id', 0, '', 0);
  mirror.reader = reader as unknown as LogReader;
  mirror.limits.highWatermark.set(9, 0, 0);
  mirror.limits.lastStable.set(4, 0, 0);
});

function countAt(position: number, readsCommitted: boolean): number {
  expect(readOutcome(mirror, position, STRETCH_BYTES, readsCommitted)).toBe(OUTCOME.OK);
  const format = new BatchFormat(readsCommitted);
  return frameOf(mirror, position, format, 100, true)!.recordCount;
}

test('a read of committed records ends at the last stable offset and knows what was aborted', () => {
  expect(countAt(1, true)).toBe(0);
  expect([reader.limits, reader.abortedFrom]).toEqual([[4], [1]]);
});

test('a read of uncommitted records ends at the high watermark and asks for nothing else', () => {
  reader.aborted = [{ producerId: 7, firstOffset: 0, lastOffset: 3 }];
  expect(countAt(1, false)).toBe(3);
  expect([reader.limits, reader.abortedFrom]).toEqual([[9], []]);
});

test('a transaction index that cannot be read fails the read', () => {
  reader.abortedOutcome = OUTCOME.STORAGE_FAILED;
  expect(readOutcome(mirror, 1, STRETCH_BYTES, true)).toBe(OUTCOME.STORAGE_FAILED);
});
