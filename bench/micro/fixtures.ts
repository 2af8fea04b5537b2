import { createHash } from 'node:crypto';
import { buildBatch, randomCapitals } from '../load/batches.ts';

export const SEED = 20_240_601;
/** Fixed, so that every run works on the same bytes. */
const TIMESTAMP_MS = 1_700_000_000_000;

export function hashOf(...parts: readonly Uint8Array[]): string {
  const hash = createHash('sha256');
  for (const part of parts) hash.update(part);
  return hash.digest('hex').slice(0, 16);
}

export function batchOf(recordsPerBatch: number, recordBytes = 100): Buffer {
  const spec = { codec: 'none', recordBytes, recordsPerBatch, seed: SEED } as const;
  return buildBatch(spec, TIMESTAMP_MS);
}

export function randomBytes(length: number): Buffer {
  return randomCapitals(length, SEED);
}
