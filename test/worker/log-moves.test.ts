/** A log moves to another directory of its node while it is served. */
import { existsSync, mkdirSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { ERROR } from '../../src/base/kafka-errors.ts';
import { ACKS_OF_COPY } from '../../src/exchange/messages.ts';
import { setPartitionLeaderEpoch } from '../../src/records/batch-layout.ts';
import { makeBatch } from '../log/fixtures.ts';
import { SLOT, WorkerStage } from './worker-stage.ts';

let stage: WorkerStage;
let logDir: string;
let before: string;
let after: string;

beforeEach(() => {
  stage = new WorkerStage();
  logDir = join(stage.root, 'disk');
  mkdirSync(logDir);
  before = join(stage.root, 'topic-0');
  after = join(logDir, 'topic-0');
});

afterEach(() => stage.remove());

function begin(): number {
  return stage.ask({ kind: 'copy-begin', slot: SLOT, logDir }).error;
}

/** The syncs of rolled segments, which hold it up, are over. */
function finish(): number {
  stage.worker.onSynced(SLOT, 0);
  const { error } = stage.ask({ kind: 'copy-finish', slot: SLOT });
  stage.worker.afterBatch();
  return error;
}

/** Runs the worker until the front is told that all is copied. */
function copyAll(): void {
  const isTold = () => stage.events.some(({ kind }) => kind === 'copy-caught-up');
  for (let turn = 0; turn < 100 && !isTold(); turn++) stage.worker.runTimers();
  expect(isTold()).toBe(true);
}

/** The copy that is being made; '' where there is none. */
function copy(): string {
  return readdirSync(logDir).find((name) => name.endsWith('-future')) ?? '';
}

function logBytes(directory: string): Buffer {
  const names = readdirSync(directory).filter((name) => name.endsWith('.log'));
  return Buffer.concat(names.sort().map((name) => readFileSync(join(directory, name))));
}

function end(): number {
  const loaded = stage.ask({ kind: 'load', slot: SLOT });
  return loaded.error === 0 && 'state' in loaded ? loaded.state.logEnd.offset : -1;
}

/** A batch of the leader's for a follower. */
function copied(epoch: number, offset: number, recordBytes: number): Buffer {
  const batch = makeBatch(offset, { recordBytes });
  setPartitionLeaderEpoch(batch, 0, epoch);
  stage.worker.beforeBatch();
  stage.worker.onAppend(SLOT, 0, 0, ACKS_OF_COPY, epoch, batch, 0, batch.length);
  stage.worker.afterBatch();
  expect(stage.appendErrors.at(-1)).toBe(0);
  return batch;
}

describe('a log that moves', () => {
  it('has all its records in the other directory, and goes on there', () => {
    for (let i = 0; i < 10; i++) stage.append();
    expect(begin()).toBe(0);
    stage.append();
    copyAll();
    stage.append();
    const written = stage.ask({ kind: 'sizes', slots: [SLOT] });
    expect(written).toMatchObject({ sizes: [{ copy: { logDir, lag: 1 } }] });
    expect(finish()).toBe(0);
    expect([existsSync(before), existsSync(after), copy()]).toEqual([false, true, '']);
    expect(end()).toBe(12);
    expect(stage.append(-1)).toBe(0);
    expect(end()).toBe(13);
    stage.ask({ kind: 'stop' });
    expect(stage.logger.lines).toEqual([]);
  });

  it('keeps what is known of producers', () => {
    const batch = makeBatch(0, { producerId: 7, epoch: 1, sequence: 3, records: 2 });
    stage.worker.onAppend(SLOT, 0, 0, 1, 9, batch, 0, batch.length);
    stage.worker.afterBatch();
    const known = stage.ask({ kind: 'producers', slot: SLOT });
    expect(known).toMatchObject({ producers: [{ producerId: 7, lastSequence: 4 }] });
    begin();
    copyAll();
    finish();
    expect(stage.ask({ kind: 'producers', slot: SLOT })).toEqual(known);
  });

  it('begins where records were deleted up to', () => {
    for (let i = 0; i < 8; i++) stage.append();
    stage.ask({ kind: 'delete-records', slot: SLOT, offset: 3 });
    begin();
    copyAll();
    stage.ask({ kind: 'delete-records', slot: SLOT, offset: 5 });
    expect(finish()).toBe(0);
    expect(stage.ask({ kind: 'load', slot: SLOT })).toMatchObject({
      state: { logStartOffset: 5, logEnd: { offset: 8 } },
    });
  });

  it('has what its leader has, where it was cut and written anew meanwhile', () => {
    stage.ask({ kind: 'elect', elections: [{ slot: SLOT, leaderEpoch: 2, role: 'follower' }] });
    stage.ask({ kind: 'load', slot: SLOT });
    const first = copied(2, 0, 100);
    copied(2, 1, 100);
    begin();
    copyAll();
    stage.ask({ kind: 'cut-at', slot: SLOT, leaderEpoch: 2, offset: 1 });
    const second = copied(2, 1, 200);
    expect(finish()).toBe(0);
    stage.ask({ kind: 'stop' });
    expect(logBytes(after).equals(Buffer.concat([first, second]))).toBe(true);
  });

  it('tells the front of new segments, and of none of the copy', () => {
    begin();
    for (let i = 0; i < 6; i++) stage.append();
    copyAll();
    finish();
    const rolls = () => stage.events.filter(({ kind }) => kind === 'segment-added').length;
    const count = rolls();
    for (let i = 0; i < 6; i++) stage.append();
    expect(rolls()).toBeGreaterThan(count);
  });
});

describe('a copy', () => {
  it('goes where it is given up, or another directory is wanted', () => {
    stage.append();
    begin();
    expect(copy()).toMatch(/^topic-0\.[0-9a-f]{32}-future$/);
    stage.ask({ kind: 'copy-end', slot: SLOT });
    expect(copy()).toBe('');
    begin();
    const other = join(stage.root, 'other');
    mkdirSync(other);
    stage.ask({ kind: 'copy-begin', slot: SLOT, logDir: other });
    expect(copy()).toBe('');
    expect(readdirSync(other)).toHaveLength(1);
  });

  it('is made no faster than the rate lets it, and goes on at once at another one', () => {
    for (let i = 0; i < 10; i++) stage.append();
    stage.ask({ kind: 'copy-pace', bytesPerSecond: 1000 });
    begin();
    const made = () => {
      const told = stage.ask({ kind: 'sizes', slots: [SLOT] });
      if (!('sizes' in told)) throw new Error('no sizes');
      return told.sizes[0]!.copy!;
    };
    stage.worker.runTimers();
    const { sizeBytes, lag } = made();
    expect(sizeBytes).toBeGreaterThan(0);
    for (let turn = 0; turn < 10; turn++) stage.worker.runTimers();
    stage.clock.advance(sizeBytes - 1);
    stage.worker.runTimers();
    expect(made().lag).toBe(lag);
    stage.clock.advance(1);
    stage.worker.runTimers();
    expect(made().lag).toBeLessThan(lag);
    stage.ask({ kind: 'copy-pace', bytesPerSecond: 0 });
    const stopped = made().lag;
    stage.clock.advance(60_000);
    stage.worker.runTimers();
    expect(made().lag).toBe(stopped);
    stage.ask({ kind: 'copy-pace', bytesPerSecond: 1e9 });
    for (let turn = 0; turn < 10; turn++) {
      stage.clock.advance(1);
      stage.worker.runTimers();
    }
    expect(made().lag).toBe(0);
  });

  it('goes with its partition', () => {
    stage.append();
    begin();
    stage.ask({ kind: 'remove', slots: [SLOT] });
    expect(copy()).toBe('');
  });

  it('takes the place of no log that is not there', () => {
    expect(finish()).toBe(ERROR.KAFKA_STORAGE_ERROR);
    expect(stage.ask({ kind: 'copy-begin', slot: 99, logDir }).error).toBe(
      ERROR.KAFKA_STORAGE_ERROR,
    );
    expect(stage.append()).toBe(0);
  });

  it('is not begun on a disk that fails, and the log goes on', () => {
    stage.append();
    const file = join(stage.root, 'no-directory');
    writeFileSync(file, '');
    const begun = stage.ask({ kind: 'copy-begin', slot: SLOT, logDir: file });
    expect(begun.error).toBe(ERROR.KAFKA_STORAGE_ERROR);
    expect(stage.append()).toBe(0);
    expect(stage.offline).toEqual([]);
  });

  it('is given up where it cannot be written, and the log goes on', () => {
    stage.append();
    begin();
    copyAll();
    rmSync(join(logDir, copy()), { recursive: true });
    for (let i = 0; i < 6; i++) stage.append();
    for (let turn = 0; turn < 10; turn++) stage.worker.runTimers();
    expect(stage.events.at(-1)).toMatchObject({ kind: 'copy-failed', slot: SLOT, isOfDisk: true });
    expect(finish()).toBe(ERROR.KAFKA_STORAGE_ERROR);
    expect(stage.append()).toBe(0);
    expect(stage.offline).toEqual([]);
  });

  it('fails the log where that cannot be read', () => {
    for (let i = 0; i < 6; i++) stage.append();
    rmSync(before, { recursive: true });
    begin();
    for (let turn = 0; turn < 10; turn++) stage.worker.runTimers();
    expect(stage.offline).toHaveLength(1);
    expect(stage.events).toContainEqual(
      expect.objectContaining({ kind: 'copy-failed', isOfDisk: false }),
    );
  });

  it('ends with its disk, and the log goes on', () => {
    stage.append();
    begin();
    stage.ask({ kind: 'lose-directory', logDir, reason: 'EIO' });
    expect(finish()).toBe(ERROR.KAFKA_STORAGE_ERROR);
    expect(stage.append()).toBe(0);
    expect(stage.offline).toEqual([]);
  });
});

describe('a disk that is lost', () => {
  it('takes the partitions on it offline, and those that were never opened', () => {
    stage.append();
    stage.ask({ kind: 'lose-directory', logDir: stage.root, reason: 'EIO' });
    expect(stage.offline).toMatchObject([{ slot: SLOT, reason: 'EIO', isOfDisk: true }]);
    expect(stage.append()).toBe(ERROR.KAFKA_STORAGE_ERROR);
    const fresh = new WorkerStage();
    fresh.ask({ kind: 'lose-directory', logDir: fresh.root, reason: 'EIO' });
    expect(fresh.append()).toBe(ERROR.KAFKA_STORAGE_ERROR);
    expect(fresh.ask({ kind: 'load', slot: SLOT }).error).toBe(ERROR.KAFKA_STORAGE_ERROR);
    expect(existsSync(join(fresh.root, 'topic-0'))).toBe(false);
    fresh.remove();
  });

  it('keeps what is on it where a partition goes', () => {
    stage.append();
    stage.ask({ kind: 'lose-directory', logDir: stage.root, reason: 'EIO' });
    expect(stage.ask({ kind: 'remove', slots: [SLOT] }).error).toBe(0);
    expect(existsSync(before)).toBe(true);
  });
});
