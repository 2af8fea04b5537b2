import { describe, expect, it } from 'vitest';
import { ERROR } from '../../../src/base/kafka-errors.ts';
import { TIMEOUT_MS, TransactionHarness } from './transaction-harness.ts';

describe('T40: a producer whose epochs are used up', () => {
  it('gets a new id with the end of its transaction, and the old one is not used again', () => {
    const harness = new TransactionHarness();
    const last = harness.startAt(32_766);
    harness.add(last);
    const answer = harness.end(last, true);
    expect(answer).toMatchObject({ errorCode: 0, producerId: 1001, producerEpoch: 0 });
    expect(harness.markers).toMatchObject([{ producerId: 1000, producerEpoch: 32_767 }]);
    const next = { id: 1001, epoch: 0 };
    for (const producer of [last, next]) {
      expect(harness.end(producer, true).errorCode).toBe(ERROR.CONCURRENT_TRANSACTIONS);
      expect(harness.add(producer)).toBe(ERROR.CONCURRENT_TRANSACTIONS);
      expect(harness.initAnswer(producer).errorCode).toBe(ERROR.CONCURRENT_TRANSACTIONS);
    }
    harness.writeMarkers();
    expect(harness.end(last, true)).toMatchObject({
      errorCode: 0,
      producerId: 1001,
      producerEpoch: 0,
    });
    expect(harness.add(next)).toBe(0);
    expect(harness.add(last)).toBe(ERROR.INVALID_PRODUCER_ID_MAPPING);
  });

  it('is rotated also by a restart between the decision and its markers', () => {
    const harness = new TransactionHarness();
    const last = harness.startAt(32_766);
    harness.add(last);
    harness.end(last, false);
    harness.restart();
    harness.writeMarkers();
    expect(harness.describe()).toMatchObject({
      transactionState: 'CompleteAbort',
      producerId: 1001,
      producerEpoch: 0,
    });
  });

  it('is fenced by one step of its epoch, and does not stay open', () => {
    const harness = new TransactionHarness();
    const producer = harness.startAt(32_765);
    harness.add(producer);
    expect(harness.initAnswer().errorCode).toBe(ERROR.CONCURRENT_TRANSACTIONS);
    expect(harness.markers).toMatchObject([{ producerEpoch: 32_766, isCommit: false }]);
    harness.writeMarkers();
    expect(harness.init()).toEqual({ id: 1001, epoch: 0 });
  });

  it('is fenced at its last epoch, and even at the one behind that', () => {
    for (const epoch of [32_766, 32_767]) {
      const harness = new TransactionHarness();
      const producer = harness.startAt(epoch);
      harness.add(producer);
      expect(harness.initAnswer().errorCode).toBe(ERROR.CONCURRENT_TRANSACTIONS);
      expect(harness.markers).toMatchObject([{ producerEpoch: 32_767, isCommit: false }]);
      harness.writeMarkers();
      expect(harness.init()).toEqual({ id: 1001, epoch: 1 });
    }
  });

  it('is rotated by InitProducerId, whose answer may be asked for again', () => {
    const harness = new TransactionHarness({ transactionVersion: 1 });
    const last = harness.startAt(32_766);
    expect(harness.init(last)).toEqual({ id: 1001, epoch: 0 });
    expect(harness.init(last)).toEqual({ id: 1001, epoch: 0 });
  });

  it('waits where no producer id is at hand, and changes nothing', () => {
    const harness = new TransactionHarness();
    const last = harness.startAt(32_766);
    harness.add(last);
    harness.nextProducerId = -1;
    expect(harness.end(last, true).errorCode).toBe(ERROR.COORDINATOR_LOAD_IN_PROGRESS);
    expect(harness.initAnswer().errorCode).toBe(ERROR.COORDINATOR_LOAD_IN_PROGRESS);
    expect(harness.describe().transactionState).toBe('Ongoing');
    harness.nextProducerId = 2000;
    expect(harness.end(last, true).producerId).toBe(2000);
  });
});

