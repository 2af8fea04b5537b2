import { existsSync, fdatasyncSync, readdirSync, rmSync, statSync } from 'node:fs';
import { dirname } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { OUTCOME } from '../../src/log/outcome.ts';
import { installStorage, systemStorage } from '../../src/log/storage.ts';
import { append, appendMany, LogFixture, makeBatch, NOW, TOPIC_ID } from './fixtures.ts';

let fixture: LogFixture;

beforeEach(() => {
  fixture = new LogFixture();
});

afterEach(() => {
  installStorage(systemStorage);
  fixture.remove();
});

describe('a new log', () => {
  it('makes the files of a partition with private modes', () => {
    const log = fixture.open();
    expect(log.logEndOffset).toBe(0);
    expect(readdirSync(fixture.directory)).toEqual([
      '00000000000000000000.index',
      '00000000000000000000.log',
      '00000000000000000000.timeindex',
      'partition.metadata',
    ]);
    expect(statSync(fixture.directory).mode & 0o777).toBe(0o700);
    expect(statSync(fixture.segmentFile(0)).mode & 0o777).toBe(0o600);
    log.close(true);
  });

  it('takes no blocks before the first append', () => {
    const log = fixture.open();
    expect(statSync(fixture.segmentFile(0)).blocks).toBe(0);
    append(log);
    expect(statSync(fixture.segmentFile(0)).size).toBe(64 * 1024);
    log.close(true);
  });

  it('waits for no disk at a stop while nothing was written to it', () => {
    const synced: string[] = [];
    installStorage({
      ...systemStorage,
      sync: () => void synced.push('a file'),
      syncDirectory: (path) => void synced.push(path),
    });
    expect(fixture.open().close(true)).toBe(true);
    expect(synced).toEqual([]);
    expect(readdirSync(fixture.directory)).not.toContain('00000000000000000000.snapshot');
  });

  it('is synced at a stop with its directories once something was written to it', () => {
    const synced: string[] = [];
    const log = fixture.open();
    append(log);
    installStorage({ ...systemStorage, syncDirectory: (path) => void synced.push(path) });
    expect(log.close(true)).toBe(true);
    expect(synced).toEqual([fixture.directory, dirname(fixture.directory)]);
  });

  it('is made again by the next start where a power loss has taken its files', () => {
    fixture.open().close(true);
    rmSync(fixture.directory, { recursive: true });
    const log = fixture.open();
    expect(append(log)).toBe(OUTCOME.OK);
    expect(log.close(true)).toBe(true);
  });
});

describe('append', () => {
  it('stores batches byte for byte, one behind the other', () => {
    const log = fixture.open();
    const first = makeBatch(0, { records: 3 });
    const second = makeBatch(3, { records: 2 });
    expect(log.append(first, 0, first.length, 2, NOW, NOW)).toBe(OUTCOME.OK);
    expect(log.append(second, 0, second.length, 4, NOW, NOW)).toBe(OUTCOME.OK);
    expect(log.logEndOffset).toBe(5);
    expect(log.end.position).toBe(first.length + second.length);
    log.close(true);
    expect(fixture.read(0).equals(Buffer.concat([first, second]))).toBe(true);
  });

  it('reserves in growing steps and cuts to the true size at a clean stop', () => {
    const log = fixture.open();
    const sizes = new Set<number>();
    for (let i = 0; i < 300; i++) {
      append(log, { recordBytes: 5000 });
      sizes.add(statSync(fixture.segmentFile(0)).size);
    }
    expect([...sizes]).toEqual([65536, 131072, 262144, 524288, 1048576, 2097152]);
    const end = log.end.position;
    log.close(true);
    expect(statSync(fixture.segmentFile(0)).size).toBe(end);
  });

  it('goes on behind what is there after a clean stop', () => {
    const log = fixture.open();
    appendMany(log, 50, { records: 2 });
    log.close(true);
    const again = fixture.open({ recoveryPoint: log.recoveryPoint });
    expect(again.logEndOffset).toBe(100);
    expect(again.nextEpoch).toBe(0);
    appendMany(again, 50, { records: 2 });
    again.close(true);
    const third = fixture.open({ recoveryPoint: 200 });
    expect(third.logEndOffset).toBe(200);
    expect(fixture.logger.lines).toEqual([]);
    third.close(true);
  });
});

