/** A disk that fails takes its partition offline; a lack of descriptors or memory does not. */
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { ManualClock } from '../../src/base/clock.ts';
import { ERROR } from '../../src/base/kafka-errors.ts';
import type { ControlAnswer, ControlCommand, PartitionEvent } from '../../src/exchange/control.ts';
import type { FrontProxy } from '../../src/exchange/front-proxy.ts';
import { installStorage, systemStorage } from '../../src/log/storage.ts';
import { FreeSpace } from '../../src/worker/free-space.ts';
import { PartitionHost } from '../../src/worker/partition-host.ts';
import { PartitionWorker } from '../../src/worker/partition-worker.ts';
import { CollectingLogger, makeBatch, NOW, SETTINGS, TOPIC_ID } from '../log/fixtures.ts';

const SLOT = 3;
const RETENTION_CHECK_MS = 1000;
const CLOSED = { code: 'EMFILE', errno: -24 };

/** A worker of one partition whose every message to the front is kept. */
class Stage {
  readonly root = mkdtempSync(join(tmpdir(), 'millrace-passing-'));
  readonly clock = new ManualClock(NOW);
  readonly logger = new CollectingLogger();
  readonly events: PartitionEvent[] = [];
  readonly appendErrors: number[] = [];
  #answer: ControlAnswer | null = null;
  readonly worker: PartitionWorker;

  constructor() {
    const front = {
      event: (event: PartitionEvent) => void this.events.push(event),
      controlAnswer: (_ticket: number, answer: ControlAnswer) => {
        this.#answer = answer;
      },
      partition: (_state: object, ticket: number, _index: number, error: number) => {
        if (ticket >= 0) this.appendErrors.push(error);
      },
      flush() {},
      sync() {},
    } as unknown as FrontProxy;
    const { clock, logger } = this;
    const host = new PartitionHost({
      dataDirectory: this.root,
      clock,
      logger,
      producerExpiryMs: 86_400_000,
      producerIdsMax: 10,
      event: (event) => front.event(event),
      requestSync() {},
    });
    const checkpoint = { logStartOffset: 0, recoveryPoint: 0, highWatermark: 0 };
    const place = { slot: SLOT, index: 0, leaderEpoch: 0, ...checkpoint };
    const settings = { ...SETTINGS, segmentBytes: 1000, retentionMs: 60_000 };
    host.register({ name: 'topic', id: TOPIC_ID, settings, partitions: [place] });
    const space = new FreeSpace(this.root, 0, logger);
    this.worker = new PartitionWorker(host, front, clock, logger, RETENTION_CHECK_MS, space);
  }

  ask(command: ControlCommand): ControlAnswer {
    this.worker.onControl(0, command);
    return this.#answer!;
  }

  append(): number {
    const batch = makeBatch(0, { recordBytes: 300 });
    this.worker.beforeBatch();
    this.worker.onAppend(SLOT, 0, 0, 1, 9, batch, 0, batch.length);
    this.worker.afterBatch();
    return this.appendErrors.at(-1)!;
  }

  get offline(): PartitionEvent[] {
    return this.events.filter(({ kind }) => kind === 'offline');
  }

  remove(): void {
    rmSync(this.root, { recursive: true, force: true });
  }
}

let stage: Stage;

beforeEach(() => {
  stage = new Stage();
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
    expect(stage.offline).toEqual([{ kind: 'offline', slot: SLOT, reason: 'injected' }]);
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
