import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { ERROR } from '../../src/base/kafka-errors.ts';
import { Partition } from '../../src/partition/partition.ts';
import { buildBatch } from '../../src/records/batch-builder.ts';
import { LogFixture, NOW, SETTINGS } from '../log/fixtures.ts';

const COORDINATOR_EPOCH = 3;

let fixture: LogFixture;
let partition: Partition;

beforeEach(() => {
  fixture = new LogFixture();
  open();
});

afterEach(() => {
  partition.log.close(false);
  fixture.remove();
});

function open(settings = SETTINGS): void {
  partition = new Partition(0, fixture.open({ settings }), settings);
  partition.becomeLeader(0);
}

interface Shape {
  readonly epoch?: number;
  readonly transactional?: boolean;
  readonly guard?: number;
}

/** A batch of one record, as its producer sends it. */
function produce(id: number, sequence: number, shape: Shape = {}): number {
  const { epoch = 0, transactional = true } = shape;
  const producer = { producerId: id, producerEpoch: epoch, baseSequence: sequence, transactional };
  const batch = buildBatch([{ value: Buffer.from('v'), timestamp: NOW }], producer);
  return partition.append(batch, 0, batch.length, 9, NOW, shape.guard ?? 0);
}

function ask(id: number, sequence: number, epoch = 0, bumpsEpoch = false): number {
  return partition.requestVerification(id, epoch, sequence, bumpsEpoch, NOW);
}

/** The same after its coordinator has agreed. */
function produceVerified(id: number, sequence: number, epoch = 0): number {
  return produce(id, sequence, { epoch, guard: ask(id, sequence, epoch) });
}

function end(id: number, isCommit: boolean, epoch = 0, version = 1): number {
  return partition.appendMarker(id, epoch, COORDINATOR_EPOCH, isCommit, version, NOW);
}

function stable(): number {
  return partition.limits.lastStable.offset;
}

describe('the last stable offset', () => {
  it('is the first offset of the first open transaction, which itself is not stable', () => {
    expect(produce(-1, -1, { transactional: false })).toBe(0);
    expect(stable()).toBe(1);
    expect(produceVerified(1, 0)).toBe(0);
    expect(produceVerified(2, 0)).toBe(0);
    expect(partition.highWatermark).toBe(3);
    expect(stable()).toBe(1);
    expect(end(1, true)).toBe(0);
    expect(stable()).toBe(2);
    expect(produceVerified(1, 1)).toBe(0);
    expect(end(2, false)).toBe(0);
    expect(stable()).toBe(4);
    expect(end(1, false)).toBe(0);
    expect(stable()).toBe(partition.highWatermark);
  });

  it('says where in the file it lies', () => {
    expect(produce(-1, -1, { transactional: false })).toBe(0);
    const { position } = partition.logEnd;
    expect(produceVerified(1, 0)).toBe(0);
    expect(partition.limits.lastStable).toMatchObject({ offset: 1, segmentBase: 0, position });
  });

  it('waits for the high watermark to pass the marker', () => {
    partition.log.close(true);
    open({ ...SETTINGS, groupCommit: true });
    expect(produceVerified(1, 0)).toBe(0);
    partition.markDurable(partition.logEnd);
    expect([partition.highWatermark, stable()]).toEqual([1, 0]);
    expect(end(1, true)).toBe(0);
    expect(produce(-1, -1, { transactional: false })).toBe(0);
    expect(stable()).toBe(0);
    partition.markDurable({ offset: 2, segmentBase: 0, position: 0 });
    expect([partition.highWatermark, stable()]).toEqual([2, 2]);
  });

  it('is the same after a clean stop and after a crash', () => {
    expect(produceVerified(1, 0)).toBe(0);
    expect(produceVerified(2, 0)).toBe(0);
    expect(end(1, true)).toBe(0);
    for (const isClean of [true, false]) {
      partition.log.close(isClean);
      open();
      expect([partition.highWatermark, stable()]).toEqual([3, 1]);
    }
    expect(produce(2, 1)).toBe(0);
    expect(end(2, true)).toBe(0);
    expect(stable()).toBe(5);
  });

  it('is not below the log start, where records of an open transaction are deleted', () => {
    expect(produceVerified(1, 0)).toBe(0);
    expect(produce(1, 1)).toBe(0);
    partition.log.deleteRecordsBefore(1, NOW);
    partition.logStartMoved();
    expect(stable()).toBe(1);
    expect(end(1, false)).toBe(0);
    expect(stable()).toBe(3);
  });
});

