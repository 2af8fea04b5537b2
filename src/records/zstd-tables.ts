/** The fixed tables of the zstd format (RFC 8878, section 3.1.1.3.2). */

/** A code stands for a baseline and some extra bits. Literal length codes: */
export const LITERAL_LENGTH_BITS = Uint8Array.of(
  ...zeros(16),
  ...[1, 1, 1, 1, 2, 2, 3, 3, 4, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15, 16],
);
export const LITERAL_LENGTH_BASE = baselines(0, LITERAL_LENGTH_BITS, 25, 64);

/** Match length codes; the shortest match has three bytes. */
export const MATCH_LENGTH_BITS = Uint8Array.of(
  ...zeros(32),
  ...[1, 1, 1, 1, 2, 2, 3, 3, 4, 4, 5, 7, 8, 9, 10, 11, 12, 13, 14, 15, 16],
);
export const MATCH_LENGTH_BASE = baselines(3, MATCH_LENGTH_BITS, 43, 131);

export const LITERAL_LENGTH_CODE_MAX = 35;
export const MATCH_LENGTH_CODE_MAX = 52;
export const OFFSET_CODE_MAX = 31;

/** Probabilities, out of 2^log, of the predefined tables; -1 is "less than one". */
export const LITERAL_LENGTH_DEFAULT = Int16Array.of(
  ...[4, 3, 2, 2, 2, 2, 2, 2, 2, 2, 2, 2, 2, 1, 1, 1, 2, 2, 2, 2, 2, 2, 2, 2, 2, 3, 2],
  ...[1, 1, 1, 1, 1, -1, -1, -1, -1],
);
export const LITERAL_LENGTH_DEFAULT_LOG = 6;

export const MATCH_LENGTH_DEFAULT = Int16Array.of(
  ...[1, 4, 3, 2, 2, 2, 2, 2, 2],
  ...new Array<number>(37).fill(1),
  ...new Array<number>(7).fill(-1),
);
export const MATCH_LENGTH_DEFAULT_LOG = 6;

export const OFFSET_DEFAULT = Int16Array.of(
  ...[1, 1, 1, 1, 1, 1, 2, 2, 2, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1],
  ...[-1, -1, -1, -1, -1],
);
export const OFFSET_DEFAULT_LOG = 5;

export const FRAME_MAGIC = 0xfd2fb528;
export const BLOCK_BYTES_MAX = 128 * 1024;
export const BLOCK_RAW = 0;
export const BLOCK_RLE = 1;
export const BLOCK_COMPRESSED = 2;

export const LITERALS_RAW = 0;
export const LITERALS_RLE = 1;
export const LITERALS_COMPRESSED = 2;

export const TABLE_PREDEFINED = 0;
export const TABLE_RLE = 1;
export const TABLE_FSE = 2;
export const TABLE_REPEAT = 3;

export const HUFFMAN_BITS_MAX = 11;
export const WEIGHT_LOG_MAX = 6;

function zeros(count: number): number[] {
  return new Array<number>(count).fill(0);
}

/** Each baseline follows the span of the code before it, but for one that jumps to a power of 2. */
function baselines(first: number, bits: Uint8Array, jumpAt: number, jumpTo: number): Int32Array {
  const bases = new Int32Array(bits.length);
  let next = first;
  for (let code = 0; code < bits.length; code++) {
    if (code === jumpAt) next = jumpTo;
    bases[code] = next;
    next += 2 ** bits[code]!;
  }
  return bases;
}
