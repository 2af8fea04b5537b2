import { readdirSync } from 'node:fs';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { installFailPoint } from '../../../src/base/fail-point.ts';
import { cleanLog } from '../../../src/log/compaction/cleaner.ts';
import type { CleaningTask } from '../../../src/log/compaction/cleaning.ts';
import { dirtyPart } from '../../../src/log/compaction/dirty-part.ts';
import { LogReader } from '../../../src/log/log-reader.ts';
import { OUTCOME } from '../../../src/log/outcome.ts';
import type { PartitionLog } from '../../../src/log/partition-log.ts';
import { buildBatch } from '../../../src/records/batch-builder.ts';
import { lastOffset, maxTimestamp, setBaseOffset } from '../../../src/records/batch-layout.ts';
import { DECOMPRESSED_BYTES_MAX } from '../../../src/records/compression.ts';
import { type DecodedRecord, decodeRecords } from '../../../src/records/record-iterator.ts';
import { LogFixture, NOW, SETTINGS } from '../fixtures.ts';

const SEGMENT_BYTES = 4000;
const DELETE_RETENTION_MS = 1000;

let place: LogFixture;
let log: PartitionLog;

function settings() {
  return { ...SETTINGS, segmentBytes: SEGMENT_BYTES, indexIntervalBytes: 256, compact: true };
}

function append(key: string, value: string | null, codec = 0, producer = {}): void {
  const record = {
    key: Buffer.from(key),
    value: value === null ? null : Buffer.from(value),
    timestamp: NOW,
  };
  const batch = buildBatch([record], { codec, ...producer });
  setBaseOffset(batch, 0, log.logEndOffset);
  const last = lastOffset(batch, 0);
  expect(log.append(batch, 0, batch.length, last, maxTimestamp(batch, 0), NOW)).toBe(OUTCOME.OK);
}

/** Many values for few keys, over several segments and codecs. */
function fill(keys: number, rounds: number): Map<string, string> {
  const newest = new Map<string, string>();
  for (let round = 0; round < rounds; round++) {
    for (let key = 0; key < keys; key++) {
      const value = `value ${round} of ${key} ${'x'.repeat(50)}`;
      append(`key-${key}`, value, (round + key) % 5);
      newest.set(`key-${key}`, value);
    }
  }
  return newest;
}

function task(overrides: Partial<CleaningTask> = {}): CleaningTask {
  const plan = log.cleaningPlan(log.logEndOffset);
  return {
    ...plan,
    cleanedTo: plan.logStartOffset,
    cleanableTo: plan.endOffset,
    segmentBytes: SEGMENT_BYTES,
    segmentIndexBytes: 10_000_000,
    indexIntervalBytes: 256,
    deleteRetentionMs: DELETE_RETENTION_MS,
    dedupeBytesMax: 1_000_000,
    loadFactor: 0.9,
    bytesPerSecondMax: 0,
    wallMs: NOW,
    ...overrides,
  };
}

function compact(overrides: Partial<CleaningTask> = {}) {
  const result = cleanLog(task(overrides));
  log.finishCleaning(result.cleaned, NOW);
  return result;
}

/** As a consumer reads it, from the first offset to the end. */
function readAll(): DecodedRecord[] {
  const reader = new LogReader(place.directory);
  for (const { baseOffset, sizeBytes } of log.segments()) reader.addSegment(baseOffset, sizeBytes);
  reader.setEnd(log.end);
  reader.limits.moveTo(log.end);
  const records: DecodedRecord[] = [];
  for (let offset = log.logStartOffset; offset < log.logEndOffset; ) {
    expect(reader.read(offset, 10_000, true)).toBe(OUTCOME.OK);
    expect(reader.nextOffset).toBeGreaterThan(offset);
    const found = reader.bytes.subarray(reader.start, reader.start + reader.length);
    for (const record of decodeRecords(found)) if (record.offset >= offset) records.push(record);
    offset = reader.nextOffset;
  }
  return records;
}

function stateOf(records: readonly DecodedRecord[]): Map<string, string | null> {
  const state = new Map<string, string | null>();
  for (const { key, value } of records)
    state.set(String(key), value === null ? null : String(value));
  return state;
}

beforeEach(() => {
  place = new LogFixture();
  log = place.open({ settings: settings() });
});

afterEach(() => {
  installFailPoint(null);
  log.close(false);
  place.remove();
});