describe('T41: InitProducerId', () => {
  it('fences the producer before it', () => {
    const harness = new TransactionHarness();
    const older = harness.init();
    const newer = harness.init();
    expect(newer).toEqual({ id: 1000, epoch: 1 });
    expect(harness.add(older)).toBe(ERROR.PRODUCER_FENCED);
    expect(harness.end(older, false).errorCode).toBe(ERROR.PRODUCER_FENCED);
    expect(harness.add(newer)).toBe(0);
  });

  it('bumps the epoch of a producer that names its own, and gives the same answer again', () => {
    const harness = new TransactionHarness();
    const producer = harness.init();
    expect(harness.init(producer)).toEqual({ id: 1000, epoch: 1 });
    expect(harness.init(producer)).toEqual({ id: 1000, epoch: 1 });
    harness.init();
    expect(harness.initAnswer(producer).errorCode).toBe(ERROR.PRODUCER_FENCED);
    expect(harness.initAnswer(producer, {}, 3).errorCode).toBe(ERROR.INVALID_PRODUCER_EPOCH);
    expect(harness.initAnswer({ id: 5, epoch: 0 }).errorCode).toBe(ERROR.PRODUCER_FENCED);
    expect(harness.initAnswer({ id: 1000 }).errorCode).toBe(ERROR.INVALID_REQUEST);
  });

  it('aborts an open transaction, and is answered when that is over', () => {
    for (const transactionVersion of [1, 2]) {
      const harness = new TransactionHarness({ transactionVersion });
      const producer = harness.init();
      harness.add(producer);
      expect(harness.initAnswer().errorCode).toBe(ERROR.CONCURRENT_TRANSACTIONS);
      expect(harness.initAnswer().errorCode).toBe(ERROR.CONCURRENT_TRANSACTIONS);
      expect(harness.markers).toMatchObject([{ producerEpoch: 1, isCommit: false }]);
      expect(harness.end(producer, true).errorCode).not.toBe(0);
      harness.writeMarkers();
      expect(harness.init()).toEqual({ id: 1000, epoch: 2 });
    }
  });

  it('refuses a fenced producer that names itself, and leaves what its successor has open', () => {
    const harness = new TransactionHarness();
    const older = harness.init();
    const newer = harness.init();
    harness.add(newer);
    expect(harness.initAnswer(older).errorCode).toBe(ERROR.PRODUCER_FENCED);
    expect(harness.describe().transactionState).toBe('Ongoing');
    expect(harness.end(newer, true).errorCode).toBe(0);
  });

  it('leaves an aborted transaction to be finished by a restart', () => {
    const harness = new TransactionHarness();
    harness.add(harness.init());
    harness.initAnswer();
    harness.restart();
    harness.writeMarkers();
    expect(harness.init()).toEqual({ id: 1000, epoch: 2 });
  });

  it('wants a strict match of epochs at the end, also from the side of the future', () => {
    const harness = new TransactionHarness();
    const { id, epoch } = harness.init();
    harness.add({ id, epoch });
    for (const version of [4, 5]) {
      const answer = harness.end({ id, epoch: epoch + 1 }, true, version);
      expect(answer.errorCode).toBe(ERROR.PRODUCER_FENCED);
    }
    expect(harness.describe().transactionState).toBe('Ongoing');
  });
});

it('a new transactional id is refused where there are too many, until some are forgotten', () => {
  const harness = new TransactionHarness({ maxIds: 2, idExpirationMs: 7_200_000 });
  const init = (transactionalId: string) => harness.initAnswer({}, { transactionalId }).errorCode;
  expect([init('a'), init('b'), init('c')]).toEqual([0, 0, ERROR.POLICY_VIOLATION]);
  expect(init('a')).toBe(0);
  harness.advance(7_200_000);
  expect(init('c')).toBe(0);
});

