import { expect, test } from 'vitest';
import type { Segment } from '../../src/log/segment.ts';
import { SyncLedger } from '../../src/log/sync-ledger.ts';

function segment(baseOffset: number): Segment & { isClosed: boolean } {
  const fake = {
    baseOffset,
    sizeBytes: 100,
    descriptors: [baseOffset + 10],
    isClosed: false,
    closeLog() {
      fake.isClosed = true;
    },
    abandon() {
      fake.isClosed = true;
    },
  };
  return fake as unknown as Segment & { isClosed: boolean };
}

test('a segment that was synced to its end before the roll is done with after one more sync', () => {
  const [first, second] = [segment(0), segment(5)];
  const ledger = new SyncLedger('/d/orders-0', 5, -1);
  ledger.rolled(first, 5);
  const target = ledger.rolledTarget(second);
  expect(target.files).toEqual(first.descriptors);
  expect(target.directories).toEqual(['/d/orders-0']);
  ledger.markSynced(target.end.offset, 5);
  expect(ledger.hasRolled).toBe(false);
  expect(first.isClosed).toBe(true);
});
