import { afterEach, expect, test } from 'vitest';
import { ManualClock } from '../../../src/base/clock.ts';
import { ERROR } from '../../../src/base/kafka-errors.ts';
import { silentLogger } from '../../../src/base/logger.ts';
import { NO_GUARD } from '../../../src/base/no-guard.ts';
import type { CoordinatorKind } from '../../../src/coordination/coordinator-kind.ts';
import type {
  CoordinatorCall,
  CoordinatorShard,
} from '../../../src/coordination/coordinator-shard.ts';
import type { Effects } from '../../../src/coordination/effects.ts';
import type { MarkerWrite } from '../../../src/coordination/end-marker.ts';
import { Partition } from '../../../src/partition/partition.ts';
import {
  isControl,
  isTransactional,
  producerEpoch,
  producerId,
  recordCount,
  sizeInBytes,
} from '../../../src/records/batch-layout.ts';
import { CoordinatorPartition } from '../../../src/worker/coordinators/coordinator-partition.ts';
import { MergedAnswer } from '../../../src/worker/coordinators/merged-answer.ts';
import type { HostedPartition } from '../../../src/worker/partition-host.ts';
import { LogFixture, SETTINGS } from '../../log/fixtures.ts';

const RECORD = { key: Buffer.from('key'), value: Buffer.from('value') };
const MARKER: MarkerWrite = {
  topic: 'other',
  partition: 4,
  producerId: 7,
  producerEpoch: 2,
  transactionVersion: 1,
  coordinatorEpoch: 0,
  isCommit: true,
};
const PRODUCER = { producerId: 7, producerEpoch: 2 };
const NOTHING: Effects = { records: [], responses: [], producer: null, markers: [] };

/** Does what its requests say, and notes what it is told. */
class ScriptedShard implements CoordinatorShard {
  readonly told: unknown[] = [];

  handle(call: CoordinatorCall): Effects {
    const responses = [{ ticket: call.ticket, body: { errorCode: 0 } }];
    return { ...NOTHING, responses, ...call.request };
  }

  replay(key: Buffer, _value: Buffer | null, producer: number): void {
    this.told.push(['replay', key.toString(), producer]);
  }

  endTransaction(producer: number, isCommit: boolean): void {
    this.told.push(['end', producer, isCommit]);
  }

  onMarkerWritten(write: MarkerWrite, errorCode: number): Effects {
    this.told.push(['written', write.partition, errorCode]);
    return { ...NOTHING, records: [RECORD] };
  }

  onLoaded(): Effects {
    return NOTHING;
  }

  unload(): Effects {
    return NOTHING;
  }

  tick(): Effects {
    return NOTHING;
  }

  nextDeadlineMs(): number {
    return Number.POSITIVE_INFINITY;
  }

  drop(): void {}
}

