import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { GroupCommit } from '../../src/partition/group-commit.ts';
import { Partition } from '../../src/partition/partition.ts';
import { appendMany, LogFixture, SETTINGS } from '../log/fixtures.ts';

let fixture: LogFixture;

beforeEach(() => {
  fixture = new LogFixture();
});

afterEach(() => {
  fixture.remove();
});

describe('group commit', () => {
  it('raises the high watermark to what the sync covered, never lowers it', () => {
    const settings = { ...SETTINGS, groupCommit: true };
    const log = fixture.open({ settings });
    const partition = new Partition(0, log, settings);
    partition.becomeLeader(0);
    let syncCount = 0;
    const commit = new GroupCommit(partition, () => syncCount++);
    appendMany(log, 3);
    commit.start();
    appendMany(log, 2);
    commit.start();
    expect(syncCount).toBe(1);
    expect(partition.highWatermark).toBe(0);
    commit.succeed();
    expect(partition.highWatermark).toBe(3);
    commit.start();
    appendMany(log, 1);
    // The topic's durability becomes `os` while the sync runs.
    partition.markDurable(log.end);
    commit.succeed();
    expect(partition.highWatermark).toBe(6);
    log.close(true);
  });
});