describe('rolling', () => {
  it('starts a segment when the next batch would pass segment.bytes', () => {
    const log = fixture.open({ settings: { segmentBytes: 1000 } });
    appendMany(log, 20, { recordBytes: 100 });
    const bases = log.segments().map((segment) => segment.baseOffset);
    expect(bases).toEqual([0, 5, 10, 15]);
    for (const { sizeBytes } of log.segments()) expect(sizeBytes).toBeLessThanOrEqual(1000);
    expect(fixture.listener.events[0]).toMatch(/^added 5 after \d+$/);
    expect(statSync(fixture.segmentFile(0)).size).toBe(log.segments()[0]!.sizeBytes);
    log.close(true);
  });

  it('starts a segment when the first record is older than segment.ms', () => {
    const log = fixture.open({ settings: { segmentMs: 1000 } });
    append(log, { timestamp: NOW });
    append(log, { timestamp: NOW + 1000 });
    expect(log.end.segmentBase).toBe(0);
    append(log, { timestamp: NOW + 1001 });
    expect(log.end.segmentBase).toBe(2);
    log.close(true);
  });

  it('starts a segment when an index is full', () => {
    const log = fixture.open({ settings: { segmentIndexBytes: 80, indexIntervalBytes: 0 } });
    appendMany(log, 12);
    expect(log.segments().length).toBeGreaterThan(1);
    log.close(true);
  });

  it('starts a segment when the offset does not fit into the relative form', () => {
    const log = fixture.open();
    append(log);
    const far = makeBatch(2 ** 31 + 5);
    expect(log.append(far, 0, far.length, 2 ** 31 + 5, NOW, NOW)).toBe(OUTCOME.OK);
    expect(log.segments().length).toBe(2);
    log.close(true);
  });

  it('survives many rolls without a clean stop', () => {
    const log = fixture.open({ settings: { segmentBytes: 5000 } });
    appendMany(log, 200, { recordBytes: 500 });
    log.close(false);
    const again = fixture.open({ settings: { segmentBytes: 5000 } });
    expect(again.logEndOffset).toBe(200);
    expect(fixture.logger.lines).toEqual([]);
    again.close(true);
  });
});

describe('log start', () => {
  it('moves with deleted records and takes whole segments along', () => {
    const log = fixture.open({ settings: { segmentBytes: 1000 } });
    appendMany(log, 20);
    log.deleteRecordsBefore(12, NOW);
    expect(log.logStartOffset).toBe(12);
    expect(log.segments()[0]!.baseOffset).toBe(10);
    expect(fixture.listener.events.slice(-2)).toEqual(['removed 0', 'removed 5']);
    expect(existsSync(`${fixture.segmentFile(0)}.deleted`)).toBe(true);
    log.close(true);
    const again = fixture.open({ logStartOffset: 12, recoveryPoint: 20 });
    expect(again.logStartOffset).toBe(12);
    expect(existsSync(`${fixture.segmentFile(0)}.deleted`)).toBe(false);
    again.close(true);
  });

  it('starts anew where the log start checkpoint is above the log end', () => {
    const log = fixture.open();
    appendMany(log, 3);
    log.close(true);
    const again = fixture.open({ logStartOffset: 50, recoveryPoint: 3 });
    expect(again.logStartOffset).toBe(50);
    expect(again.logEndOffset).toBe(50);
    appendMany(again, 2);
    again.close(true);
    expect(existsSync(fixture.segmentFile(50))).toBe(true);
    expect(existsSync(fixture.segmentFile(0))).toBe(false);
  });
});

describe('timestamps', () => {
  it('finds the first record that is not older', () => {
    const log = fixture.open({ settings: { segmentBytes: 20_000, indexIntervalBytes: 500 } });
    for (let i = 0; i < 400; i++) append(log, { timestamp: NOW + i * 10 });
    expect(log.segments().length).toBeGreaterThan(2);
    for (const i of [0, 1, 57, 199, 399]) {
      expect(log.offsetForTimestamp(NOW + i * 10)).toMatchObject({ offset: i });
      expect(log.offsetForTimestamp(NOW + i * 10 - 3)?.offset).toBe(i);
    }
    expect(log.offsetForTimestamp(NOW + 4000)).toBeNull();
    expect(log.maxTimestampOffset()).toEqual({
      offset: 399,
      timestampMs: NOW + 3990,
      leaderEpoch: 0,
    });
    log.close(true);
    const again = fixture.open({ recoveryPoint: 400 });
    expect(again.offsetForTimestamp(NOW + 1234)?.offset).toBe(124);
    expect(again.maxTimestampOffset()?.offset).toBe(399);
    again.close(true);
  });

  it('finds records among timestamps that go back and forth', () => {
    const log = fixture.open({ settings: { indexIntervalBytes: 200 } });
    const times = [5, 3, 9, 1, 9, 2, 12, 4].map((step) => NOW + step);
    for (const timestamp of times) append(log, { timestamp });
    expect(log.offsetForTimestamp(NOW + 6)?.offset).toBe(2);
    expect(log.offsetForTimestamp(NOW + 10)?.offset).toBe(6);
    expect(log.offsetForTimestamp(NOW)?.offset).toBe(0);
    expect(log.maxTimestampOffset()?.offset).toBe(6);
    log.close(true);
  });

  it('knows nothing of an empty log', () => {
    const log = fixture.open();
    expect(log.offsetForTimestamp(0)).toBeNull();
    expect(log.maxTimestampOffset()).toBeNull();
    log.close(true);
  });
});