describe('compaction', () => {
  it('keeps the newest record of each key with its offset, whatever the codec', () => {
    const newest = fill(10, 30);
    const before = readAll();
    const result = compact();
    const after = readAll();
    expect(stateOf(after)).toEqual(newest);
    expect(after.length).toBeLessThan(before.length / 3);
    expect(result.bytesWritten).toBeLessThan(result.bytesRead);
    const byOffset = new Map(before.map((record) => [record.offset, record]));
    for (const record of after) expect(record).toEqual(byOffset.get(record.offset));
  });

  it('leaves the active segment and its end as they are', () => {
    fill(10, 30);
    const before = { ...log.end };
    compact();
    expect(log.end).toEqual(before);
  });

  it('does not make what it empties young again for retention', () => {
    fill(3, 60);
    const hourMs = 3_600_000;
    compact({ wallMs: NOW + 2 * hourMs });
    expect(log.segments()[0]!.sizeBytes).toBe(0);
    log.configure({ ...settings(), retentionMs: hourMs });
    log.applyRetention(NOW + 2.5 * hourMs, log.logEndOffset);
    expect(log.logStartOffset).toBe(log.logEndOffset);
  });

  it('plans nothing that consumers do not see', () => {
    fill(10, 30);
    const { segments } = log.cleaningPlan(log.logEndOffset);
    const limit = segments[2]!.baseOffset + 1;
    expect(log.cleaningPlan(limit).endOffset).toBe(segments[2]!.baseOffset);
    expect(log.cleaningPlan(limit).segments).toEqual(segments.slice(0, 2));
  });

  it('is found again by the next start', () => {
    const newest = fill(10, 30);
    compact();
    const after = readAll();
    log.close(true);
    log = place.open({ settings: settings() });
    expect(readAll()).toEqual(after);
    expect(stateOf(after)).toEqual(newest);
    append('key-0', 'once more');
    expect(stateOf(readAll()).get('key-0')).toBe('once more');
  });

  it('keeps a tombstone until its time has come, then drops it', () => {
    append('gone', 'here');
    append('gone', null);
    fill(10, 30);
    compact();
    expect(stateOf(readAll()).get('gone')).toBeNull();
    fill(10, 10);
    compact({ wallMs: NOW + DELETE_RETENTION_MS / 2 });
    expect(stateOf(readAll()).get('gone')).toBeNull();
    fill(10, 10);
    compact({ wallMs: NOW + DELETE_RETENTION_MS * 2 });
    expect(stateOf(readAll()).has('gone')).toBe(false);
  });

  it('keeps the last batch of a producer, emptied, so that its sequence goes on', () => {
    const producer = { producerId: 77, producerEpoch: 3, baseSequence: 0 };
    append('key-1', 'first', 0, producer);
    log.producers.update(77, 3, 0, 0, 0, 0, NOW, NOW);
    fill(10, 30);
    compact();
    log.close(false);
    log = place.open({ settings: settings() });
    expect(log.producers.entry(77)?.lastSequence).toBe(0);
  });

  it('cleans as far as its memory for keys goes, and the rest the next time', () => {
    const newest = fill(200, 4);
    const first = compact({ dedupeBytesMax: 24 * 60 });
    expect(first.keyMapBytes).toBeLessThanOrEqual(24 * 60);
    expect(first.cleanedTo).toBeLessThan(log.end.segmentBase);
    expect(stateOf(readAll())).toEqual(newest);
    let cleanedTo = first.cleanedTo;
    while (cleanedTo < task().endOffset) {
      const next = compact({ cleanedTo, dedupeBytesMax: 24 * 60 });
      expect(next.cleanedTo).toBeGreaterThan(cleanedTo);
      cleanedTo = next.cleanedTo;
    }
    expect(stateOf(readAll())).toEqual(newest);
  });

  it('refuses a damaged segment and leaves everything in place', () => {
    fill(10, 30);
    const damaged = task();
    const [first] = damaged.segments;
    const cut = { ...damaged, segments: [{ ...first!, sizeBytes: first!.sizeBytes - 1 }] };
    expect(() => cleanLog({ ...cut, endOffset: damaged.segments[1]!.baseOffset })).toThrow(
      /damaged at byte/,
    );
    expect(stateOf(readAll()).size).toBe(10);
  });

  describe('under which retention takes segments away', () => {
    const leftovers = () =>
      readdirSync(place.directory).filter((name) => /\.(swap|cleaned)$/.test(name));

    it('gives up and leaves nothing behind, and the next one does the rest', () => {
      const newest = fill(10, 30);
      const outdated = task();
      log.deleteRecordsBefore(outdated.segments[2]!.baseOffset, NOW);
      expect(() => cleanLog(outdated)).toThrow(/ENOENT/);
      const cleanedTo = outdated.segments[3]!.baseOffset;
      expect(() => cleanLog({ ...outdated, cleanedTo })).toThrow(/ENOENT/);
      expect(leftovers()).toEqual([]);
      compact();
      expect(stateOf(readAll())).toEqual(newest);
    });

    it('swaps nothing in that would bring them back, in this process or after a restart', () => {
      fill(10, 30);
      const half = task({ segmentBytes: 2 * SEGMENT_BYTES });
      const { cleaned } = cleanLog(half);
      expect(cleaned.length).toBeGreaterThan(1);
      expect(cleaned[0]!.replaces.length).toBeGreaterThan(1);
      log.deleteRecordsBefore(cleaned[0]!.replaces[1]!, NOW);
      const { logStartOffset } = log;
      expect(log.finishCleaning(cleaned, NOW)).toBe(false);
      expect(leftovers()).toEqual([]);
      const after = readAll();
      expect(after[0]!.offset).toBe(logStartOffset);
      log.close(false);
      log = place.open({ settings: settings(), logStartOffset });
      expect(readAll()).toEqual(after);
      expect(log.finishCleaning([], NOW)).toBe(true);
    });

    it('swaps nothing in that would bring back what a leader had cut off', () => {
      fill(10, 30);
      const outdated = task();
      const { cleaned } = cleanLog(outdated);
      log.truncateTo(outdated.segments[1]!.baseOffset + 1, NOW);
      const after = readAll();
      expect(log.finishCleaning(cleaned, NOW)).toBe(false);
      expect(leftovers()).toEqual([]);
      expect(readAll()).toEqual(after);
    });
  });

  for (const point of [
    'swap-before-rename',
    'swap-after-rename',
    'swap-after-delete',
    'swap-after-all',
  ]) {
    for (const hit of [1, 2]) {
      it(`loses nothing when the process ends at ${point}, time ${hit}`, () => {
        const newest = fill(20, 16);
        const { cleaned } = cleanLog(task());
        expect(cleaned.length).toBeGreaterThanOrEqual(hit);
        let left = hit;
        installFailPoint((name) => {
          if (name === point && --left === 0) throw new Error('the process ends');
        });
        expect(() => log.finishCleaning(cleaned, NOW)).toThrow('the process ends');
        installFailPoint(null);
        const end = log.logEndOffset;
        log.close(false);
        log = place.open({ settings: settings() });
        expect(log.logEndOffset).toBe(end);
        expect(stateOf(readAll())).toEqual(newest);
        const leftovers = readdirSync(place.directory).filter((name) =>
          /\.(swap|cleaned)$/.test(name),
        );
        expect(leftovers).toEqual([]);
      });
    }
  }
});

