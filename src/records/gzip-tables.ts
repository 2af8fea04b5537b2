/** What DEFLATE (RFC 1951) and gzip (RFC 1952) fix. */
export const GZIP_MAGIC = [0x1f, 0x8b];
export const DEFLATE_METHOD = 8;
export const GZIP_TRAILER_BYTES = 8;

export const BLOCK_STORED = 0;
export const BLOCK_FIXED = 1;
export const BLOCK_DYNAMIC = 2;

export const END_OF_BLOCK = 256;
/** How far back a copy may reach. */
export const DISTANCE_MAX = 32_768;
export const COPY_MAX = 258;

/** Of the symbols from 257 on: the shortest length, and how many bits are added to it. */
export const LENGTH_BASES = [
  3, 4, 5, 6, 7, 8, 9, 10, 11, 13, 15, 17, 19, 23, 27, 31, 35, 43, 51, 59, 67, 83, 99, 115, 131,
  163, 195, 227, 258,
];
export const LENGTH_BITS = [
  0, 0, 0, 0, 0, 0, 0, 0, 1, 1, 1, 1, 2, 2, 2, 2, 3, 3, 3, 3, 4, 4, 4, 4, 5, 5, 5, 5, 0,
];
export const DISTANCE_BASES = [
  1, 2, 3, 4, 5, 7, 9, 13, 17, 25, 33, 49, 65, 97, 129, 193, 257, 385, 513, 769, 1025, 1537, 2049,
  3073, 4097, 6145, 8193, 12_289, 16_385, 24_577,
];
export const DISTANCE_BITS = [
  0, 0, 0, 0, 1, 1, 2, 2, 3, 3, 4, 4, 5, 5, 6, 6, 7, 7, 8, 8, 9, 9, 10, 10, 11, 11, 12, 12, 13, 13,
];

/** How long the codes of a block with fixed codes are, for literals and lengths. */
export function fixedLengths(): Uint8Array {
  const lengths = new Uint8Array(288).fill(8);
  lengths.fill(9, 144, 256);
  lengths.fill(7, 256, 280);
  return lengths;
}

/** Codes are sent from their highest bit on, everything else from the lowest. */
export function reversedBits(code: number, count: number): number {
  let from = code;
  let reversed = 0;
  for (let left = count; left > 0; left--) {
    reversed = (reversed << 1) | (from & 1);
    from >>>= 1;
  }
  return reversed;
}
