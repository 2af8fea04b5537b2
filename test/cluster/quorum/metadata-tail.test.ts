import { expect, test } from 'vitest';
import { MetadataTail } from '../../../src/cluster/quorum/metadata-tail.ts';
import { batchOf, kraft } from '../kraft-records.ts';

const noOp = kraft('noOp');

function batch(offset: number, count: number, epoch: number): Buffer {
  return batchOf(offset, epoch, new Array(count).fill(noOp));
}

/** Offsets 0 to 2 of epoch 1, 3 and 4 of epoch 2, 5 of epoch 4. */
function filled(): MetadataTail {
  const tail = new MetadataTail();
  tail.append(Buffer.concat([batch(0, 3, 1), batch(3, 2, 2), batch(5, 1, 4)]), 4);
  return tail;
}

const offsets = (batches: readonly { baseOffset: number }[]) => batches.map((b) => b.baseOffset);

test('only what lies below the high watermark is committed, each batch once', () => {
  const tail = filled();
  expect(offsets(tail.takeCommitted(0))).toEqual([]);
  expect(offsets(tail.takeCommitted(4))).toEqual([0]);
  expect(offsets(tail.takeCommitted(5))).toEqual([3]);
  expect(offsets(tail.takeCommitted(100))).toEqual([5]);
  expect([tail.endOffset, tail.committedEnd, tail.lastEpoch]).toEqual([6, 6, 4]);
});

test('a batch that is cut off is left for the next answer', () => {
  const tail = new MetadataTail();
  const bytes = Buffer.concat([batch(0, 2, 1), batch(2, 1, 1)]);
  tail.append(bytes.subarray(0, bytes.length - 1), 1);
  expect(tail.endOffset).toBe(2);
});

test.each([
  [{ epoch: 4, endOffset: 9 }, 6],
  [{ epoch: 4, endOffset: 5 }, 5],
  [{ epoch: 3, endOffset: 5 }, 5],
  [{ epoch: 2, endOffset: 5 }, 5],
  [{ epoch: 2, endOffset: 4 }, 3],
  [{ epoch: 1, endOffset: 3 }, 3],
])('where the leader parts at %o this log ends at %d', (diverging, endOffset) => {
  const tail = filled();
  tail.takeCommitted(3);
  tail.truncate(diverging);
  expect(tail.endOffset).toBe(endOffset);
  expect(tail.lastEpoch).toBe(endOffset > 5 ? 4 : endOffset > 3 ? 2 : 1);
});

test('what is committed is never taken back', () => {
  const tail = filled();
  tail.takeCommitted(5);
  expect(() => tail.truncate({ epoch: 1, endOffset: 3 })).toThrow('take back offset 3');
  expect(tail.endOffset).toBe(6);
});

test('a batch that does not follow, is damaged or comes from the future is refused', () => {
  const tail = filled();
  expect(() => tail.append(batch(7, 1, 4), 4)).toThrow('a batch of offsets 7 to 7 where 6');
  expect(() => tail.append(batch(6, 1, 3), 4)).toThrow('a batch of epoch 3');
  expect(() => tail.append(batch(6, 1, 5), 4)).toThrow('a batch of epoch 5');
  const damaged = batch(6, 1, 4);
  damaged[damaged.length - 1]! ^= 1;
  expect(() => tail.append(damaged, 4)).toThrow('the CRC of a batch at byte 0 is wrong');
  expect(tail.endOffset).toBe(6);
});

test('a snapshot takes the place of what was fetched', () => {
  const tail = filled();
  tail.startAt(20, 7);
  expect([tail.endOffset, tail.committedEnd, tail.lastEpoch]).toEqual([20, 20, 7]);
  tail.append(batch(20, 2, 8), 8);
  expect(tail.endOffset).toBe(22);
});
