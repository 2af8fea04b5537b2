import type { Encoded } from '../../client/serde/serde.ts';

/** What a serde gave, as bytes: text becomes UTF-8. */
export function encodedBytes(encoded: string | Uint8Array): Buffer;
export function encodedBytes(encoded: Encoded): Buffer | null;
export function encodedBytes(encoded: Encoded): Buffer | null {
  if (encoded === null) return null;
  if (typeof encoded === 'string') return Buffer.from(encoded);
  return asBuffer(encoded);
}

/** The same memory as a Buffer. */
export function asBuffer(bytes: Uint8Array): Buffer {
  if (Buffer.isBuffer(bytes)) return bytes;
  return Buffer.from(bytes.buffer, bytes.byteOffset, bytes.length);
}
