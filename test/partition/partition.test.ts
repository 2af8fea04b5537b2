import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { ERROR } from '../../src/base/kafka-errors.ts';
import { Partition } from '../../src/partition/partition.ts';
import { buildBatch, sealBatch } from '../../src/records/batch-builder.ts';
import { setMaxTimestamp } from '../../src/records/batch-layout.ts';
import { LogFixture, NOW, SETTINGS } from '../log/fixtures.ts';

let fixture: LogFixture;

beforeEach(() => {
  fixture = new LogFixture();
});

afterEach(() => {
  fixture.remove();
});

describe('a batch with a time out of range', () => {
  const DAY = 86_400_000;

  it.each([3, 20])('is refused whichever of its %i records it is, as in Kafka', (count) => {
    const settings = { ...SETTINGS, timestampBeforeMaxMs: DAY, timestampAfterMaxMs: DAY };
    const log = fixture.open({ settings });
    const partition = new Partition(0, log, settings);
    partition.becomeLeader(0);
    const append = (odd: number) => {
      const records = Array.from({ length: count }, (_, at) => {
        return { value: Buffer.from('v'), timestamp: at === 1 ? odd : NOW };
      });
      const batch = buildBatch(records);
      // What the header says of the times is not believed.
      setMaxTimestamp(batch, 0, NOW);
      sealBatch(batch);
      return partition.append(batch, 0, batch.length, 9, NOW);
    };
    const { INVALID_TIMESTAMP } = ERROR;
    expect(append(NOW - DAY - 1)).toBe(INVALID_TIMESTAMP);
    expect(append(NOW + DAY + 1)).toBe(INVALID_TIMESTAMP);
    expect(append(NOW - DAY)).toBe(0);
    expect(append(NOW + DAY)).toBe(0);
    // No time at all is none out of range.
    expect(append(-1)).toBe(0);
    expect(log.logEndOffset).toBe(3 * count);
    log.close(true);
  });
});

describe('a transactional batch', () => {
  it('is appended only while a transaction of its producer and epoch is open', () => {
    const log = fixture.open();
    const partition = new Partition(0, log, SETTINGS);
    partition.becomeLeader(0);
    const append = (
      producerEpoch: number,
      baseSequence: number,
      transactional: boolean,
      guard = 0,
    ) => {
      const record = { value: Buffer.from('v'), timestamp: NOW };
      const producer = { producerId: 1, producerEpoch, baseSequence, transactional };
      const batch = buildBatch([record], producer);
      return partition.append(batch, 0, batch.length, 9, NOW, guard);
    };
    expect(append(0, 0, true)).toBe(ERROR.INVALID_TXN_STATE);
    expect(append(0, 0, false)).toBe(0);
    expect(append(0, 1, true)).toBe(ERROR.INVALID_TXN_STATE);
    // A retry of what is in the log is answered as such, whatever its transaction.
    expect(append(0, 0, true)).toBe(0);
    expect(log.logEndOffset).toBe(1);
    const guard = partition.requestVerification(1, 0, 1, false, NOW);
    expect(append(0, 1, true, guard)).toBe(0);
    expect(append(0, 2, true)).toBe(0);
    expect(append(1, 0, true)).toBe(ERROR.INVALID_TXN_STATE);
    log.close(true);
  });
});

describe('a partition whose disk is nearly full', () => {
  it('answers a retry of what it has, and refuses what is new', () => {
    const log = fixture.open();
    const partition = new Partition(0, log, SETTINGS);
    partition.becomeLeader(0);
    const append = (baseSequence: number): number => {
      const record = { value: Buffer.from('v'), timestamp: NOW };
      const batch = buildBatch([record], { producerId: 1, producerEpoch: 0, baseSequence });
      return partition.append(batch, 0, batch.length, 9, NOW);
    };
    for (let sequence = 0; sequence < 3; sequence++) expect(append(sequence)).toBe(0);
    partition.spaceIsShort = true;
    expect(append(1)).toBe(0);
    expect(partition.appendedBaseOffset).toBe(1);
    expect(append(3)).toBe(ERROR.KAFKA_STORAGE_ERROR);
    expect(partition.appendedBaseOffset).toBe(-1);
    partition.spaceIsShort = false;
    expect(append(3)).toBe(0);
    expect(partition.appendedBaseOffset).toBe(3);
    log.close(true);
  });
});
