/**
 * How rows stand in a file. The last four bytes of each value say whether key and value are those
 * that were written:
 *
 *   value   CRC-32C of the key, XOR that of the value (uint32)
 */
import { crc32c } from '../../../records/crc32c.ts';

export const CHECK_BYTES = 4;

/** The check of a key and a value that stand one behind the other. */
export function checkOf(
  bytes: Uint8Array,
  keyStart: number,
  keyEnd: number,
  valueEnd: number,
): number {
  return (crc32c(bytes, keyStart, keyEnd) ^ crc32c(bytes, keyEnd, valueEnd)) >>> 0;
}

/** Whether key and value, with its check, belong together. */
export function isWhole(key: Uint8Array, value: Buffer): boolean {
  const end = value.length - CHECK_BYTES;
  if (end < 0) return false;
  const check = (crc32c(key, 0, key.length) ^ crc32c(value, 0, end)) >>> 0;
  return value.readUInt32LE(end) === check;
}