describe('T43: time-outs', () => {
  it('are refused where they are longer than the broker allows, or none', () => {
    const harness = new TransactionHarness();
    for (const transactionTimeoutMs of [900_001, 0, -1]) {
      const { errorCode } = harness.initAnswer({}, { transactionTimeoutMs });
      expect(errorCode).toBe(ERROR.INVALID_TRANSACTION_TIMEOUT);
    }
    expect(harness.initAnswer({}, { transactionTimeoutMs: 900_000 }).errorCode).toBe(0);
  });

  it('abort a transaction and fence its producer', () => {
    for (const transactionVersion of [1, 2]) {
      const harness = new TransactionHarness({ transactionVersion });
      const producer = harness.init();
      harness.add(producer);
      harness.advance(TIMEOUT_MS);
      expect(harness.markers).toEqual([]);
      harness.advance(10_000);
      expect(harness.markers).toMatchObject([{ producerEpoch: 1, isCommit: false }]);
      harness.writeMarkers();
      expect(harness.describe()).toMatchObject({
        transactionState: 'CompleteAbort',
        producerEpoch: 1,
      });
      expect(harness.add(producer)).toBe(ERROR.PRODUCER_FENCED);
    }
  });

  it('heed no wall clock that jumps', () => {
    for (const jumpMs of [6 * 3_600_000, -6 * 3_600_000]) {
      const harness = new TransactionHarness();
      const producer = harness.init();
      harness.add(producer);
      harness.wallMs += jumpMs;
      harness.advance(TIMEOUT_MS);
      expect(harness.markers).toEqual([]);
      harness.advance(10_000);
      expect(harness.markers).toMatchObject([{ isCommit: false }]);
    }
  });

  it('go on where another coordinator takes over, by what the wall clocks tell', () => {
    const harness = new TransactionHarness();
    harness.add(harness.init());
    harness.advance(TIMEOUT_MS / 2);
    harness.restart();
    harness.advance(TIMEOUT_MS / 2);
    expect(harness.markers).toEqual([]);
    harness.advance(10_000);
    expect(harness.markers).toMatchObject([{ isCommit: false }]);
  });

  it('begin anew where it began in the future for the coordinator that takes over', () => {
    const harness = new TransactionHarness();
    harness.add(harness.init());
    harness.wallMs -= 6 * 3_600_000;
    harness.restart();
    harness.advance(TIMEOUT_MS);
    expect(harness.markers).toEqual([]);
    harness.advance(10_000);
    expect(harness.markers).toMatchObject([{ isCommit: false }]);
  });

  it('forget an id that is not used, and neither one in use nor one with an open transaction', () => {
    const harness = new TransactionHarness({ idExpirationMs: 7_200_000, maxTimeoutMs: 1e9 });
    const request = { transactionTimeoutMs: 1e9 };
    const { producerId, producerEpoch } = harness.initAnswer({}, request);
    harness.add({ id: producerId, epoch: producerEpoch });
    harness.initAnswer({}, { ...request, transactionalId: 'unused' });
    harness.advance(3_600_000);
    harness.initAnswer({}, { ...request, transactionalId: 'used' });
    harness.advance(2 * 3_600_000 - 1);
    expect(harness.describe().transactionState).toBe('Ongoing');
    expect(harness.describe('used').transactionState).toBe('Empty');
    expect(harness.describe('unused').errorCode).toBe(ERROR.TRANSACTIONAL_ID_NOT_FOUND);
    expect(harness.log.at(-1)!.value).toBe(null);
    harness.restart();
    expect(harness.shard.size).toBe(2);
    expect(harness.end({ id: producerId, epoch: producerEpoch }, true).errorCode).toBe(0);
  });
});

describe('a two-phase commit', () => {
  it('is refused, unless the broker allows it; then its transactions have no time-out', () => {
    const refused = new TransactionHarness().initAnswer({}, { enable2Pc: true }, 6);
    expect(refused.errorCode).toBe(ERROR.TRANSACTIONAL_ID_AUTHORIZATION_FAILED);
    const harness = new TransactionHarness({ hasTwoPhaseCommit: true });
    const kept = harness.initAnswer({}, { enable2Pc: true, keepPreparedTxn: true }, 6);
    expect(kept.errorCode).toBe(ERROR.UNSUPPORTED_VERSION);
    const { producerId, producerEpoch } = harness.initAnswer({}, { enable2Pc: true }, 6);
    harness.add({ id: producerId, epoch: producerEpoch });
    harness.advance(1e9);
    expect(harness.describe().transactionState).toBe('Ongoing');
  });
});
