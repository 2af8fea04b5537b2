import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { cleanLog } from '../../../src/log/compaction/cleaner.ts';
import type { CleaningTask } from '../../../src/log/compaction/cleaning.ts';
import {
  baseOffset,
  hasDeleteHorizon,
  isControl,
  recordCount,
  sizeInBytes,
} from '../../../src/records/batch-layout.ts';
import { decodeRecords } from '../../../src/records/record-iterator.ts';
import { NOW } from '../fixtures.ts';
import { TransactionalLog } from '../transactional-log.ts';

const DELETE_RETENTION_MS = 1000;

let log: TransactionalLog;

beforeEach(() => {
  log = new TransactionalLog({ segmentBytes: 600, compact: true, indexIntervalBytes: 100 });
});

afterEach(() => log.remove());

function record(key: string, value: string) {
  return { key: Buffer.from(key), value: Buffer.from(value) };
}

/** So much that what was written before lies in closed segments. */
function fill(): void {
  for (let i = 0; i < 8; i++) log.writePlain(record('filler', `${i}`.repeat(60)));
}

function compact(wallMs = NOW, cleanedTo?: number): number {
  const { partition } = log;
  const plan = partition.log.cleaningPlan(partition.limits.lastStable.offset);
  const task: CleaningTask = {
    ...plan,
    cleanedTo: cleanedTo ?? plan.logStartOffset,
    cleanableTo: plan.endOffset,
    segmentBytes: 600,
    segmentIndexBytes: 10_000_000,
    indexIntervalBytes: 100,
    deleteRetentionMs: DELETE_RETENTION_MS,
    dedupeBytesMax: 1_000_000,
    loadFactor: 0.9,
    bytesPerSecondMax: 0,
    wallMs,
  };
  const result = cleanLog(task);
  expect(partition.log.finishCleaning(result.cleaned, wallMs)).toBe(true);
  return result.cleanedTo;
}

function batches(): Buffer[] {
  return log.partition.log.segments().flatMap((segment) => {
    const bytes = log.fixture.read(segment.baseOffset);
    const found: Buffer[] = [];
    for (let at = 0; at < segment.sizeBytes; at += sizeInBytes(bytes, at)) {
      found.push(bytes.subarray(at, at + sizeInBytes(bytes, at)));
    }
    return found;
  });
}

/** Of each record that is no filler: its offset and value. */
function values(): [number, string][] {
  return batches()
    .filter((batch) => !isControl(batch, 0))
    .flatMap((batch) => [...decodeRecords(batch)])
    .filter(({ key }) => String(key) !== 'filler')
    .map(({ offset, value }) => [offset, String(value)]);
}

function markers(): { offset: number; isEmpty: boolean; hasHorizon: boolean }[] {
  return batches()
    .filter((batch) => isControl(batch, 0))
    .map((batch) => ({
      offset: baseOffset(batch, 0),
      isEmpty: recordCount(batch, 0) === 0,
      hasHorizon: hasDeleteHorizon(batch, 0),
    }));
}

function aborted(): number {
  let count = 0;
  for (const { abortedCount } of log.partition.log.segments()) count += abortedCount;
  return count;
}

describe('compaction of transactions', () => {
  it('drops what was aborted, which replaces no earlier record of its key', () => {
    log.writePlain(record('key', 'before'));
    log.write(1, record('key', 'aborted'));
    log.abort(1);
    fill();
    compact();
    expect(values()).toEqual([[0, 'before']]);
  });

  it('keeps the newest committed record of a key', () => {
    log.writePlain(record('key', 'before'));
    log.write(1, record('key', 'committed'));
    log.commit(1);
    fill();
    compact();
    expect(values()).toEqual([[1, 'committed']]);
  });

  it('knows an abort whose marker lies behind what it cleans', () => {
    log.writePlain(record('key', 'before'));
    log.write(1, record('key', 'aborted'));
    fill();
    log.abort(1);
    expect(log.partition.log.segments().at(-1)!.abortedCount).toBe(1);
    compact();
    expect(values()).toEqual([[0, 'before']]);
  });

  it('does not take a later transaction of the same producer for the aborted one', () => {
    log.write(1, record('one', 'aborted'));
    log.abort(1);
    fill();
    const cleanedTo = compact();
    log.write(1, record('two', 'committed'));
    log.commit(1);
    fill();
    compact(NOW, cleanedTo);
    expect(values().map(([, value]) => value)).toEqual(['committed']);
  });

  it('never goes beyond the last stable offset', () => {
    log.writePlain(record('key', 'old'));
    log.write(1, record('key', 'open'));
    fill();
    log.writePlain(record('key', 'new'));
    fill();
    expect(log.partition.limits.lastStable.offset).toBe(1);
    expect(compact()).toBeLessThanOrEqual(1);
    expect(values().length).toBe(3);
  });

  it('keeps a marker while records need it, then until its delete horizon', () => {
    log.write(1, record('key', 'aborted'));
    log.write(2, record('other', 'committed'));
    const abortAt = log.partition.logEndOffset;
    log.abort(1);
    log.commit(2);
    // What these producers write later is all that is known of them then.
    fill();
    log.write(1, record('filler', 'later'));
    log.write(2, record('filler', 'later'));
    log.commit(1);
    log.commit(2);
    fill();
    const first = () => markers().filter(({ offset }) => offset <= abortAt + 1);
    compact();
    expect(first()).toEqual([
      { offset: abortAt, isEmpty: false, hasHorizon: false },
      { offset: abortAt + 1, isEmpty: false, hasHorizon: false },
    ]);
    expect(aborted()).toBe(1);
    compact(NOW + 1);
    expect(first()[0]).toEqual({ offset: abortAt, isEmpty: false, hasHorizon: true });
    expect(aborted()).toBe(0);
    compact(NOW + DELETE_RETENTION_MS / 2);
    expect(first().length).toBe(2);
    compact(NOW + 2 * DELETE_RETENTION_MS);
    expect(first()).toEqual([{ offset: abortAt + 1, isEmpty: false, hasHorizon: false }]);
  });

  it('keeps the last batch of a producer, emptied, and its state over a crash', () => {
    log.write(1, record('key', 'aborted'));
    log.abort(1);
    fill();
    compact();
    expect(batches().some((batch) => recordCount(batch, 0) === 0)).toBe(true);
    log.reopen(false);
    const { producers } = log.partition.log;
    expect(producers.entry(1)).toMatchObject({ lastSequence: 0, coordinatorEpoch: 3 });
    expect(producers.transactions.first).toBeNull();
    expect(aborted()).toBe(1);
  });

  it('writes the transaction index of what it leaves, in place of the old ones', () => {
    log.write(1, record('a', 'aborted'));
    log.abort(1);
    log.write(1, record('b', 'aborted'));
    log.abort(1);
    fill();
    const before = log.fixture.read(0, '.txnindex');
    compact();
    // Only the last batch of the producer is still there.
    expect(log.fixture.read(0, '.txnindex')).toEqual(before);
    compact(NOW + 1);
    expect(log.fixture.read(0, '.txnindex')).toEqual(before.subarray(34));
    log.reopen(true);
    expect(aborted()).toBe(1);
  });
});
