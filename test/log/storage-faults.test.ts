import { statSync } from 'node:fs';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { installFailPoint } from '../../src/base/fail-point.ts';
import { OUTCOME } from '../../src/log/outcome.ts';
import { installStorage, type Storage, systemStorage } from '../../src/log/storage.ts';
import { append, appendMany, LogFixture, makeBatch, NOW } from './fixtures.ts';

const ENOSPC = 28;
const EIO = 5;

let fixture: LogFixture;

beforeEach(() => {
  fixture = new LogFixture();
});

afterEach(() => {
  installStorage(systemStorage);
  installFailPoint(null);
  fixture.remove();
});

function failing(changes: Partial<Storage>): void {
  installStorage({ ...systemStorage, ...changes });
}

function systemError(code: string): Error {
  return Object.assign(new Error(`${code}: injected`), { code });
}

describe('a full disk', () => {
  it('in the middle of a write refuses the batch, and the next one takes its place', () => {
    const log = fixture.open();
    append(log);
    failing({
      append(fd, source, sourceAt, length, at) {
        systemStorage.append(fd, source, sourceAt, length - 7, at);
        return ENOSPC;
      },
    });
    expect(append(log)).toBe(OUTCOME.STORAGE_FULL);
    installStorage(systemStorage);
    expect(append(log)).toBe(OUTCOME.OK);
    log.close(false);
    const again = fixture.open();
    expect(again.logEndOffset).toBe(2);
    again.close(true);
  });

  it('refuses the append, keeps what is there, and goes on when there is room', () => {
    const log = fixture.open();
    appendMany(log, 10);
    const end = log.end.position;
    const room = statSync(fixture.segmentFile(0)).size - end;
    let full = true;
    failing({
      reserve: (fd, at, length) => (full ? ENOSPC : systemStorage.reserve(fd, at, length)),
    });
    let outcome: number = OUTCOME.OK;
    let taken = 0;
    while (outcome === OUTCOME.OK) {
      outcome = append(log, { recordBytes: 1000 });
      if (outcome === OUTCOME.OK) taken++;
    }
    expect(outcome).toBe(OUTCOME.STORAGE_FULL);
    // What was reserved before is still used, up to the entry that a full index refuses.
    expect(taken).toBeGreaterThan(2);
    expect(taken).toBeLessThan(room / 1000);
    expect(log.logEndOffset).toBe(10 + taken);
    expect(append(log, { recordBytes: 1000 })).toBe(OUTCOME.STORAGE_FULL);
    full = false;
    appendMany(log, 100, { recordBytes: 1000 });
    expect(log.end.position).toBeGreaterThan(end);
    log.close(true);
    expect(fixture.open({ recoveryPoint: log.logEndOffset }).logEndOffset).toBe(110 + taken);
  });

  it('is met with smaller steps as long as they fit, and takes nothing beyond them', () => {
    const log = fixture.open();
    const limitBytes = 200_000;
    failing({
      reserve(fd, at, length) {
        if (at + length <= limitBytes) return systemStorage.reserve(fd, at, length);
        systemStorage.reserve(fd, at, Math.max(limitBytes - at, 0)); // half of it succeeded
        return ENOSPC;
      },
    });
    let taken = 0;
    while (append(log, { recordBytes: 1000 }) === OUTCOME.OK) taken++;
    expect(log.end.position).toBeGreaterThan(limitBytes - 8192);
    expect(statSync(fixture.segmentFile(0)).size).toBeLessThanOrEqual(limitBytes);
    expect(taken).toBeGreaterThan(150);
    log.close(true);
  });

  it('at a roll leaves the old segment in use', () => {
    const log = fixture.open({ settings: { segmentBytes: 1000 } });
    appendMany(log, 5);
    failing({
      open(path, flags) {
        if (flags === 'wx+' && path.endsWith('.timeindex')) throw systemError('ENOSPC');
        return systemStorage.open(path, flags);
      },
    });
    expect(append(log)).toBe(OUTCOME.STORAGE_FULL);
    expect(log.segments().length).toBe(1);
    installStorage(systemStorage);
    appendMany(log, 5);
    expect(log.segments().map((segment) => segment.baseOffset)).toEqual([0, 5]);
    log.close(true);
  });

  it('at the cut of the old segment leaves it in use, and later syncs count it', () => {
    const log = fixture.open({ settings: { segmentBytes: 1000 } });
    appendMany(log, 5);
    failing({
      truncate() {
        throw systemError('ENOSPC');
      },
    });
    expect(append(log)).toBe(OUTCOME.STORAGE_FULL);
    expect(log.segments().map((segment) => segment.baseOffset)).toEqual([0]);
    installStorage(systemStorage);
    appendMany(log, 2);
    expect(log.segments().map((segment) => segment.baseOffset)).toEqual([0, 5]);
    expect(log.syncTarget()?.files).toHaveLength(2);
    log.close(true);
    expect(fixture.open({ recoveryPoint: 7 }).logEndOffset).toBe(7);
  });

  it('at an index refuses the append that needs the entry', () => {
    const log = fixture.open({ settings: { indexIntervalBytes: 0 } });
    append(log);
    failing({ reserve: () => ENOSPC });
    expect(append(log)).toBe(OUTCOME.STORAGE_FULL);
    installStorage(systemStorage);
    appendMany(log, 5);
    log.close(true);
  });
});