describe('a producer in a transaction', () => {
  it('appends no plain batch, and a plain one no transactional batch unasked', () => {
    expect(produceVerified(1, 0)).toBe(0);
    expect(produce(1, 1, { transactional: false })).toBe(ERROR.INVALID_TXN_STATE);
    expect(produce(1, 1)).toBe(0);
    expect(end(1, true)).toBe(0);
    expect(produce(1, 2, { transactional: false })).toBe(0);
    expect(produce(1, 3)).toBe(ERROR.INVALID_TXN_STATE);
  });

  it('is known by the epochs of its marker, and counts anew where the marker has another', () => {
    expect(produceVerified(1, 0)).toBe(0);
    expect(end(1, true, 1, 2)).toBe(0);
    const entry = partition.log.producers.entry(1)!;
    expect([entry.epoch, entry.coordinatorEpoch, entry.hasBatches]).toEqual([1, 3, false]);
    expect(produceVerified(1, 1)).toBe(ERROR.INVALID_PRODUCER_EPOCH);
    expect(produceVerified(1, 1, 1)).toBe(ERROR.OUT_OF_ORDER_SEQUENCE_NUMBER);
    expect(produceVerified(1, 0, 1)).toBe(0);
  });

  it('is not forgotten, however long it is silent', () => {
    expect(produceVerified(1, 0)).toBe(0);
    expect(produce(2, 0, { transactional: false })).toBe(0);
    const { producers } = partition.log;
    producers.expire(NOW + producers.expirationMs);
    expect(producers.entry(2)).toBeUndefined();
    expect(producers.entry(1)!.currentTxnFirstOffset).toBe(0);
    expect(stable()).toBe(0);
  });
});

describe('a hanging transaction', () => {
  it('is not opened by a batch that comes after the marker that ended its transaction', () => {
    expect(produceVerified(1, 0)).toBe(0);
    expect(end(1, false)).toBe(0);
    expect(produce(1, 1)).toBe(ERROR.INVALID_TXN_STATE);
    expect(stable()).toBe(partition.highWatermark);
  });

  it('is not opened by an answer of the coordinator from before the marker', () => {
    const guard = ask(1, 0);
    expect(end(1, false)).toBe(0);
    expect(produce(1, 0, { guard })).toBe(ERROR.INVALID_TXN_STATE);
    const next = ask(1, 0);
    expect(next).not.toBe(guard);
    expect(produce(1, 0, { guard })).toBe(ERROR.INVALID_TXN_STATE);
    expect(produce(1, 0, { guard: next })).toBe(0);
  });

  it('is not opened by an answer that another append has used', () => {
    const guard = ask(1, 0);
    expect(produce(1, 0, { guard })).toBe(0);
    expect(ask(1, 1)).toBe(0);
    expect(end(1, true)).toBe(0);
    expect(produce(1, 1, { guard })).toBe(ERROR.INVALID_TXN_STATE);
  });

  it('keeps the question of a next transaction whose epoch the marker has', () => {
    const guard = ask(1, 0, 1, true);
    expect(end(1, true, 1, 2)).toBe(0);
    expect(produce(1, 0, { epoch: 1, guard })).toBe(0);
  });
});

describe('a verification', () => {
  it('is refused to an older epoch of the producer', () => {
    expect(produceVerified(1, 0, 5)).toBe(0);
    expect(ask(1, 1, 4)).toBeLessThan(0);
  });

  it('lets no batch overtake an earlier one of its producer that waits too', () => {
    const guard = ask(1, 5);
    expect(ask(1, 2)).toBe(guard);
    expect(produce(1, 5, { guard })).toBe(ERROR.OUT_OF_ORDER_SEQUENCE_NUMBER);
    expect(produce(1, 2, { guard })).toBe(0);
  });

  it('wants sequence 0 of a producer without batches whose transactions have epochs', () => {
    const guard = ask(1, 3, 0, true);
    expect(produce(1, 3, { guard })).toBe(ERROR.OUT_OF_ORDER_SEQUENCE_NUMBER);
    ask(1, 0, 0, true);
    expect(produce(1, 0, { guard })).toBe(0);
  });

  it('is forgotten when nothing was appended for as long as producers are known', () => {
    const guard = ask(1, 0);
    partition.verifications.expire(NOW + 999, 1000);
    expect(partition.isVerified(1, 0, guard)).toBe(true);
    partition.verifications.expire(NOW + 1000, 1000);
    expect(partition.isVerified(1, 0, guard)).toBe(false);
  });
});
