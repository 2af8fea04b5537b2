import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { WIRE_ERROR } from '../../src/base/wire-errors.ts';
import { Partition } from '../../src/partition/partition.ts';
import { buildBatch } from '../../src/records/batch-builder.ts';
import { LogFixture, NOW, SETTINGS } from '../log/fixtures.ts';

let fixture: LogFixture;

beforeEach(() => {
  fixture = new LogFixture();
});

afterEach(() => {
  fixture.remove();
});

describe('a partition whose disk is nearly full', () => {
  it('answers a retry of what it has, and refuses what is new', () => {
    const log = fixture.open();
    const partition = new Partition(0, log, SETTINGS);
    const append = (baseSequence: number): number => {
      const record = { value: Buffer.from('v'), timestamp: NOW };
      const batch = buildBatch([record], { producerId: 1, producerEpoch: 0, baseSequence });
      return partition.append(batch, 0, batch.length, 9, NOW);
    };
    for (let sequence = 0; sequence < 3; sequence++) expect(append(sequence)).toBe(0);
    partition.spaceIsShort = true;
    expect(append(1)).toBe(0);
    expect(partition.appendedBaseOffset).toBe(1);
    expect(append(3)).toBe(WIRE_ERROR.KAFKA_STORAGE_ERROR);
    expect(partition.appendedBaseOffset).toBe(-1);
    partition.spaceIsShort = false;
    expect(append(3)).toBe(0);
    expect(partition.appendedBaseOffset).toBe(3);
    log.close(true);
  });
});
