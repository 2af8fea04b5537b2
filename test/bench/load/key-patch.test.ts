import { describe, expect, it } from 'vitest';
import { buildBatch } from '../../../bench/load/batches.ts';
import { KeyPatch } from '../../../bench/load/key-patch.ts';
import { validateProducedBatch } from '../../../src/records/batch-validator.ts';
import { RecordCursor } from '../../../src/records/record-iterator.ts';

const RECORDS = 10;

function keysOf(bytes: Buffer, batchAt: number): string[] {
  const cursor = new RecordCursor();
  const keys: string[] = [];
  for (cursor.open(bytes, batchAt); cursor.next(); ) {
    keys.push(cursor.bytes.toString('latin1', cursor.keyStart, cursor.keyEnd));
  }
  return keys;
}

describe('the key patch', () => {
  it('gives every key once before any comes again, in batches that stay sound', () => {
    const spec = { codec: 'none', recordBytes: 20, recordsPerBatch: RECORDS, seed: 1 } as const;
    const batch = buildBatch({ ...spec, keyed: true }, 0);
    const packed = Buffer.concat([Buffer.alloc(11), batch]);
    const patch = new KeyPatch(packed, 11, packed.length, 50);
    const seen = new Set<string>();
    for (let first = 0; first < 50; first += RECORDS) {
      patch.set(first);
      expect(validateProducedBatch(packed, 11, batch.length, 11, 1_048_588)).toBe(0);
      for (const key of keysOf(packed, 11)) seen.add(key);
    }
    expect(seen.size).toBe(50);
    patch.set(50);
    expect(keysOf(packed, 11).every((key) => seen.has(key))).toBe(true);
  });
});
