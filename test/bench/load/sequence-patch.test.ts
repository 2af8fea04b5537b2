import { describe, expect, it } from 'vitest';
import { buildBatch } from '../../../bench/load/batches.ts';
import { SequencePatch } from '../../../bench/load/sequence-patch.ts';
import { baseSequence, crc } from '../../../src/records/batch-layout.ts';
import { validateProducedBatch } from '../../../src/records/batch-validator.ts';

const producer = { id: 1234, epoch: 3 };

describe('the sequence patch', () => {
  it('leaves a sound CRC behind for every sequence, wherever the batch lies in the buffer', () => {
    const spec = {
      codec: 'none',
      recordBytes: 100,
      recordsPerBatch: 7,
      seed: 5,
      producer,
    } as const;
    const batch = buildBatch(spec, 1_700_000_000_000);
    const packed = Buffer.concat([Buffer.alloc(37), batch, Buffer.alloc(5)]);
    const patch = new SequencePatch(packed, 37, 37 + batch.length);
    for (const sequence of [0, 1, 255, 256, 65_537, 0x01020304, 2 ** 31 - 1]) {
      patch.set(sequence);
      expect(baseSequence(packed, 37)).toBe(sequence);
      expect(validateProducedBatch(packed, 37, batch.length, 11, 1_048_588)).toBe(0);
    }
    patch.set(0);
    expect(crc(packed, 37)).toBe(crc(batch, 0));
  });
});
