import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { BackgroundFlush } from '../../src/partition/background-flush.ts';
import { Partition } from '../../src/partition/partition.ts';
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
    const flush = new BackgroundFlush(new Partition(3, log, settings), (slot, files) => {
      expect(slot).toBe(3);
      requests.push(files);
    });
    appendMany(log, 3);
    flush.start(0);
    expect(requests).toEqual([]);
    appendMany(log, 9);
    flush.start(0);
    flush.start(0);
    expect(requests.length).toBe(1);
    expect(requests[0]!.length).toBe(2);
    expect(flush.isSyncing).toBe(true);
    appendMany(log, 5);
    flush.succeed();
    expect(log.recoveryPoint).toBe(10);
    flush.start(0);
    flush.succeed();
    expect(log.recoveryPoint).toBe(log.end.segmentBase);
    expect(flush.isSyncing).toBe(false);
    log.close(true);
  });

  it('takes the partition offline when the disk refuses', () => {
    const settings = { ...SETTINGS, segmentBytes: 1000 };
    const log = fixture.open({ settings });
    const partition = new Partition(0, log, settings);
    const flush = new BackgroundFlush(partition, () => {});
    appendMany(log, 9);
    flush.start(0);
    flush.fail('a sync failed with errno 5');
    expect(partition.offlineReason).toMatch(/errno 5/);
    expect(log.recoveryPoint).toBe(0);
    log.close(false);
  });
});

describe('the flush that a topic asks for', () => {
  function open(limits: { flushMessages?: number; flushMs?: number }) {
    const settings = { ...SETTINGS, ...limits };
    const log = fixture.open({ settings });
    const requests: number[] = [];
    const flush = new BackgroundFlush(new Partition(0, log, settings), () => {
      requests.push(log.logEndOffset);
    });
    return { log, flush, requests };
  }

  it('starts a sync of all when flush.messages records are not on the disk', () => {
    const { log, flush, requests } = open({ flushMessages: 3 });
    appendMany(log, 2);
    flush.start(0);
    expect(requests).toEqual([]);
    appendMany(log, 2);
    flush.start(0);
    appendMany(log, 5);
    flush.start(0);
    expect(requests).toEqual([4]);
    flush.succeed();
    expect(log.recoveryPoint).toBe(4);
    flush.start(0);
    expect(requests).toEqual([4, 9]);
    flush.succeed();
    expect(log.recoveryPoint).toBe(9);
    flush.start(0);
    expect(requests).toEqual([4, 9]);
    log.close(true);
  });

  it('starts one when a record has waited flush.ms, and says when that will be', () => {
    const { log, flush, requests } = open({ flushMs: 100 });
    flush.start(1_000);
    expect(flush.dueMs).toBe(Number.POSITIVE_INFINITY);
    appendMany(log, 1);
    flush.start(1_010);
    appendMany(log, 1);
    flush.start(1_050);
    expect(flush.dueMs).toBe(1_110);
    flush.start(1_109);
    expect(requests).toEqual([]);
    flush.start(1_110);
    expect(requests).toEqual([2]);
    expect(flush.dueMs).toBe(Number.POSITIVE_INFINITY);
    // What comes while the sync runs waits for its own time.
    appendMany(log, 1);
    flush.start(1_120);
    expect(flush.dueMs).toBe(1_220);
    flush.succeed();
    expect(log.recoveryPoint).toBe(2);
    flush.start(1_230);
    expect(requests).toEqual([2, 3]);
    flush.succeed();
    log.close(true);
  });

  it('leaves syncing to the system where the topic asks for nothing', () => {
    const { log, flush, requests } = open({});
    appendMany(log, 4);
    flush.start(0);
    flush.start(1e12);
    expect(flush.dueMs).toBe(Number.POSITIVE_INFINITY);
    expect(requests).toEqual([]);
    log.close(true);
  });
});
