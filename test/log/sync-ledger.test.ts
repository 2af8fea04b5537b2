import { afterEach, expect, test } from 'vitest';
import type { Segment } from '../../src/log/segment.ts';
import { installStorage, systemStorage } from '../../src/log/storage.ts';
import { SyncLedger } from '../../src/log/sync-ledger.ts';

afterEach(() => installStorage(systemStorage));

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
  const ledger = new SyncLedger('/d/orders-0', {
    recoveryPoint: 5,
    newestUnsynced: -1,
    isNew: false,
  });
  ledger.rolled(first, 5);
  const target = ledger.rolledTarget(second);
  expect(target.files).toEqual(first.descriptors);
  expect(target.directories).toEqual(['/d/orders-0']);
  ledger.markSynced(target.end.offset, 5);
  expect(ledger.hasRolled).toBe(false);
  expect(first.isClosed).toBe(true);
});

test('at a stop the directory that all logs lie in is synced once', () => {
  const calls: string[] = [];
  installStorage({ ...systemStorage, syncDirectory: (path) => void calls.push(path) });
  const synced = new Set<string>();
  for (const name of ['orders-0', 'orders-1']) {
    const opened = { recoveryPoint: 0, newestUnsynced: 0, isNew: true };
    new SyncLedger(`/d/${name}`, opened).syncAll(7, synced);
  }
  expect(calls).toEqual(['/d/orders-0', '/d', '/d/orders-1']);
});
