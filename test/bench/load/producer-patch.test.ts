import { describe, expect, it } from 'vitest';
import { buildBatch } from '../../../bench/load/batches.ts';
import { ProducerPatch } from '../../../bench/load/producer-patch.ts';
import { baseSequence, isTransactional, producerEpoch } from '../../../src/records/batch-layout.ts';
import { validateProducedBatch } from '../../../src/records/batch-validator.ts';

const spec = {
  codec: 'none',
  recordBytes: 100,
  recordsPerBatch: 7,
  seed: 5,
  producer: { id: 1234, epoch: 0 },
  transactional: true,
} as const;

describe('the producer patch', () => {
  it('leaves a sound CRC behind for every epoch and sequence', () => {
    const batch = buildBatch(spec, 1_700_000_000_000);
    const packed = Buffer.concat([Buffer.alloc(37), batch, Buffer.alloc(5)]);
    const patch = new ProducerPatch(packed, 37, 37 + batch.length);
    for (const epoch of [0, 1, 256, 0x0102, 32_766]) {
      for (const sequence of [0, 255, 65_537, 2 ** 31 - 1]) {
        patch.set(epoch, sequence);
        expect(producerEpoch(packed, 37)).toBe(epoch);
        expect(baseSequence(packed, 37)).toBe(sequence);
        expect(isTransactional(packed, 37)).toBe(true);
        expect(validateProducedBatch(packed, 37, batch.length, 12, 1_048_588)).toBe(0);
      }
    }
  });
});
