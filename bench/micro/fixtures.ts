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

/** So many bytes of JSON objects like those of an order. */
export function jsonText(length: number): Buffer {
  const names = ['alice', 'bob', 'carol', 'pending', 'shipped', 'zürich', 'returned'];
  const bytes = randomBytes(length);
  let text = '';
  for (let i = 0; text.length < length; i++) {
    const random = bytes.readUInt32BE((i * 4) % (length - 4));
    const user = names[random % names.length];
    const status = names[(random >>> 8) % names.length];
    text += JSON.stringify({ id: random, user, status, amount: (random % 100_000) / 100, at: i });
  }
  return Buffer.from(text).subarray(0, length);
}
