/** A disk that fails takes its partition offline; a lack of descriptors or memory does not. */
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { ERROR } from '../../src/base/kafka-errors.ts';
import { installStorage, systemStorage } from '../../src/log/storage.ts';
import { RETENTION_CHECK_MS, SLOT, WorkerStage } from './worker-stage.ts';

const CLOSED = { code: 'EMFILE', errno: -24 };

let stage: WorkerStage;

beforeEach(() => {
  stage = new WorkerStage();
});

afterEach(() => {
  installStorage(systemStorage);
  stage.remove();
});

function failOpens(error: object): void {
  installStorage({
    ...systemStorage,
    open() {
      throw Object.assign(new Error('injected'), error);
    },
  });
}

const LOAD = { kind: 'load', slot: SLOT } as const;

describe('descriptors that run out', () => {
  test('at the first opening of a log fail the request, and the next one opens it', () => {
    failOpens(CLOSED);
    expect(stage.ask(LOAD)).toMatchObject({ error: ERROR.KAFKA_STORAGE_ERROR, passing: true });
    expect(stage.append()).toBe(ERROR.KAFKA_STORAGE_ERROR);
    expect(stage.offline).toEqual([]);
    installStorage(systemStorage);
    expect(stage.append()).toBe(0);
    expect(stage.ask(LOAD)).toMatchObject({ error: 0, state: { logEnd: { offset: 1 } } });
    // One line for many requests.
    expect(stage.logger.lines).toEqual(['topic-0: cannot be opened now: injected']);
  });

  test('at any step of an opening let it be repeated', () => {
    let refused = 0;
    for (let allowed = 0; ; allowed++) {
      let left = allowed;
      installStorage({
        ...systemStorage,
        open(path, flags) {
          if (left-- > 0) return systemStorage.open(path, flags);
          throw Object.assign(new Error('injected'), CLOSED);
        },
      });
      const answer = stage.ask(LOAD);
      if (answer.error === 0) break;
      refused++;
      expect(answer.passing).toBe(true);
    }
    // At the identity, and at the first and the last file of the segment.
    expect(refused).toBe(3);
    installStorage(systemStorage);
    expect(stage.append()).toBe(0);
    expect(stage.offline).toEqual([]);
  });

  test('in a command fail that command', () => {
    for (let i = 0; i < 9; i++) expect(stage.append()).toBe(0);
    failOpens(CLOSED);
    const remove = { kind: 'delete-records', slot: SLOT, offset: 5 } as const;
    expect(stage.ask(remove)).toMatchObject({ error: ERROR.KAFKA_STORAGE_ERROR, passing: true });
    installStorage(systemStorage);
    expect(stage.ask(remove)).toEqual({ error: 0, offset: 5 });
    expect(stage.append()).toBe(0);
    expect(stage.offline).toEqual([]);
  });

  test('put retention off', () => {
    for (let i = 0; i < 9; i++) expect(stage.append()).toBe(0);
    stage.clock.advance(120_000);
    failOpens(CLOSED);
    stage.worker.runTimers();
    expect(stage.offline).toEqual([]);
    installStorage(systemStorage);
    stage.clock.advance(RETENTION_CHECK_MS);
    stage.worker.runTimers();
    expect(stage.ask(LOAD)).toMatchObject({ state: { logStartOffset: 9, logEnd: { offset: 9 } } });
    expect(stage.append()).toBe(0);
  });
});

describe('a disk that fails', () => {
  test.each(['EIO', 'EROFS'])('with %s at the opening takes the partition offline', (code) => {
    failOpens({ code });
    expect(stage.ask(LOAD)).not.toHaveProperty('passing');
    expect(stage.offline).toEqual([
      { kind: 'offline', slot: SLOT, reason: 'injected', isOfDisk: true },
    ]);
  });

  test('with EIO in a command takes it offline until it is opened anew', () => {
    for (let i = 0; i < 9; i++) expect(stage.append()).toBe(0);
    failOpens({ code: 'EIO' });
    expect(stage.ask({ kind: 'delete-records', slot: SLOT, offset: 5 }).error).not.toBe(0);
    installStorage(systemStorage);
    expect(stage.offline.length).toBe(1);
    expect(stage.append()).toBe(ERROR.KAFKA_STORAGE_ERROR);
  });
});
