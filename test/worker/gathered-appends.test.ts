import { readdirSync, readFileSync } from 'node:fs';
import { constants } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { ERROR } from '../../src/base/kafka-errors.ts';
import { installStorage, type Storage, systemStorage } from '../../src/log/storage.ts';
import { setCrc } from '../../src/records/batch-layout.ts';
import { makeBatch } from '../log/fixtures.ts';
import { SLOT, WorkerStage } from './worker-stage.ts';

const { ENOSPC, EIO } = constants.errno;
const VERSION = 9;

let stage: WorkerStage;
let memory: Buffer;
let filled: number;
let writes: number[];

/** Counts the batches of each write of several, and puts `changes` in place of what the disk does. */
function disk(changes: Partial<Storage> = {}): void {
  installStorage({
    ...systemStorage,
    appendParts(fd, source, parts, count, at) {
      writes.push(count);
      return systemStorage.appendParts(fd, source, parts, count, at);
    },
    ...changes,
  });
}

beforeEach(() => {
  stage = new WorkerStage({ segmentBytes: 100_000 });
  memory = Buffer.alloc(64 * 1024);
  filled = 0;
  writes = [];
  disk();
  // The first batch of a segment goes by itself.
  stage.append();
  stage.appendErrors.length = 0;
  stage.worker.beforeBatch();
});

afterEach(() => {
  installStorage(systemStorage);
  stage.remove();
});

function gather(batch = makeBatch(0, { recordBytes: 300 })): boolean {
  const at = filled;
  batch.copy(memory, at);
  filled += batch.length;
  return stage.worker.gather(SLOT, at, 0, 1, VERSION, memory, at, batch.length);
}

function write(): void {
  stage.worker.writeGathered(memory);
  stage.worker.afterBatch();
}

function end(): number {
  const answer = stage.ask({ kind: 'load', slot: SLOT });
  return 'state' in answer ? answer.state.logEnd.offset : -1;
}

function ofProducer(sequence: number, producerId = 7): Buffer {
  return makeBatch(0, { producerId, epoch: 0, sequence });
}

describe('the batches of one turn', () => {
  it('go to the log in one write, and nobody is told before', () => {
    for (let count = 0; count < 3; count++) expect(gather()).toBe(true);
    expect(stage.appendErrors).toEqual([]);
    expect(end()).toBe(1);
    write();
    expect(writes).toEqual([3]);
    expect(stage.appendErrors).toEqual([0, 0, 0]);
    expect(end()).toBe(4);
  });

  it.each([ENOSPC, EIO])('are tried one by one where the write fails with %i', (errno) => {
    let left = 2;
    disk({
      appendParts: () => errno,
      append(fd, source, sourceAt, length, at) {
        if (left-- === 0) return errno;
        return systemStorage.append(fd, source, sourceAt, length, at);
      },
    });
    for (let count = 0; count < 3; count++) gather();
    write();
    expect(stage.appendErrors).toEqual([0, 0, ERROR.KAFKA_STORAGE_ERROR]);
    expect(end()).toBe(3);
    expect(stage.offline.length).toBe(errno === EIO ? 1 : 0);
  });

  it('leave nothing behind the log end where they are refused after they were written', () => {
    disk({
      appendParts(...words) {
        return systemStorage.appendParts(...words) || ENOSPC;
      },
      append: () => ENOSPC,
    });
    for (let count = 0; count < 3; count++) gather();
    write();
    disk();
    expect(stage.appendErrors).toEqual(Array(3).fill(ERROR.KAFKA_STORAGE_ERROR));
    const names = readdirSync(stage.root, { recursive: true }).map(String);
    const log = readFileSync(join(stage.root, names.find((name) => name.endsWith('.log'))!));
    const behind = log.subarray(makeBatch(0, { recordBytes: 300 }).length);
    expect(behind.every((byte) => byte === 0)).toBe(true);
    expect(gather()).toBe(true);
    write();
    expect(end()).toBe(2);
  });

  it('end where the segment is full: what is behind goes by itself', () => {
    stage.remove();
    stage = new WorkerStage({ segmentBytes: 1000 });
    stage.append();
    expect(gather()).toBe(true);
    expect(gather()).toBe(false);
    write();
    expect(stage.appendErrors).toEqual([0, 0]);
  });

  it('are left out where they are damaged or go to no partition of the worker', () => {
    const damaged = makeBatch(0);
    setCrc(damaged, 0, 1);
    expect(gather(damaged)).toBe(false);
    expect(stage.worker.gather(SLOT + 1, 0, 0, 1, VERSION, memory, 0, filled)).toBe(false);
    write();
    expect(writes).toEqual([]);
  });
});

describe('the batches of an idempotent producer', () => {
  it('follow each other in one write, and the log knows their sequences then', () => {
    expect(gather(ofProducer(0))).toBe(true);
    expect(gather(ofProducer(1))).toBe(true);
    write();
    expect(writes).toEqual([2]);
    expect(gather(ofProducer(1))).toBe(false);
    expect(gather(ofProducer(3))).toBe(false);
    expect(gather(ofProducer(2))).toBe(true);
    write();
    expect(end()).toBe(4);
  });

  it('are not gathered where one is a repetition, leaves a gap, or is of another producer', () => {
    expect(gather(ofProducer(0))).toBe(true);
    expect(gather(ofProducer(0))).toBe(false);
    expect(gather(ofProducer(2))).toBe(false);
    expect(gather(ofProducer(0, 8))).toBe(false);
    expect(gather(makeBatch(0))).toBe(true);
    expect(gather(ofProducer(1))).toBe(true);
    write();
    expect(writes).toEqual([3]);
    expect(end()).toBe(4);
  });
});
