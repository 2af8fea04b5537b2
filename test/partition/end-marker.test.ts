import { afterEach, beforeEach, expect, it } from 'vitest';
import { ERROR } from '../../src/base/kafka-errors.ts';
import { Partition } from '../../src/partition/partition.ts';
import { buildBatch } from '../../src/records/batch-builder.ts';
import { LogFixture, NOW, SETTINGS } from '../log/fixtures.ts';

let fixture: LogFixture;
let partition: Partition;

beforeEach(() => {
  fixture = new LogFixture();
  partition = new Partition(0, fixture.open(), SETTINGS);
  partition.becomeLeader(0);
});

afterEach(() => {
  partition.log.close(true);
  fixture.remove();
});

/** A producer whose last batch has epoch 4, and whose transaction is open or over. */
function producerWith(isOpen: boolean, coordinatorEpoch = -1): void {
  const producer = { producerId: 1, producerEpoch: 4, baseSequence: 0, transactional: true };
  const batch = buildBatch([{ value: Buffer.from('v'), timestamp: NOW }], producer);
  const guard = partition.requestVerification(1, 4, 0, false, NOW);
  expect(partition.append(batch, 0, batch.length, 9, NOW, guard)).toBe(0);
  partition.log.producers.entry(1)!.coordinatorEpoch = coordinatorEpoch;
  if (!isOpen) expect(marker(4, 1)).toBe(0);
}

function marker(producerEpoch: number, transactionVersion: number, coordinatorEpoch = 0): number {
  return partition.appendMarker(1, producerEpoch, coordinatorEpoch, true, transactionVersion, NOW);
}

it('takes a marker of a producer that it does not know, which occupies an offset', () => {
  expect(marker(0, 2)).toBe(0);
  expect(partition.logEndOffset).toBe(1);
  expect(partition.highWatermark).toBe(1);
});

it('refuses a marker of an older epoch', () => {
  producerWith(true);
  expect(marker(3, 1)).toBe(ERROR.INVALID_PRODUCER_EPOCH);
  expect(marker(4, 1)).toBe(0);
});

it('wants a higher epoch than that of the records where each transaction has its own', () => {
  producerWith(true);
  expect(marker(4, 2)).toBe(ERROR.INVALID_PRODUCER_EPOCH);
  expect(marker(5, 2)).toBe(0);
});

it('takes the same marker again once the transaction is over', () => {
  producerWith(false);
  expect(marker(4, 2)).toBe(0);
});

it('refuses a marker of an older coordinator', () => {
  producerWith(true, 7);
  expect(marker(5, 2, 6)).toBe(ERROR.TRANSACTION_COORDINATOR_FENCED);
  expect(marker(5, 2, 7)).toBe(0);
});
