/**
 * CRC-32C (Castagnoli), the checksum of record batches. This portable form takes eight bytes a
 * step from eight tables; the log room replaces it with the processor's own instruction.
 */
export type Crc32c = (bytes: Uint8Array, start: number, end: number) => number;

export let crc32c: Crc32c = portableCrc32c;

export function installCrc32c(implementation: Crc32c): void {
  crc32c = implementation;
}

const POLYNOMIAL_REVERSED = 0x82f63b78;
const SLICES = 8;

/** Table k, at k * 256, holds the CRC of each byte followed by k zero bytes. */
const tables = buildTables();

function buildTables(): Int32Array {
  const built = new Int32Array(SLICES * 256);
  for (let byte = 0; byte < 256; byte++) {
    let rest = byte;
    for (let bit = 0; bit < 8; bit++) {
      rest = (rest & 1) !== 0 ? (rest >>> 1) ^ POLYNOMIAL_REVERSED : rest >>> 1;
    }
    built[byte] = rest;
  }
  for (let at = 256; at < built.length; at++) {
    const before = built[at - 256]!;
    built[at] = (before >>> 8) ^ built[before & 0xff]!;
  }
  return built;
}

export function portableCrc32c(bytes: Uint8Array, start: number, end: number): number {
  const table = tables;
  const sliced = end - ((end - start) % SLICES);
  let rest = -1;
  let at = start;
  for (; at < sliced; at += SLICES) {
    rest ^= bytes[at]! | (bytes[at + 1]! << 8) | (bytes[at + 2]! << 16) | (bytes[at + 3]! << 24);
    rest =
      table[1792 + (rest & 0xff)]! ^
      table[1536 + ((rest >>> 8) & 0xff)]! ^
      table[1280 + ((rest >>> 16) & 0xff)]! ^
      table[1024 + (rest >>> 24)]! ^
      table[768 + bytes[at + 4]!]! ^
      table[512 + bytes[at + 5]!]! ^
      table[256 + bytes[at + 6]!]! ^
      table[bytes[at + 7]!]!;
  }
  for (; at < end; at++) rest = (rest >>> 8) ^ table[(rest ^ bytes[at]!) & 0xff]!;
  return ~rest >>> 0;
}
