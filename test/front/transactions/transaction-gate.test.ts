import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { ManualClock } from '../../../src/base/clock.ts';
import { ERROR } from '../../../src/base/kafka-errors.ts';
import { silentLogger } from '../../../src/base/logger.ts';
import { NO_GUARD } from '../../../src/base/no-guard.ts';
import type { ControlCommand } from '../../../src/exchange/control.ts';
import type { PartitionMirror } from '../../../src/front/partitions/partition-mirror.ts';
import type { Workers } from '../../../src/front/partitions/workers.ts';
import type {
  CoordinatorQuestions,
  Question,
} from '../../../src/front/transactions/coordinator-questions.ts';
import { TransactionGate } from '../../../src/front/transactions/transaction-gate.ts';
import { BrokerConfig } from '../../../src/metadata/config/broker-config.ts';
import { transactionSettings } from '../../../src/metadata/config/broker-settings.ts';

const MIRROR = { slot: 3, worker: 0, topic: 't', index: 1 } as PartitionMirror;
const GUARD = 44;
const ID = 7;

/** A gate whose partition and coordinator answer by hand. */
class Stage {
  readonly clock = new ManualClock(1000);
  guard = GUARD;
  requests = 0;
  readonly asked: { question: Question; answer: (errorCode: number) => void }[] = [];
  readonly passed: (readonly [string, number, number])[] = [];
  config = BrokerConfig.of();
  readonly gate = new TransactionGate({
    clock: this.clock,
    logger: silentLogger,
    workers: { control: this.#control.bind(this) } as unknown as Workers,
    questions: { ask: this.#ask.bind(this) } as unknown as CoordinatorQuestions,
    settings: () => transactionSettings(this.config),
  });

  #control(_worker: number, _command: ControlCommand, onAnswer: (answer: object) => void) {
    this.requests++;
    const isFenced = this.guard < 0;
    onAnswer(isFenced ? { error: ERROR.INVALID_PRODUCER_EPOCH } : { error: 0, guard: this.guard });
    return Promise.resolve();
  }

  #ask(question: Question, answer: (errorCode: number) => void): void {
    this.asked.push({ question, answer });
  }

  write(name: string, sequence = 0, bumpsEpoch = true, producerEpoch = 0): void {
    const producer = { transactionalId: 'x', producerId: ID, producerEpoch, sequence };
    this.gate.pass({ mirror: MIRROR, ...producer, bumpsEpoch }, (errorCode, guard) => {
      this.passed.push([name, errorCode, guard]);
    });
  }
}

let stage: Stage;

beforeEach(() => {
  vi.useFakeTimers();
  stage = new Stage();
});

afterEach(() => {
  vi.useRealTimers();
});

