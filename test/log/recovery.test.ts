import { appendFileSync, readdirSync, rmSync, truncateSync, writeFileSync } from 'node:fs';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { LogReader } from '../../src/log/log-reader.ts';
import { native } from '../../src/log/native.ts';
import { OUTCOME } from '../../src/log/outcome.ts';
import type { PartitionLog } from '../../src/log/partition-log.ts';
import { installStorage, systemStorage } from '../../src/log/storage.ts';
import { setPartitionLeaderEpoch } from '../../src/records/batch-layout.ts';
import { skipWithoutAddon } from '../support/skip-without-addon.ts';
import { append, appendMany, LogFixture, makeBatch, NOW, skipSyncs } from './fixtures.ts';

let fixture: LogFixture;

beforeEach(() => {
  fixture = new LogFixture();
  skipSyncs();
});

afterEach(() => {
  installStorage(systemStorage);
  fixture.remove();
});

function readerOf(log: PartitionLog): LogReader {
  const reader = new LogReader(log.directory);
  for (const { baseOffset, sizeBytes } of log.segments()) reader.addSegment(baseOffset, sizeBytes);
  reader.setEnd(log.end);
  reader.limits.moveTo(log.end);
  return reader;
}

/** Every readable byte from an offset on, or the first outcome that is not OK. */
function readAll(log: PartitionLog, from: number): { bytes: Buffer; outcome: number } {
  const reader = readerOf(log);
  const parts: Buffer[] = [];
  let offset = from;
  while (offset < log.logEndOffset) {
    const outcome = reader.read(offset, 1 << 20, true);
    if (outcome !== OUTCOME.OK) return { bytes: Buffer.concat(parts), outcome };
    parts.push(Buffer.from(reader.bytes.subarray(reader.start, reader.start + reader.length)));
    offset = reader.nextOffset;
  }
  return { bytes: Buffer.concat(parts), outcome: OUTCOME.OK };
}

/** Three batches of one, two and three records in the file of segment 0, unreserved. */
function threeBatches(): Buffer[] {
  const log = fixture.open();
  log.close(true);
  const shapes = [{ records: 1 }, { records: 2, recordBytes: 40 }, { records: 3, recordBytes: 30 }];
  const batches = [makeBatch(0, shapes[0]), makeBatch(1, shapes[1]), makeBatch(3, shapes[2])];
  writeFileSync(fixture.segmentFile(0), Buffer.concat(batches));
  return batches;
}