/** A coordinator's partition with group commit, whose disk syncs when the test says so. */
class Stage {
  readonly clock = new ManualClock(1_000_000);
  readonly answers: number[] = [];
  readonly refused: number[] = [];
  readonly asked: [MarkerWrite, (errorCode: number) => void][] = [];
  readonly #fixture = new LogFixture();
  readonly partition = new Partition(1, this.#fixture.open(), { ...SETTINGS, groupCommit: true });
  readonly kind: CoordinatorKind<ScriptedShard> = {
    holds: 'scripts',
    topic: '__scripts',
    apiKeys: new Set(),
    newShard: () => new ScriptedShard(),
    keepsBytes: () => false,
    writes: () => true,
    refuse: (_apiKey, _version, _request, errorCode) => ({ errorCode }),
    merge: (_apiKey, answers) => ({ answers }),
    writeMarker: (write, onWritten) => this.asked.push([write, onWritten]),
  };
  readonly coordinator = new CoordinatorPartition(
    this.kind,
    {
      slot: 1,
      topic: '__scripts',
      index: 0,
      settings: { segmentBytes: 1_000_000 },
    } as HostedPartition,
    {
      clock: this.clock,
      logger: silentLogger,
      answerLimitMs: Number.POSITIVE_INFINITY,
      open: () => this.partition,
      appended: () => undefined,
      touched: () => undefined,
    },
  );

  constructor() {
    this.partition.becomeLeader(0);
    stages.push(this);
  }

  /** What lies in the log. */
  get batches(): Buffer[] {
    const bytes = this.#fixture.read(0);
    const batches: Buffer[] = [];
    for (let at = 0; at < this.partition.log.sizeBytes; at += sizeInBytes(bytes, at)) {
      batches.push(bytes.subarray(at, at + sizeInBytes(bytes, at)));
    }
    return batches;
  }

  remove(): void {
    this.partition.log.close(false);
    this.#fixture.remove();
  }

  /** Records of a producer come with a guard, as if its coordinator had agreed. */
  ask(ticket: number, request: Partial<Effects>, isVerified = true): void {
    const context = { clientId: '', clientHost: '' };
    const { producer } = request;
    let guard = NO_GUARD;
    if (producer && isVerified) {
      const { producerId: id, producerEpoch: epoch } = producer;
      guard = Math.max(NO_GUARD, this.partition.requestVerification(id, epoch, -1, true, 0));
    }
    this.coordinator.handle(
      { ticket, apiKey: 0, version: 0, request, context, guard },
      {
        answer: () => this.answers.push(ticket),
        refuse: (errorCode) => this.refused.push(errorCode),
      },
    );
  }

  sync(): void {
    this.partition.markDurable(this.partition.logEnd);
    this.coordinator.onSynced();
  }
}

const stages: Stage[] = [];

afterEach(() => {
  for (const stage of stages.splice(0)) stage.remove();
});

test('records of a producer are a transactional batch of their own, replayed once appended', () => {
  const stage = new Stage();
  stage.ask(1, { records: [RECORD] });
  stage.ask(2, { records: [RECORD, RECORD], producer: { producerId: 7, producerEpoch: 2 } });
  stage.coordinator.flush();
  stage.sync();
  expect(stage.batches.map((batch) => [isTransactional(batch, 0), recordCount(batch, 0)])).toEqual([
    [false, 1],
    [true, 2],
  ]);
  expect([producerId(stage.batches[1]!, 0), producerEpoch(stage.batches[1]!, 0)]).toEqual([7, 2]);
  expect(stage.coordinator.shard!.told).toEqual([
    ['replay', 'key', 7],
    ['replay', 'key', 7],
  ]);
  expect(stage.answers).toEqual([1, 2]);
});

test('records of a producer whose transaction was not verified are refused', () => {
  const stage = new Stage();
  stage.ask(1, { records: [RECORD], producer: { producerId: 7, producerEpoch: 2 } }, false);
  // A step without records writes nothing, whoever asks.
  stage.ask(2, { records: [], responses: [{ ticket: 2, body: {} }], producer: PRODUCER }, false);
  stage.coordinator.flush();
  stage.sync();
  expect(stage.refused).toEqual([ERROR.INVALID_TXN_STATE]);
  expect(stage.answers).toEqual([2]);
  expect(stage.batches).toEqual([]);
});

test('records of a producer that is fenced are refused, and nothing has happened', () => {
  const stage = new Stage();
  stage.ask(1, { records: [RECORD], producer: { producerId: 7, producerEpoch: 3 } });
  const shard = stage.coordinator.shard!;
  stage.ask(2, { records: [RECORD], producer: { producerId: 7, producerEpoch: 2 } });
  stage.coordinator.flush();
  stage.sync();
  expect(stage.refused).toEqual([ERROR.INVALID_PRODUCER_EPOCH]);
  expect(stage.answers).toEqual([1]);
  expect(stage.batches.length).toBe(1);
  expect(stage.coordinator.shard).toBe(shard);
  expect(shard.told.length).toBe(1);
});

test('markers are written when the records of their step lie under the high watermark', () => {
  const stage = new Stage();
  stage.ask(1, { records: [RECORD], markers: [MARKER] });
  stage.coordinator.flush();
  expect(stage.asked).toEqual([]);
  stage.sync();
  expect(stage.asked.map(([write]) => write)).toEqual([MARKER]);
  stage.asked[0]![1](0);
  stage.coordinator.flush();
  expect(stage.coordinator.shard!.told).toEqual([['written', 4, 0]]);
  expect(stage.batches.length).toBe(2);
});

test('the outcome of a marker is not told to a shard that was loaded meanwhile', () => {
  const stage = new Stage();
  stage.ask(1, { records: [RECORD], markers: [MARKER] });
  stage.coordinator.flush();
  stage.sync();
  stage.partition.spaceIsShort = true;
  stage.ask(2, { records: [RECORD] });
  stage.coordinator.flush();
  expect(stage.refused).toEqual([ERROR.COORDINATOR_NOT_AVAILABLE]);
  stage.partition.spaceIsShort = false;
  stage.clock.advance(2000);
  expect(stage.coordinator.load()).toBe(0);
  stage.asked[0]![1](0);
  expect(stage.coordinator.shard!.told).toEqual([['replay', 'key', -1]]);
});

test('the end of a transaction is a control batch, told of when it lies under the watermark', () => {
  const stage = new Stage();
  const outcomes: number[] = [];
  stage.ask(1, { records: [RECORD] });
  stage.coordinator.endTransaction(MARKER, (errorCode) => outcomes.push(errorCode));
  expect(stage.coordinator.shard!.told).toEqual([['end', 7, true]]);
  stage.coordinator.flush();
  expect(stage.batches.map((batch) => isControl(batch, 0))).toEqual([false, true]);
  expect(outcomes).toEqual([]);
  stage.sync();
  expect(outcomes).toEqual([0]);
});

test('the end of a transaction by a fenced coordinator, or into a failed log, is refused', () => {
  const stage = new Stage();
  const outcomes: number[] = [];
  const onWritten = (errorCode: number) => outcomes.push(errorCode);
  stage.ask(1, { records: [RECORD], producer: { producerId: 7, producerEpoch: 3 } });
  stage.coordinator.endTransaction(MARKER, onWritten);
  stage.partition.spaceIsShort = true;
  stage.coordinator.endTransaction({ ...MARKER, producerEpoch: 3 }, onWritten);
  const { INVALID_PRODUCER_EPOCH, COORDINATOR_NOT_AVAILABLE } = ERROR;
  expect(outcomes).toEqual([INVALID_PRODUCER_EPOCH, COORDINATOR_NOT_AVAILABLE]);
  expect(stage.coordinator.isLoaded).toBe(false);
});

test('a partition that leaves refuses what is open, so that clients look elsewhere', () => {
  const stage = new Stage();
  stage.ask(1, { records: [RECORD] });
  stage.coordinator.close();
  expect(stage.refused).toEqual([ERROR.NOT_COORDINATOR]);
  expect(stage.answers).toEqual([]);
});

test('a merged answer is given once, when every partition has answered or refused', () => {
  const { kind } = new Stage();
  const bodies: object[] = [];
  const client = { answer: (body: object) => bodies.push(body), refuse: () => undefined };
  const context = { clientId: '', clientHost: '' };
  const call = { ticket: 1, apiKey: 0, version: 0, request: {}, context };
  const merged = new MergedAnswer(call, kind, client, 2);
  merged.answer({ errorCode: 0 });
  expect(bodies).toEqual([]);
  merged.refuse(14);
  expect(bodies).toEqual([{ answers: [{ errorCode: 0 }, { errorCode: 14 }] }]);
  new MergedAnswer(call, kind, client, 0);
  expect(bodies.at(-1)).toEqual({ answers: [] });
});
