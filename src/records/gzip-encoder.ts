import { crc32 } from './crc32.ts';
import {
  BLOCK_FIXED,
  BLOCK_STORED,
  COPY_MAX,
  DEFLATE_METHOD,
  DISTANCE_BASES,
  DISTANCE_BITS,
  DISTANCE_MAX,
  END_OF_BLOCK,
  fixedLengths,
  GZIP_MAGIC,
  GZIP_TRAILER_BYTES,
  LENGTH_BASES,
  LENGTH_BITS,
  reversedBits,
} from './gzip-tables.ts';
import { MatchTable, SLOT_SHIFT } from './match-table.ts';
import { BitWriter } from './zstd-bit-writer.ts';

/**
 * gzip for where there is no node:zlib and no time for a CompressionStream: fast matching and the
 * fixed codes of DEFLATE. It packs less than zlib does.
 */
const HEADER = [...GZIP_MAGIC, DEFLATE_METHOD, 0, 0, 0, 0, 0, 0, 0xff];
const HASH_MULTIPLIER = 0x1e35a7bd;
const MATCH_MIN = 4;
const STORED_MAX = 65_535;
const STORED_HEADER_BYTES = 5;
/** A literal takes at most 9 bits; the end of a block and its head another 10. */
const GROWTH = 9 / 8;
const MARGIN = 16;

let table: MatchTable | undefined;
let codes: FixedCodes | undefined;

export function encodeGzip(source: Uint8Array): Uint8Array {
  const tail = GZIP_TRAILER_BYTES + MARGIN;
  const most = Math.ceil(source.length * GROWTH);
  const out = new Uint8Array(HEADER.length + most + storedBytes(0) + tail);
  out.set(HEADER);
  const stored = storedBytes(source.length);
  let end = writeFixed(source, out, HEADER.length);
  if (end - HEADER.length > stored) end = writeStored(source, out, HEADER.length);
  const view = new DataView(out.buffer);
  view.setUint32(end, crc32(source, 0, source.length), true);
  view.setUint32(end + 4, source.length, true);
  return out.subarray(0, end + GZIP_TRAILER_BYTES);
}

function storedBytes(length: number): number {
  return length + STORED_HEADER_BYTES * Math.max(1, Math.ceil(length / STORED_MAX));
}

function writeStored(source: Uint8Array, out: Uint8Array, at: number): number {
  let to = at;
  let from = 0;
  do {
    const length = Math.min(STORED_MAX, source.length - from);
    out[to++] = from + length === source.length ? 1 : BLOCK_STORED;
    out[to++] = length;
    out[to++] = length >>> 8;
    out[to++] = ~length;
    out[to++] = ~length >>> 8;
    out.set(source.subarray(from, from + length), to);
    to += length;
    from += length;
  } while (from < source.length);
  return to;
}

/** All of it as one block with fixed codes. */
function writeFixed(source: Uint8Array, out: Uint8Array, at: number): number {
  table ??= new MatchTable();
  codes ??= new FixedCodes();
  const { slots } = table;
  const bias = table.biasFor(0, source.length);
  const view = new DataView(source.buffer, source.byteOffset, source.byteLength);
  const writer = new BitWriter(out, at);
  writer.write(1 | (BLOCK_FIXED << 1), 3);
  const searchEnd = source.length - MATCH_MIN;
  let from = 0;
  while (from < source.length) {
    let length = 0;
    let candidate = -1;
    if (from <= searchEnd) {
      const word = view.getInt32(from, true);
      const slot = Math.imul(word, HASH_MULTIPLIER) >>> SLOT_SHIFT;
      candidate = slots[slot]! - bias;
      slots[slot] = from + bias;
      const isNear = candidate >= 0 && from - candidate <= DISTANCE_MAX;
      if (isNear && view.getInt32(candidate, true) === word) {
        length = matchLength(source, candidate, from);
      }
    }
    if (length === 0) codes.literal(writer, source[from++]!);
    else codes.copy(writer, length, from - candidate);
    from += length;
  }
  codes.literal(writer, END_OF_BLOCK);
  return writer.finish();
}

function matchLength(source: Uint8Array, before: number, at: number): number {
  const most = Math.min(COPY_MAX, source.length - at);
  let length = MATCH_MIN;
  while (length < most && source[before + length] === source[at + length]) length++;
  return length;
}

/** The codes that RFC 1951 fixes, as they are sent. */
class FixedCodes {
  readonly #lengths = fixedLengths();
  readonly #codes = new Uint16Array(288);

  constructor() {
    for (let symbol = 0; symbol < 288; symbol++) {
      const length = this.#lengths[symbol]!;
      this.#codes[symbol] = reversedBits(codeOf(symbol), length);
    }
  }

  literal(writer: BitWriter, symbol: number): void {
    writer.write(this.#codes[symbol]!, this.#lengths[symbol]!);
  }

  copy(writer: BitWriter, length: number, distance: number): void {
    const kind = kindOf(LENGTH_BASES, length);
    this.literal(writer, END_OF_BLOCK + 1 + kind);
    writer.write(length - LENGTH_BASES[kind]!, LENGTH_BITS[kind]!);
    const far = kindOf(DISTANCE_BASES, distance);
    writer.write(reversedBits(far, 5), 5);
    writer.write(distance - DISTANCE_BASES[far]!, DISTANCE_BITS[far]!);
  }
}

function codeOf(symbol: number): number {
  if (symbol < 144) return 0x30 + symbol;
  if (symbol < 256) return 0x190 + symbol - 144;
  return symbol < 280 ? symbol - 256 : 0xc0 + symbol - 280;
}

/** The last whose base is not above the value. */
function kindOf(bases: readonly number[], value: number): number {
  let low = 0;
  let high = bases.length - 1;
  while (low < high) {
    const middle = (low + high + 1) >>> 1;
    if (bases[middle]! <= value) low = middle;
    else high = middle - 1;
  }
  return low;
}