describe('a torn tail', () => {
  it('is cut wherever in the last two batches the file ends', () => {
    const [first, second, third] = threeBatches() as [Buffer, Buffer, Buffer];
    const whole = Buffer.concat([first, second, third]);
    for (let length = first.length; length <= whole.length; length++) {
      writeFileSync(fixture.segmentFile(0), whole.subarray(0, length));
      fixture.logger.lines.length = 0;
      const log = fixture.open();
      const batches = [first, second, third].filter(
        (_, i, all) => Buffer.concat(all.slice(0, i + 1)).length <= length,
      );
      const kept = Buffer.concat(batches);
      expect(log.logEndOffset).toBe([0, 1, 3, 6][batches.length]);
      expect(log.end.position).toBe(kept.length);
      const dropped = length - kept.length;
      const isZero = whole.subarray(kept.length, length).every((byte) => byte === 0);
      const wanted = isZero ? [] : [expect.stringContaining(`${dropped} bytes dropped`)];
      expect(fixture.logger.lines).toEqual(wanted);
      append(log);
      expect(readAll(log, 0).bytes.subarray(0, kept.length).equals(kept)).toBe(true);
      log.close(true);
    }
  });

  it('is cut when zeros of the reservation follow it', () => {
    const [first, second, third] = threeBatches() as [Buffer, Buffer, Buffer];
    const whole = Buffer.concat([first, second, third]);
    const sound = first.length + second.length;
    for (let length = sound; length < whole.length; length += 7) {
      writeFileSync(fixture.segmentFile(0), whole.subarray(0, length));
      truncateSync(fixture.segmentFile(0), 65_536);
      const log = fixture.open();
      expect(log.logEndOffset).toBe(3);
      expect(log.end.position).toBe(sound);
      log.close(true);
    }
  });

  it('is of the epoch that its batches name, where a power loss took the file of epochs', () => {
    const [first] = threeBatches() as [Buffer];
    setPartitionLeaderEpoch(first, 0, 4);
    writeFileSync(fixture.segmentFile(0), first);
    for (const file of ['', '0\n1\n2 0\n']) {
      writeFileSync(fixture.path('leader-epoch-checkpoint'), file);
      const log = fixture.open();
      log.epochs.endOffsetFor(4, log.logEndOffset);
      expect([log.epochs.foundEpoch, log.epochs.foundEndOffset]).toEqual([4, 1]);
      log.close(false);
    }
  });

  it('ends where its records do, also below its recovery point, where replicas have more', () => {
    threeBatches();
    const log = fixture.open({ recoveryPoint: 20, hasReplicas: true });
    expect([log.logEndOffset, log.recoveryPoint]).toEqual([6, 6]);
  });

  it('raises the leader epoch, because readers may have seen more', () => {
    threeBatches();
    appendFileSync(fixture.segmentFile(0), Buffer.alloc(30_000));
    const log = fixture.open();
    expect(log.nextEpoch).toBe(1);
    append(log);
    log.epochs.endOffsetFor(0, log.logEndOffset);
    expect([log.epochs.foundEpoch, log.epochs.foundEndOffset]).toEqual([0, 6]);
    log.close(true);
    expect(fixture.open({ recoveryPoint: 7 }).nextEpoch).toBe(1);
  });

  it('raises it too where the file ends with its last batch: it may have lost others', () => {
    const [first, second] = threeBatches() as [Buffer, Buffer];
    truncateSync(fixture.segmentFile(0), first.length + second.length);
    expect(fixture.open().nextEpoch).toBe(1);
  });
});

describe('the reservation of a segment that was being written', () => {
  it('is cut without a word', () => {
    const log = fixture.open();
    appendMany(log, 100);
    log.close(false);
    const again = fixture.open();
    expect(again.logEndOffset).toBe(100);
    expect(again.end.position).toBe(log.end.position);
    expect(fixture.logger.lines).toEqual([]);
    expect(again.nextEpoch).toBe(1);
    again.close(true);
  });

  it('leaves indexes that a scan writes anew as they were', () => {
    const log = fixture.open({ settings: { indexIntervalBytes: 300 } });
    for (let i = 0; i < 200; i++) append(log, { timestamp: NOW + ((i * 7) % 50) });
    log.close(true);
    const index = fixture.read(0, '.index');
    const times = fixture.read(0, '.timeindex');
    const again = fixture.open({ settings: { indexIntervalBytes: 300 } });
    expect(fixture.read(0, '.index').equals(index)).toBe(true);
    expect(fixture.read(0, '.timeindex').equals(times)).toBe(true);
    expect(index.length).toBeGreaterThan(50 * 8);
    again.close(true);
  });
});

