import { existsSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { installFailPoint } from '../../src/base/fail-point.ts';
import type { LogListener } from '../../src/log/log-options.ts';
import { LogReader } from '../../src/log/log-reader.ts';
import { OUTCOME, SEQUENCE } from '../../src/log/outcome.ts';
import type { PartitionLog } from '../../src/log/partition-log.ts';
import { installStorage, systemStorage } from '../../src/log/storage.ts';
import { baseOffset, lastOffset, sizeInBytes } from '../../src/records/batch-layout.ts';
import { append, appendMany, LogFixture, makeBatch, NOW } from './fixtures.ts';

/** Four batches of a record a segment. */
const SMALL = { segmentBytes: 800, indexIntervalBytes: 200 };
const ENOSPC = 28;

let fixture: LogFixture;

beforeEach(() => {
  fixture = new LogFixture();
});

afterEach(() => {
  installFailPoint(null);
  installStorage(systemStorage);
  fixture.remove();
});

/** A reader that hears what the log tells, as the front's does. */
class Follower implements LogListener {
  reader: LogReader | null = null;
  segmentAdded(base: number, previousBytes: number): void {
    this.reader?.segmentAdded(base, previousBytes);
  }
  segmentRemoved(base: number): void {
    this.reader?.removeSegment(base);
  }
  failed(): void {}
}

function readerOf(log: PartitionLog): LogReader {
  const reader = new LogReader(log.directory);
  for (const { baseOffset, sizeBytes } of log.segments()) reader.addSegment(baseOffset, sizeBytes);
  return reader;
}

/** First and last offset of each batch. */
function readAll(log: PartitionLog, reader = readerOf(log)): [number, number][] {
  reader.setEnd(log.end);
  const batches: [number, number][] = [];
  for (let next = log.logStartOffset; next < log.logEndOffset; ) {
    expect(reader.readToEnd(next, 1 << 20, true)).toBe(OUTCOME.OK);
    if (reader.length === 0) break;
    const { bytes, start, length } = reader;
    for (let at = start; at < start + length; at += sizeInBytes(bytes, at)) {
      batches.push([baseOffset(bytes, at), lastOffset(bytes, at)]);
    }
    next = reader.nextOffset;
  }
  return batches;
}

function singles(count: number): [number, number][] {
  return Array.from({ length: count }, (_, i) => [i, i]);
}

describe('a truncation', () => {
  it.each([1, 3, 4, 5, 9, 18, 19])('to offset %i leaves what is below, whatever segment', (to) => {
    const log = fixture.open({ settings: SMALL });
    appendMany(log, 20);
    expect(log.truncateTo(to, NOW)).toBe(OUTCOME.OK);
    expect(log.logEndOffset).toBe(to);
    expect(readAll(log)).toEqual(singles(to));
    appendMany(log, 7);
    expect(readAll(log)).toEqual(singles(to + 7));
    log.close(true);
    const again = fixture.open({ settings: SMALL, recoveryPoint: to + 7 });
    expect(again.logEndOffset).toBe(to + 7);
    expect(readAll(again)).toEqual(singles(to + 7));
    for (let offset = 0; offset < to + 7; offset++) {
      const reader = readerOf(again);
      reader.setEnd(again.end);
      expect(reader.readToEnd(offset, 1, true)).toBe(OUTCOME.OK);
      expect(baseOffset(reader.bytes, reader.start)).toBe(offset);
    }
    again.close(true);
  });

  it('to where the log ends, or behind it, changes nothing', () => {
    const log = fixture.open({ settings: SMALL });
    appendMany(log, 6);
    const before = { ...log.end };
    for (const to of [6, 7, 100]) expect(log.truncateTo(to, NOW)).toBe(OUTCOME.OK);
    expect(log.end).toEqual(before);
    log.close(true);
  });

  it('lowers the recovery point, by which a crash leaves nothing that was not synced', () => {
    const first = fixture.open({ settings: SMALL });
    appendMany(first, 20);
    first.close(true);
    const log = fixture.open({ settings: SMALL, recoveryPoint: 20 });
    expect(log.truncateTo(5, NOW)).toBe(OUTCOME.OK);
    const { recoveryPoint } = log;
    expect(recoveryPoint).toBe(5);
    appendMany(log, 15);
    const [, , lost] = log.segments();
    log.close(false);
    const bytes = fixture.read(lost!.baseOffset);
    writeFileSync(fixture.segmentFile(lost!.baseOffset), Buffer.alloc(bytes.length));
    const again = fixture.open({ settings: SMALL, recoveryPoint, hasReplicas: true });
    expect(again.logEndOffset).toBe(lost!.baseOffset);
    expect(readAll(again)).toEqual(singles(lost!.baseOffset));
    again.close(true);
  });

  it('into a batch takes the whole batch', () => {
    const log = fixture.open();
    appendMany(log, 3, { records: 10 });
    expect(log.truncateTo(15, NOW)).toBe(OUTCOME.OK);
    expect(log.logEndOffset).toBe(10);
    expect(readAll(log)).toEqual([[0, 9]]);
    log.close(true);
  });

  it('below the log start begins the log anew at that offset', () => {
    const log = fixture.open({ settings: SMALL });
    appendMany(log, 20);
    log.deleteRecordsBefore(10, NOW);
    expect(log.truncateTo(6, NOW)).toBe(OUTCOME.OK);
    expect([log.logStartOffset, log.logEndOffset]).toEqual([6, 6]);
    append(log);
    expect(readAll(log)).toEqual([[6, 6]]);
    log.close(true);
  });

  it('leaves the bytes that a reader holds as they were, and readers go on behind it', () => {
    const listener = new Follower();
    const log = fixture.open({ settings: SMALL, listener });
    appendMany(log, 20, { recordBytes: 60 });
    const reader = readerOf(log);
    listener.reader = reader;
    reader.setEnd(log.end);
    expect(reader.readToEnd(12, 1 << 20, true)).toBe(OUTCOME.OK);
    const held = reader.bytes.subarray(reader.start, reader.start + reader.length);
    const copy = Buffer.from(held);
    expect(log.truncateTo(14, NOW)).toBe(OUTCOME.OK);
    appendMany(log, 10, { recordBytes: 90 });
    expect(held.equals(copy)).toBe(true);
    expect(readAll(log, reader)).toEqual(singles(24));
    log.close(true);
  });

  it('takes producers back to what the log holds', () => {
    const log = fixture.open({ settings: SMALL });
    for (let i = 0; i < 12; i++) {
      const shape = { producerId: 7, epoch: 0, sequence: i };
      append(log, shape);
      log.producers.update(7, 0, i, i, i, i, NOW, NOW);
    }
    log.truncateTo(5, NOW);
    expect(log.producers.check(7, 0, 11, 11)).toBe(SEQUENCE.OUT_OF_ORDER);
    expect(log.producers.check(7, 0, 4, 4)).toBe(SEQUENCE.DUPLICATE);
    expect(log.producers.duplicateOffset).toBe(4);
    expect(log.producers.check(7, 0, 5, 5)).toBe(SEQUENCE.OK);
    const snapshots = readdirSync(fixture.directory).filter((name) => name.endsWith('.snapshot'));
    expect(snapshots.every((name) => Number(name.split('.')[0]) <= 5)).toBe(true);
    log.close(true);
  });

  it('forgets leader epochs that began behind it, in the file too', () => {
    const log = fixture.open({ settings: SMALL });
    for (const epoch of [3, 5, 8]) {
      log.epochs.assign(epoch, log.logEndOffset);
      appendMany(log, 4);
    }
    log.truncateTo(6, NOW);
    expect(log.epochs.latest).toBe(5);
    const text = readFileSync(fixture.path('leader-epoch-checkpoint'), 'utf8');
    expect(text.trim().split('\n').slice(2)).toEqual(['3 0', '5 4']);
    log.close(true);
  });

  it('forgets an epoch without a record also where it takes no record away', () => {
    const log = fixture.open({ settings: SMALL });
    appendMany(log, 3);
    log.epochs.assign(7, 3);
    expect(log.truncateTo(3, NOW)).toBe(OUTCOME.OK);
    expect(log.logEndOffset).toBe(3);
    expect(log.epochs.latest).toBe(0);
  });

  it('without room on the disk changes nothing', () => {
    const log = fixture.open();
    appendMany(log, 6);
    installStorage({
      ...systemStorage,
      write() {
        throw Object.assign(new Error('ENOSPC'), { code: 'ENOSPC', errno: -ENOSPC });
      },
    });
    expect(log.truncateTo(3, NOW)).toBe(OUTCOME.STORAGE_FULL);
    installStorage(systemStorage);
    expect(readAll(log)).toEqual(singles(6));
    expect(readdirSync(fixture.directory).some((name) => name.endsWith('.cleaned'))).toBe(false);
    expect(append(log)).toBe(OUTCOME.OK);
    log.close(true);
  });

  it('outdates the sync that runs: it says nothing of what comes instead', () => {
    const log = fixture.open({ settings: SMALL });
    appendMany(log, 10);
    const target = log.syncTarget()!;
    log.truncateTo(6, NOW);
    appendMany(log, 10);
    expect(log.markSynced(target.end.offset)).toBe(false);
    expect(log.recoveryPoint).toBeLessThanOrEqual(6);
    const next = log.syncTarget()!;
    expect(next.directories).toContain(fixture.directory);
    expect(log.markSynced(next.end.offset)).toBe(true);
    expect(log.recoveryPoint).toBe(16);
    log.close(true);
  });

  it.each([
    'truncate-before-delete',
    'truncate-after-delete',
    'truncate-after-rename',
    'truncate-after-swap',
  ])('that ends at %s leaves a log that ends between the two ends', (point) => {
    const log = fixture.open({ settings: SMALL });
    appendMany(log, 20);
    installFailPoint((name) => {
      if (name === point) throw new Error('the process ends');
    });
    expect(log.truncateTo(6, NOW)).toBe(OUTCOME.STORAGE_FAILED);
    installFailPoint(null);
    log.close(false);
    const again = fixture.open({ settings: SMALL });
    expect(again.logEndOffset).toBeGreaterThanOrEqual(6);
    expect(readAll(again)).toEqual(singles(again.logEndOffset));
    expect(again.truncateTo(6, NOW)).toBe(OUTCOME.OK);
    expect(readAll(again)).toEqual(singles(6));
    expect(existsSync(`${fixture.segmentFile(4)}.swap`)).toBe(false);
    again.close(true);
  });

  it('keeps a gap in the offsets as it is', () => {
    const log = fixture.open();
    for (const [at, records] of [
      [0, 2],
      [10, 3],
      [20, 1],
    ] as const) {
      const batch = makeBatch(at, { records });
      log.append(batch, 0, batch.length, at + records - 1, NOW, NOW);
    }
    log.truncateTo(15, NOW);
    expect(log.logEndOffset).toBe(15);
    expect(readAll(log)).toEqual([
      [0, 1],
      [10, 12],
    ]);
    log.truncateTo(5, NOW);
    expect(readAll(log)).toEqual([[0, 1]]);
    expect(log.logEndOffset).toBe(5);
    log.close(true);
  });
});
