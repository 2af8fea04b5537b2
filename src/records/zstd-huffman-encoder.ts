import { BitWriter } from './zstd-bit-writer.ts';
import {
  buildFseEncoder,
  firstState,
  fseLogFor,
  nextState,
  normalizeCounts,
  writeFseCounts,
} from './zstd-fse-encoder.ts';
import { HUFFMAN_BITS_MAX, WEIGHT_LOG_MAX } from './zstd-tables.ts';

/** The code of each symbol and its length; 0 bits where the symbol does not occur. */
export interface HuffmanCode {
  readonly codes: Uint16Array;
  readonly lengths: Uint8Array;
  readonly lengthMax: number;
  readonly symbolMax: number;
}

const DIRECT_WEIGHTS_MAX = 128;

/** At least two symbols must occur. */
export function buildHuffmanCode(frequencies: Int32Array): HuffmanCode {
  const symbols: number[] = [];
  for (let symbol = 0; symbol < 256; symbol++) if (frequencies[symbol]! > 0) symbols.push(symbol);
  symbols.sort((a, b) => frequencies[a]! - frequencies[b]! || a - b);
  const lengths = treeDepths(frequencies, symbols);
  limitLengths(lengths, symbols);
  let lengthMax = 0;
  for (const symbol of symbols) lengthMax = Math.max(lengthMax, lengths[symbol]!);
  const codes = new Uint16Array(256);
  let next = 0;
  for (let length = lengthMax; length > 0; length--) {
    for (let symbol = 0; symbol < 256; symbol++) {
      if (lengths[symbol] === length) codes[symbol] = next++;
    }
    next >>>= 1;
  }
  return { codes, lengths, lengthMax, symbolMax: Math.max(...symbols) };
}

/** Huffman's construction with two queues: the sorted leaves, and the nodes in order of birth. */
function treeDepths(frequencies: Int32Array, symbols: number[]): Uint8Array {
  const leaves = symbols.length;
  const nodes = 2 * leaves - 1;
  const weights = new Float64Array(nodes);
  const parents = new Uint16Array(nodes);
  for (let at = 0; at < leaves; at++) weights[at] = frequencies[symbols[at]!]!;
  let leaf = 0;
  let inner = leaves;
  const lightest = (born: number): number =>
    leaf < leaves && (inner >= born || weights[leaf]! <= weights[inner]!) ? leaf++ : inner++;
  for (let born = leaves; born < nodes; born++) {
    const first = lightest(born);
    const second = lightest(born);
    weights[born] = weights[first]! + weights[second]!;
    parents[first] = born;
    parents[second] = born;
  }
  const depths = new Uint8Array(nodes);
  for (let at = nodes - 2; at >= 0; at--) depths[at] = depths[parents[at]!]! + 1;
  const lengths = new Uint8Array(256);
  for (let at = 0; at < leaves; at++) lengths[symbols[at]!] = depths[at]!;
  return lengths;
}

/** Shortens codes that are too long, then lengthens the rarest others until all codes fit again. */
function limitLengths(lengths: Uint8Array, symbols: number[]): void {
  const space = 1 << HUFFMAN_BITS_MAX;
  let used = 0;
  for (const symbol of symbols) {
    lengths[symbol] = Math.min(lengths[symbol]!, HUFFMAN_BITS_MAX);
    used += space >>> lengths[symbol]!;
  }
  while (used > space) {
    const symbol = longestBelowMax(lengths, symbols);
    lengths[symbol]!++;
    used -= space >>> lengths[symbol]!;
  }
  for (let at = symbols.length - 1; used < space; at = at === 0 ? symbols.length - 1 : at - 1) {
    const symbol = symbols[at]!;
    if (used + (space >>> lengths[symbol]!) > space) continue;
    used += space >>> lengths[symbol]!;
    lengths[symbol]!--;
  }
}

/** Among the longest codes that may still grow, the one of the rarest symbol. */
function longestBelowMax(lengths: Uint8Array, symbols: number[]): number {
  let found = -1;
  for (const symbol of symbols) {
    if (lengths[symbol]! >= HUFFMAN_BITS_MAX) continue;
    if (found < 0 || lengths[symbol]! > lengths[found]!) found = symbol;
  }
  return found;
}

/**
 * Writes the tree as `readHuffmanTable` reads it, whichever form is shorter; returns where it
 * ends, -1 where neither form can tell it.
 */
export function writeHuffmanTree(code: HuffmanCode, target: Uint8Array, at: number): number {
  const count = code.symbolMax;
  const weights = new Uint8Array(count);
  for (let symbol = 0; symbol < count; symbol++) {
    const length = code.lengths[symbol]!;
    weights[symbol] = length === 0 ? 0 : code.lengthMax + 1 - length;
  }
  const directEnd = at + 1 + ((count + 1) >>> 1);
  const packedEnd = writePackedWeights(weights, target, at);
  if (packedEnd > 0 && (count > DIRECT_WEIGHTS_MAX || packedEnd < directEnd)) return packedEnd;
  if (count > DIRECT_WEIGHTS_MAX) return -1;
  target[at] = 127 + count;
  for (let symbol = 0; symbol < count; symbol += 2) {
    target[at + 1 + (symbol >>> 1)] = (weights[symbol]! << 4) | (weights[symbol + 1] ?? 0);
  }
  return directEnd;
}

function writePackedWeights(weights: Uint8Array, target: Uint8Array, at: number): number {
  const frequencies = new Int32Array(HUFFMAN_BITS_MAX + 2);
  for (const weight of weights) frequencies[weight]!++;
  let kinds = 0;
  for (const frequency of frequencies) if (frequency > 0) kinds++;
  if (weights.length < 2 || kinds < 2) return -1;
  const log = fseLogFor(weights.length, kinds, WEIGHT_LOG_MAX);
  const counts = normalizeCounts(frequencies, frequencies.length, weights.length, log);
  const encoder = buildFseEncoder(counts, log);
  const streamAt = writeFseCounts(new BitWriter(target, at + 1), counts, log);
  const writer = new BitWriter(target, streamAt);
  const last = weights.length - 1;
  const states = [0, 0];
  states[last & 1] = firstState(encoder, weights[last]!);
  states[(last - 1) & 1] = firstState(encoder, weights[last - 1]!);
  for (let symbol = last - 2; symbol >= 0; symbol--) {
    const turn = symbol & 1;
    states[turn] = nextState(encoder, writer, states[turn]!, weights[symbol]!);
  }
  writer.write(states[1]!, log);
  writer.write(states[0]!, log);
  const end = writer.finishStream();
  const size = end - at - 1;
  if (size >= DIRECT_WEIGHTS_MAX) return -1;
  target[at] = size;
  return end;
}

/** Writes one stream of the symbols from `start` to `end`; returns where it ends. */
export function writeHuffmanStream(
  code: HuffmanCode,
  source: Uint8Array,
  start: number,
  end: number,
  target: Uint8Array,
  at: number,
): number {
  const { codes, lengths } = code;
  let held = 0;
  let heldBits = 0;
  let to = at;
  for (let from = end - 1; from >= start; from--) {
    const symbol = source[from]!;
    held |= codes[symbol]! << heldBits;
    heldBits += lengths[symbol]!;
    while (heldBits >= 8) {
      target[to++] = held;
      held >>>= 8;
      heldBits -= 8;
    }
  }
  target[to++] = held | (1 << heldBits);
  return to;
}