describe('a bit that flips at rest', () => {
  it('keeps every other batch, wherever it is, and is answered CORRUPT', () => {
    const log = fixture.open({ settings: { indexIntervalBytes: 100 } });
    for (let i = 0; i < 8; i++) append(log, { recordBytes: 40 });
    log.close(true);
    const sound = fixture.read(0);
    const size = sound.length / 8;
    for (let bit = 3 * size * 8; bit < 4 * size * 8; bit += 3) {
      const damaged = Buffer.from(sound);
      damaged[bit >> 3] = damaged[bit >> 3]! ^ (1 << (bit & 7));
      writeFileSync(fixture.segmentFile(0), damaged);
      for (const recoveryPoint of [0, 8]) {
        const again = fixture.open({ recoveryPoint });
        expect(again.logEndOffset).toBe(8);
        expect(again.end.position).toBe(sound.length);
        const before = readAll(again, 0);
        // The leader epoch lies outside the checksum, and nothing else depends on it.
        const inBatch = (bit >> 3) - 3 * size;
        if (inBatch < 12 || inBatch >= 16) {
          expect(`bit ${bit}: ${before.outcome}`).toBe(`bit ${bit}: ${OUTCOME.CORRUPT}`);
          expect(before.bytes.equals(sound.subarray(0, 3 * size))).toBe(true);
        }
        const behind = readAll(again, 4);
        expect(behind.outcome).toBe(OUTCOME.OK);
        expect(behind.bytes.equals(sound.subarray(4 * size))).toBe(true);
        again.close(false);
      }
    }
  });

  it('in the last batch of a cleanly stopped log is neither cut nor written over', () => {
    const log = fixture.open();
    appendMany(log, 5);
    log.close(true);
    const sound = fixture.read(0);
    const size = sound.length / 5;
    for (let at = 4 * size + 8; at < sound.length; at += 5) {
      const damaged = Buffer.from(sound);
      damaged[at] = damaged[at]! ^ 0x10;
      writeFileSync(fixture.segmentFile(0), damaged);
      const again = fixture.open({ recoveryPoint: 5 });
      expect(again.logEndOffset).toBe(5);
      expect(again.end.position).toBe(sound.length);
      again.close(false);
      expect(fixture.read(0).equals(damaged)).toBe(true);
    }
  });

  it('in a closed segment changes nothing at the start and is found by its reader', () => {
    const log = fixture.open({ settings: { segmentBytes: 2000 } });
    appendMany(log, 40);
    log.close(true);
    const damaged = fixture.read(0);
    damaged[300] = damaged[300]! ^ 1;
    writeFileSync(fixture.segmentFile(0), damaged);
    const again = fixture.open({ recoveryPoint: 40 });
    const reader = readerOf(again);
    expect(reader.read(1, 100, true)).toBe(OUTCOME.CORRUPT);
    expect(reader.corruptPath).toBe(fixture.segmentFile(0));
    expect(reader.failure).toMatch(/damaged at position 1\d\d/);
    expect(reader.read(4, 100, true)).toBe(OUTCOME.OK);
    expect(fixture.read(0).equals(damaged)).toBe(true);
    again.close(true);
  });
});

describe('pages that a power loss left out', () => {
  it('end the log there, whatever came to the disk behind them', () => {
    const log = fixture.open();
    appendMany(log, 40, { recordBytes: 1000 });
    log.close(false);
    const bytes = fixture.read(0);
    bytes.fill(0, 8192, 12_288);
    writeFileSync(fixture.segmentFile(0), bytes);
    const again = fixture.open();
    const batch = makeBatch(0, { recordBytes: 1000 }).length;
    expect(again.logEndOffset).toBe(Math.floor(8192 / batch));
    expect(fixture.logger.lines.length).toBe(1);
    again.close(true);
  });

  it('take the segments behind a lost tail along', () => {
    const log = fixture.open({ settings: { segmentBytes: 5000 } });
    appendMany(log, 100);
    log.close(false);
    const bytes = fixture.read(0);
    bytes.fill(0, 3000);
    writeFileSync(fixture.segmentFile(0), bytes);
    const again = fixture.open({ settings: { segmentBytes: 5000 } });
    expect(again.segments().length).toBe(1);
    expect(again.logEndOffset).toBeLessThan(30);
    expect(fixture.logger.lines.some((line) => line.includes('behind a lost tail'))).toBe(true);
    const end = again.logEndOffset;
    append(again);
    expect(readAll(again, 0).outcome).toBe(OUTCOME.OK);
    expect(again.logEndOffset).toBe(end + 1);
    again.close(true);
  });
});