describe('the first write of a transaction', () => {
  it('waits for the coordinator, and those behind it wait for the same answer', () => {
    stage.write('a', 0);
    stage.write('b', 1);
    expect(stage.passed).toEqual([]);
    expect(stage.asked.map(({ question }) => question)).toEqual([
      {
        transactionalId: 'x',
        producerId: ID,
        producerEpoch: 0,
        topic: 't',
        partition: 1,
        verifyOnly: false,
      },
    ]);
    expect(stage.gate.guardOf(MIRROR, ID, 0)).toBe(-1);
    stage.asked[0]!.answer(0);
    expect(stage.passed).toEqual([
      ['a', 0, GUARD],
      ['b', 0, GUARD],
    ]);
    expect(stage.gate.guardOf(MIRROR, ID, 0)).toBe(GUARD);
    stage.write('c', 2);
    expect(stage.passed.at(-1)).toEqual(['c', 0, GUARD]);
    expect(stage.requests).toBe(1);
  });

  it('passes at once where a transaction is open, as after a restart', () => {
    stage.guard = NO_GUARD;
    stage.write('a');
    expect(stage.passed).toEqual([['a', 0, NO_GUARD]]);
    expect(stage.asked).toEqual([]);
  });

  it('is refused with what the partition or the coordinator says, and the next one asks anew', () => {
    stage.write('a');
    stage.asked[0]!.answer(ERROR.INVALID_PRODUCER_ID_MAPPING);
    stage.guard = -1;
    stage.write('b');
    expect(stage.passed).toEqual([
      ['a', ERROR.INVALID_PRODUCER_ID_MAPPING, GUARD],
      ['b', ERROR.INVALID_PRODUCER_EPOCH, NO_GUARD],
    ]);
    expect(stage.requests).toBe(2);
  });

  it('of a client of version 1 is only verified, unless the configuration says no', () => {
    stage.write('a', 0, false);
    expect(stage.asked[0]!.question.verifyOnly).toBe(true);
    stage.asked[0]!.answer(ERROR.CONCURRENT_TRANSACTIONS);
    expect(stage.passed).toEqual([['a', ERROR.CONCURRENT_TRANSACTIONS, GUARD]]);
    const name = 'transaction.partition.verification.enable';
    stage.config = BrokerConfig.of(new Map([[name, 'false']]));
    stage.write('b', 0, false);
    expect(stage.asked.length).toBe(1);
    expect(stage.passed.at(-1)).toEqual(['b', 0, GUARD]);
  });

  it('asks again for a moment while the transaction before it ends', () => {
    stage.write('a');
    stage.asked[0]!.answer(ERROR.CONCURRENT_TRANSACTIONS);
    vi.advanceTimersByTime(20);
    expect(stage.asked.length).toBe(2);
    stage.clock.advance(100);
    stage.asked[1]!.answer(ERROR.CONCURRENT_TRANSACTIONS);
    expect(stage.passed).toEqual([['a', ERROR.CONCURRENT_TRANSACTIONS, GUARD]]);
  });

  it('asks again at once when the coordinator has heard of markers', () => {
    stage.write('a');
    stage.asked[0]!.answer(ERROR.CONCURRENT_TRANSACTIONS);
    stage.gate.onMarkersWritten(ID + 1);
    expect(stage.asked.length).toBe(1);
    stage.gate.onMarkersWritten(ID);
    expect(stage.asked.length).toBe(2);
    vi.advanceTimersByTime(20);
    expect(stage.asked.length).toBe(2);
    stage.asked[1]!.answer(0);
    expect(stage.passed).toEqual([['a', 0, GUARD]]);
  });

  it('asks again at once where the answer is older than the markers', () => {
    stage.write('a');
    stage.gate.onMarkersWritten(ID);
    expect(stage.asked.length).toBe(1);
    stage.asked[0]!.answer(ERROR.CONCURRENT_TRANSACTIONS);
    expect(stage.asked.length).toBe(2);
    stage.asked[1]!.answer(0);
    expect(stage.passed).toEqual([['a', 0, GUARD]]);
  });
});

describe('a marker', () => {
  it('closes the gate: the next transaction begins with a question', () => {
    stage.write('a');
    stage.asked[0]!.answer(0);
    stage.gate.onMarker(MIRROR, ID, 0);
    expect(stage.gate.guardOf(MIRROR, ID, 0)).toBe(-1);
    stage.write('b');
    expect(stage.asked.length).toBe(2);
  });

  it('leaves the writes of the next transaction in their order, which wait for its end', () => {
    stage.write('a', 0, true, 1);
    stage.gate.onMarker(MIRROR, ID, 1);
    stage.write('b', 1, true, 1);
    expect(stage.asked.length).toBe(1);
    stage.asked[0]!.answer(0);
    expect(stage.passed.map(([name]) => name)).toEqual(['a', 'b']);
  });
});

it('a write that the partition refuses has the next one ask', () => {
  stage.write('a');
  stage.asked[0]!.answer(0);
  stage.gate.onRefused(MIRROR, ID);
  stage.write('b');
  expect(stage.asked.length).toBe(2);
});

it('a fenced producer does not push aside the one that has fenced it', () => {
  stage.write('new', 0, true, 5);
  stage.asked[0]!.answer(0);
  stage.write('old', 0, true, 4);
  stage.asked[1]!.answer(ERROR.PRODUCER_FENCED);
  expect(stage.gate.guardOf(MIRROR, ID, 5)).toBe(GUARD);
  expect(stage.passed.at(-1)).toEqual(['old', ERROR.PRODUCER_FENCED, GUARD]);
});