describe('the dirty part of a log', () => {
  const policy = { minCleanableDirtyRatio: 0.5, minCompactionLagMs: 0, maxCompactionLagMs: 1e12 };
  const segment = (baseOffset: number, sizeBytes: number, maxMs = NOW) => {
    return { baseOffset, sizeBytes, maxTimestamp: maxMs, firstTimestamp: maxMs, modifiedMs: 0 };
  };
  const plan = {
    directory: '',
    segments: [segment(0, 100), segment(10, 100), segment(20, 100)],
    logStartOffset: 0,
    endOffset: 30,
    producers: [],
    indexes: [],
    truncations: 0,
  };

  it('is due by its share of the log', () => {
    expect(dirtyPart(plan, 20, policy, NOW)).toEqual({
      cleanableTo: 30,
      dirtyBytes: 100,
      dirtyRatio: 1 / 3,
      overdueMs: 0,
      isDue: false,
    });
    expect(dirtyPart(plan, 10, policy, NOW).isDue).toBe(true);
  });

  it('ends before what is younger than min.compaction.lag.ms', () => {
    const young = { ...plan, segments: [segment(0, 100, NOW - 5000), segment(10, 100, NOW)] };
    const part = dirtyPart(young, 0, { ...policy, minCompactionLagMs: 1000 }, NOW);
    expect(part.cleanableTo).toBe(10);
  });

  it('is due when something waited for max.compaction.lag.ms', () => {
    const part = dirtyPart(plan, 20, { ...policy, maxCompactionLagMs: 1000 }, NOW + 2000);
    expect(part.isDue).toBe(true);
    expect(part.overdueMs).toBe(1000);
  });
});

describe('segments of which compaction left no record', () => {
  const retaining = () => ({ ...settings(), retentionMs: 60_000 });

  it.each([false, true])('are as old as what they held, after a restart (%s) too', (restarts) => {
    fill(5, 40);
    compact({ wallMs: NOW + 110_000 });
    expect(log.segments()[0]!.sizeBytes).toBe(0);
    if (restarts) {
      log.close(true);
      log = place.open({ settings: retaining(), recoveryPoint: log.logEndOffset });
    } else {
      log.configure(retaining());
    }
    log.applyRetention(NOW + 50_000, log.logEndOffset);
    expect(log.logStartOffset).toBe(0);
    log.applyRetention(NOW + 120_000, log.logEndOffset);
    expect(log.logStartOffset).toBe(log.logEndOffset);
  });
});

describe('a batch that opens to more than a cleaning may hold', () => {
  it.each([1, 2, 3, 4])('in codec %i ends the cleaning, and the log stays as it is', (codec) => {
    fill(3, 30);
    append('bomb', Buffer.alloc(DECOMPRESSED_BYTES_MAX).toString('latin1'), codec);
    fill(3, 30);
    const before = { end: { ...log.end }, files: readdirSync(place.directory) };
    expect(() => compact()).toThrow('would grow past the limit');
    expect({ end: { ...log.end }, files: readdirSync(place.directory) }).toEqual(before);
  });
});