describe('names in the directories after a process that was killed', () => {
  it('are synced with the first sync of a log that was made and not synced', () => {
    fixture.open().close(false);
    const log = fixture.open({ settings: { groupCommit: true } });
    append(log);
    expect(log.syncTarget()?.directories).toEqual([fixture.directory, fixture.root]);
    log.close(false);
  });

  it('are synced with the records that recovery syncs', () => {
    const before = fixture.open();
    appendMany(before, 3);
    before.close(false);
    const synced: string[] = [];
    installStorage({ ...systemStorage, sync() {}, syncDirectory: (path) => synced.push(path) });
    const log = fixture.open({ settings: { groupCommit: true } });
    expect(log.recoveryPoint).toBe(3);
    expect(synced).toEqual([fixture.directory, fixture.root]);
    log.close(false);
  });

  it('are synced no more once a segment begins below the recovery point', () => {
    const before = fixture.open();
    appendMany(before, 3);
    before.close(true);
    const log = fixture.open({ recoveryPoint: 3, settings: { groupCommit: true } });
    append(log);
    expect(log.syncTarget()?.directories).toEqual([]);
    log.close(false);
  });
});

describe('a page that the disk does not give at the start', () => {
  skipWithoutAddon('without maps nothing is read after the file was opened');

  afterEach(() => {
    vi.restoreAllMocks();
  });

  /** The log is cut to this length once it is mapped; its indexes are smaller. */
  function cutWhenMapped(baseOffset: number, length: number): void {
    const map = native.mapReadOnly;
    vi.spyOn(native, 'mapReadOnly').mockImplementation((fd, bytes) => {
      const mapped = map(fd, bytes);
      if (bytes > 16_384) fixture.cut(baseOffset, length);
      return mapped;
    });
  }

  it('is no torn tail: nothing is cut for it, and the log does not open', () => {
    const log = fixture.open();
    appendMany(log, 30, { recordBytes: 1000 });
    log.close(false);
    cutWhenMapped(0, 8192);
    expect(() => fixture.open()).toThrow(/0\.log cannot be read \(EIO\)/);
    expect(fixture.read(0).length).toBe(8192);
  });
});

describe('a file that is shorter than what was on the disk', () => {
  const settings = { segmentBytes: 5000, indexIntervalBytes: 300 };

  function hundred(): { bases: number[]; batchBytes: number } {
    const log = fixture.open({ settings });
    appendMany(log, 100);
    const bases = log.segments().map(({ baseOffset }) => baseOffset);
    const batchBytes = log.segments()[0]!.sizeBytes / bases[1]!;
    log.close(true);
    return { bases, batchBytes };
  }

  it.each([0, 20])('takes no other segment along, cut %i bytes behind a batch', (more) => {
    const { bases, batchBytes } = hundred();
    fixture.cut(bases[1]!, 3 * batchBytes + more);
    const again = fixture.open({ recoveryPoint: 100, settings });
    expect(again.segments().map(({ baseOffset }) => baseOffset)).toEqual(bases);
    expect(again.logEndOffset).toBe(100);
    expect(fixture.logger.lines).toEqual([expect.stringMatching(/is damaged|is lost/)]);
    expect(readAll(again, bases[2]!).outcome).toBe(OUTCOME.OK);
    expect(append(again)).toBe(OUTCOME.OK);
    again.close(true);
  });

  it('gives no lost offset to another record', () => {
    const { bases, batchBytes } = hundred();
    fixture.cut(bases.at(-1)!, batchBytes);
    const again = fixture.open({ recoveryPoint: 100, settings });
    expect(again.logEndOffset).toBe(100);
    expect(fixture.logger.lines).toEqual([expect.stringContaining('is lost')]);
    expect(append(again)).toBe(OUTCOME.OK);
    const reader = readerOf(again);
    expect(reader.read(100, 1000, true)).toBe(OUTCOME.OK);
    expect(reader.bytes.readBigInt64BE(reader.start)).toBe(100n);
    again.close(true);
  });
});