describe('descriptors that run out', () => {
  it('refuse the append and leave the partition online', () => {
    const log = fixture.open({ settings: { indexIntervalBytes: 0 } });
    append(log);
    failing({
      open() {
        throw Object.assign(systemError('EMFILE'), { errno: -24 });
      },
    });
    expect(append(log)).toBe(OUTCOME.STORAGE_FULL);
    expect(log.failure).toBe('');
    installStorage(systemStorage);
    appendMany(log, 5);
    log.close(true);
  });
});

describe('a failing disk', () => {
  it('at a reservation takes the log offline', () => {
    const log = fixture.open();
    failing({ reserve: () => EIO });
    expect(append(log)).toBe(OUTCOME.STORAGE_FAILED);
    expect(log.failure).toMatch(/errno 5/);
    installStorage(systemStorage);
    expect(append(log)).toBe(OUTCOME.STORAGE_FAILED);
    log.close(false);
  });

  it('at the sync of a stop is not called a clean stop', () => {
    const log = fixture.open();
    appendMany(log, 3);
    failing({
      sync() {
        throw systemError('EIO');
      },
    });
    expect(log.close(true)).toBe(false);
    expect(log.recoveryPoint).toBe(0);
    expect(log.failure).toMatch(/EIO/);
  });

  it('at a write takes the log offline, and what was refused is not in it', () => {
    const log = fixture.open();
    appendMany(log, 3);
    failing({ append: () => EIO });
    expect(append(log)).toBe(OUTCOME.STORAGE_FAILED);
    expect(log.logEndOffset).toBe(3);
    expect(log.failure).toMatch(/errno 5/);
  });

  it('at a roll takes the log offline', () => {
    const log = fixture.open({ settings: { segmentBytes: 1000 } });
    appendMany(log, 5);
    failing({
      truncate() {
        throw systemError('EIO');
      },
    });
    expect(append(log)).toBe(OUTCOME.STORAGE_FAILED);
    expect(fixture.listener.events.at(-1)).toMatch(/^failed .*EIO/);
  });
});

describe('the seam', () => {
  it('sees every write and names the points where a process may be ended', () => {
    const writes: [number, number][] = [];
    const points: string[] = [];
    failing({
      append(fd, source, sourceAt, length, at) {
        writes.push([at, length]);
        return systemStorage.append(fd, source, sourceAt, length, at);
      },
    });
    installFailPoint((name) => points.push(name));
    const log = fixture.open({ settings: { segmentBytes: 400 } });
    const size = makeBatch(0).length;
    for (let i = 0; i < 3; i++) append(log);
    const header = 61; // that of a batch, before the whole batch while fail points are armed
    expect(writes.filter(([, length]) => length !== header)).toEqual([
      [0, size],
      [size, size],
      [0, size],
    ]);
    expect(points.filter((name) => name.startsWith('roll'))).toEqual([
      'roll-before-create',
      'roll-before-seal',
      'roll-after-seal',
    ]);
    log.close(true);
  });

  it('an end at any point of a roll loses nothing that was appended', () => {
    const points = ['roll-before-create', 'roll-before-seal', 'roll-after-seal'];
    for (const point of [...points, 'append-before-index', 'append-after-index']) {
      const settings = { segmentBytes: 1000, indexIntervalBytes: 100 };
      const fresh = new LogFixture();
      const log = fresh.open({ settings });
      appendMany(log, 5);
      installFailPoint((name) => {
        if (name === point) throw new Error('ended here');
      });
      try {
        append(log);
      } catch (thrown) {
        expect(String(thrown)).toContain('ended here');
      }
      installFailPoint(null);
      log.close(false);
      const again = fresh.open({ settings });
      expect(again.logEndOffset).toBeGreaterThanOrEqual(5);
      expect(fresh.logger.lines.filter((line) => line.includes('dropped'))).toEqual([]);
      append(again, { timestamp: NOW });
      again.close(true);
      fresh.remove();
    }
  });
});
