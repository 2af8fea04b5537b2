import { fseHeaderEnd, readFseTable } from './zstd-fse.ts';
import { malformedZstd } from './zstd-malformed.ts';
import { HUFFMAN_BITS_MAX, WEIGHT_LOG_MAX } from './zstd-tables.ts';

/** Indexed by the next `bits` bits; an entry packs the symbol (0 to 7) and its length (8 to 15). */
export interface HuffmanTable {
  readonly bits: number;
  readonly entries: Uint16Array;
}

/** Where the tree that was read last ends. */
export let huffmanTreeEnd = 0;

const DIRECT_WEIGHTS = 128;
const SYMBOLS_MAX = 256;

/**
 * A tree is told by the weight of each symbol but the last: a code of weight w has
 * `bits + 1 - w` bits, 0 is absent. Weights stand as nibbles, or as an entropy-coded stream.
 */
export function readHuffmanTable(view: DataView, start: number, end: number): HuffmanTable {
  if (start >= end) throw malformedZstd('a tree is cut off');
  const weights = new Uint8Array(SYMBOLS_MAX);
  const head = view.getUint8(start);
  const packed = head < DIRECT_WEIGHTS;
  const count = head - DIRECT_WEIGHTS + 1;
  huffmanTreeEnd = start + 1 + (packed ? head : (count + 1) >>> 1);
  if (huffmanTreeEnd > end) throw malformedZstd('a tree is cut off');
  if (packed) return buildTable(weights, readPackedWeights(view, start + 1, weights));
  for (let symbol = 0; symbol < count; symbol++) {
    const byte = view.getUint8(start + 1 + (symbol >>> 1));
    weights[symbol] = (symbol & 1) === 0 ? byte >>> 4 : byte & 0x0f;
  }
  return buildTable(weights, count);
}

/** Two states alternate until the bits run out. Returns how many weights there are. */
function readPackedWeights(view: DataView, start: number, weights: Uint8Array): number {
  const end = huffmanTreeEnd;
  const bytes = new Uint8Array(view.buffer, view.byteOffset, view.byteLength);
  const { log, entries } = readFseTable(bytes, start, end, HUFFMAN_BITS_MAX + 1, WEIGHT_LOG_MAX);
  const from = fseHeaderEnd;
  let bit = streamBits(view, from, end) - 2 * log;
  if (bit < 0) throw malformedZstd('a tree is cut off');
  let state = bitsAt(view, from, bit + log, log);
  let other = bitsAt(view, from, bit, log);
  let count = 0;
  for (;;) {
    const entry = entries[state]!;
    const width = (entry >>> 8) & 0xff;
    bit -= width;
    weights[count++] = entry & 0xff;
    if (count >= SYMBOLS_MAX - 1) throw malformedZstd('a tree has too many symbols');
    if (bit < 0) break;
    state = other;
    other = (entry >>> 16) + bitsAt(view, from, bit, width);
  }
  weights[count++] = entries[other]! & 0xff;
  return count;
}

function buildTable(weights: Uint8Array, count: number): HuffmanTable {
  let sum = 0;
  for (let symbol = 0; symbol < count; symbol++) sum += (1 << weights[symbol]!) >>> 1;
  const bits = 32 - Math.clz32(sum);
  const rest = (1 << bits) - sum;
  if (sum === 0 || bits > HUFFMAN_BITS_MAX || (rest & (rest - 1)) !== 0) {
    throw malformedZstd('a bad tree');
  }
  weights[count] = 32 - Math.clz32(rest);
  const starts = new Uint16Array(HUFFMAN_BITS_MAX + 2);
  for (let symbol = 0; symbol <= count; symbol++) {
    const weight = weights[symbol]!;
    if (weight > 0) starts[weight + 1]! += 1 << (weight - 1);
  }
  for (let weight = 2; weight < starts.length; weight++) starts[weight]! += starts[weight - 1]!;
  const entries = new Uint16Array(1 << bits);
  for (let symbol = 0; symbol <= count; symbol++) {
    const weight = weights[symbol]!;
    if (weight === 0) continue;
    const from = starts[weight]!;
    const to = from + (1 << (weight - 1));
    entries.fill(symbol | ((bits + 1 - weight) << 8), from, to);
    starts[weight] = to;
  }
  return { bits, entries };
}

/**
 * Streams are written forwards and read backwards; the highest bit set in the last byte marks
 * where they begin. Returns how many bits lie below it.
 */
export function streamBits(view: DataView, start: number, end: number): number {
  const last = end > start ? view.getUint8(end - 1) : 0;
  if (last === 0) throw malformedZstd('a bit stream has no end mark');
  return (end - start) * 8 - 1 - Math.clz32(last << 24);
}

/** Up to 24 bits, the lowest at `bit` counted from the byte `start`. */
export function bitsAt(view: DataView, start: number, bit: number, count: number): number {
  return (view.getUint32(start + (bit >> 3), true) >>> (bit & 7)) & ((1 << count) - 1);
}

/** Fills `target` from `at` to `to` with the symbols of one stream. */
export function readHuffmanStream(
  table: HuffmanTable,
  view: DataView,
  start: number,
  end: number,
  target: Uint8Array,
  at: number,
  to: number,
): void {
  const { bits, entries } = table;
  const mask = (1 << bits) - 1;
  let bit = streamBits(view, start, end);
  let position = at;
  for (const pairs = to - 1; position < pairs && bit > 0; position += 2) {
    const low = bit - 2 * bits;
    const word = view.getUint32(start + (low >> 3), true) >>> (low & 7);
    const first = entries[(word >>> bits) & mask]!;
    const second = entries[(word >>> (bits - (first >>> 8))) & mask]!;
    target[position] = first;
    target[position + 1] = second;
    bit -= (first >>> 8) + (second >>> 8);
  }
  if (position === to - 1 && bit > 0) {
    const low = bit - bits;
    const entry = entries[(view.getUint32(start + (low >> 3), true) >>> (low & 7)) & mask]!;
    target[position++] = entry;
    bit -= entry >>> 8;
  }
  if (bit !== 0 || position !== to) throw malformedZstd('a bad literals stream');
}