describe('files that should not be so', () => {
  function openFiftyAgain(): PartitionLog {
    const log = fixture.open({ settings: { segmentBytes: 4000, indexIntervalBytes: 300 } });
    appendMany(log, 50);
    log.close(true);
    return log;
  }

  it('missing indexes are made again, in closed segments too', () => {
    openFiftyAgain();
    const index = fixture.read(0, '.index');
    for (const name of readdirSync(fixture.directory)) {
      if (name.endsWith('index')) rmSync(fixture.path(name));
    }
    const again = fixture.open({
      recoveryPoint: 50,
      settings: { segmentBytes: 4000, indexIntervalBytes: 300 },
    });
    expect(again.logEndOffset).toBe(50);
    const made = fixture.read(0, '.index');
    expect(made.equals(index.subarray(0, made.length))).toBe(true);
    expect(readAll(again, 0).outcome).toBe(OUTCOME.OK);
    again.close(true);
  });

  it('damaged indexes are noticed and made again', () => {
    const settings = { indexIntervalBytes: 300 };
    const log = fixture.open({ settings });
    appendMany(log, 50);
    log.close(true);
    const index = fixture.read(0, '.index');
    for (const byte of [index.length - 1, index.length - 5, index.length - 3]) {
      const damaged = Buffer.from(index);
      damaged[byte] = damaged[byte]! ^ 1;
      writeFileSync(fixture.segmentFile(0, '.index'), damaged);
      const again = fixture.open({ recoveryPoint: 50, settings });
      expect(again.logEndOffset).toBe(50);
      expect(fixture.read(0, '.index').equals(index)).toBe(true);
      again.close(true);
    }
  });

  it('a damaged entry in the middle of an index misleads no reader', () => {
    const settings = { indexIntervalBytes: 300 };
    const log = fixture.open({ settings });
    appendMany(log, 300);
    log.close(true);
    const index = fixture.read(0, '.index');
    for (let entry = 0; entry < index.length / 8; entry += 3) {
      const damaged = Buffer.from(index);
      damaged[entry * 8 + 7] = damaged[entry * 8 + 7]! ^ 4;
      writeFileSync(fixture.segmentFile(0, '.index'), damaged);
      const again = fixture.open({ recoveryPoint: 300, settings });
      const reader = readerOf(again);
      for (let offset = 0; offset < 300; offset += 11) {
        expect(reader.read(offset, 1000, true)).toBe(OUTCOME.OK);
        expect(reader.bytes.readBigInt64BE(reader.start)).toBe(BigInt(offset));
      }
      again.close(true);
      writeFileSync(fixture.segmentFile(0, '.index'), index);
    }
  });

  it('strangers, leftovers and orphans do no harm', () => {
    openFiftyAgain();
    for (const name of ['notes.txt', '00000000000000000007.log.deleted', 'x.tmp', '12.log']) {
      writeFileSync(fixture.path(name), 'anything');
    }
    writeFileSync(fixture.path('00000000000000000003.log.cleaned'), 'half a cleaning');
    writeFileSync(fixture.path('00000000000000000999.index'), 'orphan');
    const again = fixture.open({ recoveryPoint: 50 });
    expect(again.logEndOffset).toBe(50);
    const names = readdirSync(fixture.directory);
    expect(names).toContain('notes.txt');
    expect(names.filter((name) => /deleted|tmp|cleaned|999/.test(name))).toEqual([]);
    again.close(true);
  });

  it('a directory without its identity is refused untouched', () => {
    openFiftyAgain();
    rmSync(fixture.path('partition.metadata'));
    expect(() => fixture.open({ recoveryPoint: 50 })).toThrow(/partition.metadata is missing/);
    expect(readdirSync(fixture.directory).length).toBeGreaterThan(3);
  });

  it('a finished compaction replaces the segments that it covers', () => {
    openFiftyAgain();
    const bases = fixture.open({ recoveryPoint: 50 }).segments();
    const third = bases[2]!.baseOffset;
    // All that the cleaner left of the first two segments: two batches.
    const last = makeBatch(third - 1);
    writeFileSync(fixture.segmentFile(0, '.log.swap'), Buffer.concat([makeBatch(3), last]));
    const again = fixture.open({ recoveryPoint: 50 });
    expect(again.segments().map((segment) => segment.baseOffset)).toEqual(
      bases.map((segment) => segment.baseOffset).filter((base) => base === 0 || base >= third),
    );
    expect(again.logEndOffset).toBe(50);
    const reader = readerOf(again);
    expect(reader.read(0, 150, true)).toBe(OUTCOME.OK);
    expect(reader.bytes.readBigInt64BE(reader.start)).toBe(3n);
    again.close(true);
  });
});
