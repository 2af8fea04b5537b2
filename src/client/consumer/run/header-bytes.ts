const INT32_BYTES = 4;
const INT64_BYTES = 8;
const SIGN_BIT = 0x80;

export function int32(value: number): Uint8Array {
  const bytes = Buffer.alloc(INT32_BYTES);
  bytes.writeInt32BE(value);
  return bytes;
}

export function int64(value: number): Uint8Array {
  const bytes = Buffer.alloc(INT64_BYTES);
  bytes.writeBigInt64BE(BigInt(value));
  return bytes;
}

/** As Java's BigInteger writes it: two's complement, big-endian, in as few bytes as will do. */
export function shortInteger(value: number): Uint8Array {
  const bytes = int64(value);
  const filler = value < 0 ? 0xff : 0;
  let start = 0;
  while (start < INT64_BYTES - 1) {
    const hasSameSign = (bytes[start + 1]! & SIGN_BIT) === (filler & SIGN_BIT);
    if (bytes[start] !== filler || !hasSameSign) break;
    start++;
  }
  return bytes.subarray(start);
}

/** Of one to eight bytes in two's complement; null where it is nothing of the kind. */
export function readInteger(bytes: Uint8Array | null | undefined): number | null {
  if (bytes === null || bytes === undefined) return null;
  if (bytes.length === 0 || bytes.length > INT64_BYTES) return null;
  let value = (bytes[0]! & SIGN_BIT) === 0 ? 0n : -1n;
  for (const byte of bytes) value = (value << 8n) | BigInt(byte);
  const number = Number(value);
  return Number.isSafeInteger(number) ? number : null;
}
