import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { Partition } from '../../src/partition/partition.ts';
import { RollFlush } from '../../src/partition/roll-flush.ts';
import { appendMany, LogFixture, SETTINGS } from '../log/fixtures.ts';

let fixture: LogFixture;

beforeEach(() => {
  fixture = new LogFixture();
});

afterEach(() => {
  fixture.remove();
});

describe('the flush of rolled segments', () => {
  it('asks for one sync at a time and moves the recovery point to the active segment', () => {
    const settings = { ...SETTINGS, segmentBytes: 1000 };
    const log = fixture.open({ settings });
    const requests: (readonly number[])[] = [];
    const flush = new RollFlush(new Partition(3, log, settings), (slot, files) => {
      expect(slot).toBe(3);
      requests.push(files);
    });
    appendMany(log, 3);
    flush.start();
    expect(requests).toEqual([]);
    appendMany(log, 9);
    flush.start();
    flush.start();
    expect(requests.length).toBe(1);
    expect(requests[0]!.length).toBe(2);
    expect(flush.isSyncing).toBe(true);
    appendMany(log, 5);
    flush.succeed();
    expect(log.recoveryPoint).toBe(10);
    flush.start();
    flush.succeed();
    expect(log.recoveryPoint).toBe(log.activeBaseOffset);
    expect(flush.isSyncing).toBe(false);
    log.close(true);
  });

  it('takes the partition offline when the disk refuses', () => {
    const settings = { ...SETTINGS, segmentBytes: 1000 };
    const log = fixture.open({ settings });
    const partition = new Partition(0, log, settings);
    const flush = new RollFlush(partition, () => {});
    appendMany(log, 9);
    flush.start();
    flush.fail('a sync failed with errno 5');
    expect(partition.offlineReason).toMatch(/errno 5/);
    expect(log.recoveryPoint).toBe(0);
    log.close(false);
  });
});