describe('retention', () => {
  it('removes old segments by age, and the active one when all of it is old', () => {
    const log = fixture.open({ settings: { segmentBytes: 1000, retentionMs: 5000 } });
    appendMany(log, 10, { timestamp: NOW });
    appendMany(log, 5, { timestamp: NOW + 4000 });
    log.applyRetention(NOW + 5001, log.logEndOffset);
    expect(log.logStartOffset).toBe(10);
    log.applyRetention(NOW + 9001, log.logEndOffset);
    expect(log.logStartOffset).toBe(15);
    expect(log.segments()).toMatchObject([{ baseOffset: 15, sizeBytes: 0, maxTimestamp: -1 }]);
    appendMany(log, 2);
    log.close(true);
  });

  it('removes segments by size but never above the limit', () => {
    const log = fixture.open({ settings: { segmentBytes: 1000, retentionBytes: 2000 } });
    appendMany(log, 30);
    log.applyRetention(NOW, 7);
    expect(log.logStartOffset).toBe(5);
    log.applyRetention(NOW, 30);
    expect(log.sizeBytes).toBeGreaterThanOrEqual(2000);
    expect(log.sizeBytes).toBeLessThan(3000);
    log.close(true);
  });

  it('leaves everything where the policy is not delete', () => {
    const settings = { segmentBytes: 1000, retentionBytes: 0, retentionMs: 0, delete: false };
    const log = fixture.open({ settings });
    appendMany(log, 30);
    log.applyRetention(NOW + 1000, 30);
    expect(log.logStartOffset).toBe(0);
    log.close(true);
  });

  it('unlinks the files after the delay', async () => {
    const log = fixture.open({ settings: { segmentBytes: 1000, fileDeleteDelayMs: 50 } });
    appendMany(log, 10);
    log.deleteRecordsBefore(5, NOW);
    const deleted = () => readdirSync(fixture.directory).filter((n) => n.endsWith('.deleted'));
    log.releaseDeleted(NOW + 49);
    expect(deleted().length).toBe(3);
    log.releaseDeleted(NOW + 50);
    await expect.poll(() => deleted().length).toBe(0);
    log.close(true);
  });
});

describe('sync targets', () => {
  it('name the active file and rolled ones until they are synced', () => {
    const log = fixture.open({ settings: { segmentBytes: 1000, groupCommit: true } });
    expect(log.syncTarget()).toBeNull();
    appendMany(log, 7);
    const target = log.syncTarget()!;
    expect(target.end.offset).toBe(7);
    expect(target.files.length).toBe(2);
    expect(target.directories).toEqual([fixture.directory, fixture.root]);
    expect(target.end.segmentBase).toBe(5);
    append(log);
    log.markSynced(target.end.offset);
    expect(log.recoveryPoint).toBe(7);
    const next = log.syncTarget()!;
    expect(next.files.length).toBe(1);
    expect(next.directories).toEqual([]);
    log.markSynced(next.end.offset);
    expect(log.syncTarget()).toBeNull();
    log.close(true);
  });

  it('do not pile up descriptors when nobody asks', () => {
    const log = fixture.open({ settings: { segmentBytes: 500 } });
    const before = readdirSync('/proc/self/fd').length;
    appendMany(log, 100);
    expect(readdirSync('/proc/self/fd').length).toBeLessThan(before + 25);
    expect(log.recoveryPoint).toBeGreaterThan(40);
    const target = log.rolledTarget()!;
    expect(target.end.offset).toBe(log.end.segmentBase);
    log.markSynced(target.end.offset);
    expect(log.rolledTarget()).toBeNull();
    expect(readdirSync('/proc/self/fd').length).toBeLessThan(before + 6);
    log.close(true);
  });

  it('stay open while they are synced, whatever becomes of their segments', () => {
    const log = fixture.open({ settings: { segmentBytes: 500 } });
    appendMany(log, 10);
    const { files, end } = log.rolledTarget()!;
    const { offset } = end;
    log.deleteRecordsBefore(offset, NOW);
    appendMany(log, 100);
    for (const fd of files) fdatasyncSync(fd);
    log.markSynced(offset);
    for (const fd of files) expect(() => fdatasyncSync(fd)).toThrow('EBADF');
    log.close(true);
  });
});

describe('removal', () => {
  it('renames the directory at once and removes it in the background', async () => {
    const log = fixture.open();
    appendMany(log, 3);
    log.delete();
    expect(existsSync(fixture.directory)).toBe(false);
    await expect.poll(() => readdirSync(fixture.root)).toEqual([]);
  });

  it('refuses a directory of another topic of the same name, untouched', () => {
    const log = fixture.open();
    appendMany(log, 3);
    log.close(true);
    const other = `${TOPIC_ID.slice(0, 21)}A`;
    expect(() => fixture.open({ topicId: other })).toThrow(/belongs to topic id/);
    expect(fixture.open({ recoveryPoint: 3 }).logEndOffset).toBe(3);
  });
});

describe('a failed disk', () => {
  it('takes the log offline with its reason until it is opened anew', () => {
    const log = fixture.open();
    append(log);
    log.fail('sync: EIO');
    expect(append(log)).toBe(OUTCOME.STORAGE_FAILED);
    expect(log.failure).toBe('sync: EIO');
    expect(log.syncTarget()).toBeNull();
    expect(fixture.listener.events).toEqual(['failed sync: EIO']);
    expect(log.close(true)).toBe(false);
    expect(fixture.open().logEndOffset).toBe(1);
  });
});
