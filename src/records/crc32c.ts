/**
 * CRC-32C (Castagnoli), the checksum of record batches. This portable form takes sixteen bytes a
 * step from sixteen tables. Where the addon loads, the log room and the client put the processor's
 * own instruction in its place.
 */
export type Crc32c = (bytes: Uint8Array, start: number, end: number) => number;

export let crc32c: Crc32c = portableCrc32c;

export function installCrc32c(implementation: Crc32c): void {
  crc32c = implementation;
}

const POLYNOMIAL_REVERSED = 0x82f63b78;
const SLICES = 16;

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

/** Words of the memory that was looked at last: a ring, mostly. */
let view: DataView<ArrayBufferLike> = new DataView(new ArrayBuffer(0));

export function portableCrc32c(bytes: Uint8Array, start: number, end: number): number {
  if (view.buffer !== bytes.buffer) view = new DataView(bytes.buffer);
  const words = view;
  const table = tables;
  const origin = bytes.byteOffset;
  const sliced = end - ((end - start) % SLICES);
  let rest = -1;
  let at = start;
  for (; at < sliced; at += SLICES) {
    const one = words.getInt32(origin + at, true) ^ rest;
    const two = words.getInt32(origin + at + 4, true);
    const three = words.getInt32(origin + at + 8, true);
    const four = words.getInt32(origin + at + 12, true);
    rest =
      table[3840 + (one & 0xff)]! ^
      table[3584 + ((one >>> 8) & 0xff)]! ^
      table[3328 + ((one >>> 16) & 0xff)]! ^
      table[3072 + (one >>> 24)]! ^
      table[2816 + (two & 0xff)]! ^
      table[2560 + ((two >>> 8) & 0xff)]! ^
      table[2304 + ((two >>> 16) & 0xff)]! ^
      table[2048 + (two >>> 24)]! ^
      table[1792 + (three & 0xff)]! ^
      table[1536 + ((three >>> 8) & 0xff)]! ^
      table[1280 + ((three >>> 16) & 0xff)]! ^
      table[1024 + (three >>> 24)]! ^
      table[768 + (four & 0xff)]! ^
      table[512 + ((four >>> 8) & 0xff)]! ^
      table[256 + ((four >>> 16) & 0xff)]! ^
      table[four >>> 24]!;
  }
  for (; at < end; at++) rest = (rest >>> 8) ^ table[(rest ^ bytes[at]!) & 0xff]!;
  return ~rest >>> 0;
}
