import { describe, expect, it } from 'vitest';
import { buildBatch, recordsInBatch } from '../../../bench/load/batches.ts';
import { recordCount, sizeInBytes } from '../../../src/records/batch-layout.ts';

describe('the batches of the load generator', () => {
  it('fill the batch size that was asked for, and never more', () => {
    const recordsPerBatch = recordsInBatch(16_384, 100);
    const batch = buildBatch({ codec: 'none', recordBytes: 100, recordsPerBatch, seed: 1 }, 0);
    expect(sizeInBytes(batch, 0)).toBe(batch.length);
    expect(recordCount(batch, 0)).toBe(recordsPerBatch);
    expect(batch.length).toBeLessThanOrEqual(16_384);
    expect(batch.length).toBeGreaterThan(16_384 - 220);
  });

  it('hold one record where not even one fits', () => {
    expect(recordsInBatch(100, 1000)).toBe(1);
  });

  it('are the same for the same seed and differ with the seed', () => {
    const spec = { codec: 'gzip', recordBytes: 50, recordsPerBatch: 3 } as const;
    const first = buildBatch({ ...spec, seed: 1 }, 5);
    expect(buildBatch({ ...spec, seed: 1 }, 5).equals(first)).toBe(true);
    expect(buildBatch({ ...spec, seed: 2 }, 5).equals(first)).toBe(false);
  });
});
