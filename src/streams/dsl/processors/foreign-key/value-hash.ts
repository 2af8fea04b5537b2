import { encodedBytes } from '../../../serde/encoded-bytes.ts';
import type { AnySerde } from '../../../topology/store-spec.ts';
import { murmur3 } from './murmur3.ts';

/** Tells whether a row has changed since it subscribed; null for a row that is gone. */
export function valueHash(serde: AnySerde, value: unknown, topic: string): Buffer | null {
  if (value === null) return null;
  const encoded = encodedBytes(serde.serialize(value, topic));
  return encoded === null ? null : murmur3(encoded);
}

/** Whether two hashes are of the same value. */
export function isSameHash(a: Uint8Array | null, b: Uint8Array | null): boolean {
  if (a === null || b === null) return a === b;
  return Buffer.compare(a, b) === 0;
}
