import { BitWriter } from './zstd-bit-writer.ts';
import {
  buildFseEncoder,
  type FseEncoder,
  firstState,
  fseLogFor,
  nextState,
  normalizeCounts,
  writeFseCounts,
} from './zstd-fse-encoder.ts';
import { buildHuffmanCode, writeHuffmanStream, writeHuffmanTree } from './zstd-huffman-encoder.ts';
import type { ZstdMatchFinder } from './zstd-match-finder.ts';
import * as zstd from './zstd-tables.ts';

/** Below this a tree costs more than it saves. */
const HUFFMAN_LITERALS_MIN = 64;
const FOUR_STREAMS_MIN = 1024;
/** Below this the predefined tables do. */
const OWN_TABLES_MIN = 48;

/** A block is made here and copied when it is worth it; worst cases of all parts fit. */
let scratch = Buffer.alloc(0);
let literals = new Uint8Array(0);
const frequencies = new Int32Array(256);
const codesOf = { run: literals, offset: literals, match: literals };

/** On first use: most threads never come here. */
function allocateScratch(): void {
  scratch = Buffer.alloc(4 * zstd.BLOCK_BYTES_MAX);
  literals = new Uint8Array(zstd.BLOCK_BYTES_MAX);
  codesOf.run = new Uint8Array(zstd.BLOCK_BYTES_MAX / 4);
  codesOf.offset = new Uint8Array(zstd.BLOCK_BYTES_MAX / 4);
  codesOf.match = new Uint8Array(zstd.BLOCK_BYTES_MAX / 4);
}

/**
 * Writes literals and sequences of `start` to `end`; returns where they end, -1 where that would
 * take no fewer bytes than the block itself.
 */
export function writeCompressedBlock(
  finder: ZstdMatchFinder,
  input: Uint8Array,
  start: number,
  end: number,
  out: Buffer,
  at: number,
): number {
  if (end - start < 2) return -1;
  if (scratch.length === 0) allocateScratch();
  const count = gatherLiterals(finder, input, start, end);
  const literalsEnd = writeLiterals(count);
  const size = writeSequences(finder, literalsEnd);
  if (size >= end - start) return -1;
  scratch.copy(out, at, 0, size);
  return at + size;
}

function gatherLiterals(
  finder: ZstdMatchFinder,
  input: Uint8Array,
  start: number,
  end: number,
): number {
  let from = start;
  let to = 0;
  for (let at = 0; at < finder.count; at++) {
    const run = finder.literalRuns[at]!;
    for (const stop = from + run; from < stop; ) literals[to++] = input[from++]!;
    from += finder.matchLengths[at]!;
  }
  literals.set(input.subarray(from, end), to);
  return to + end - from;
}

/** Writes the literals section at the beginning of `scratch`. */
function writeLiterals(count: number): number {
  if (count >= HUFFMAN_LITERALS_MIN) {
    frequencies.fill(0);
    for (let at = 0; at < count; at++) frequencies[literals[at]!]!++;
    let most = 0;
    for (let symbol = 0; symbol < 256; symbol++) most = Math.max(most, frequencies[symbol]!);
    if (most === count) {
      const headerEnd = writeLiteralsHeader(zstd.LITERALS_RLE, count);
      scratch[headerEnd] = literals[0]!;
      return headerEnd + 1;
    }
    // Bytes that are all about as frequent do not yield to Huffman's code.
    const packedEnd = most > (count >>> 7) + 4 ? writePackedLiterals(count) : -1;
    if (packedEnd > 0) return packedEnd;
  }
  const headerEnd = writeLiteralsHeader(zstd.LITERALS_RAW, count);
  scratch.set(literals.subarray(0, count), headerEnd);
  return headerEnd + count;
}

function writeLiteralsHeader(type: number, count: number): number {
  if (count < 32) return scratch.writeUIntLE(type | (count << 3), 0, 1);
  if (count < 4096) return scratch.writeUIntLE(type | (1 << 2) | (count << 4), 0, 2);
  return scratch.writeUIntLE(type | (3 << 2) | (count << 4), 0, 3);
}

/** Returns -1 where the code takes no fewer bytes than the literals. */
function writePackedLiterals(count: number): number {
  const code = buildHuffmanCode(frequencies);
  const format = count < FOUR_STREAMS_MIN ? 0 : count < 16_384 ? 2 : 3;
  const headerBytes = Math.max(3, format + 2);
  const width = [10, 10, 14, 18][format]!;
  let to = writeHuffmanTree(code, scratch, headerBytes);
  if (to < 0) return -1;
  if (format === 0) {
    to = writeHuffmanStream(code, literals, 0, count, scratch, to);
  } else {
    const jumpAt = to;
    const share = (count + 3) >>> 2;
    to += 6;
    for (let stream = 0; stream < 4; stream++) {
      const from = to;
      const stop = Math.min(share * (stream + 1), count);
      to = writeHuffmanStream(code, literals, share * stream, stop, scratch, to);
      if (stream < 3) scratch.writeUInt16LE(to - from, jumpAt + 2 * stream);
    }
  }
  const packedBytes = to - headerBytes;
  if (packedBytes >= count || packedBytes >= 2 ** width) return -1;
  const head = zstd.LITERALS_COMPRESSED | (format << 2);
  scratch.writeUIntLE(head + count * 2 ** 4 + packedBytes * 2 ** (4 + width), 0, headerBytes);
  return to;
}

function writeSequences(finder: ZstdMatchFinder, at: number): number {
  const { count } = finder;
  let to = at;
  if (count < 128) {
    scratch[to++] = count;
  } else if (count < 0x7f00) {
    scratch[to++] = (count >>> 8) + 128;
    scratch[to++] = count & 0xff;
  } else {
    scratch[to++] = 255;
    to = scratch.writeUInt16LE(count - 0x7f00, to);
  }
  if (count === 0) return to;
  for (let sequence = 0; sequence < count; sequence++) {
    codesOf.run[sequence] = runCode(finder.literalRuns[sequence]!);
    codesOf.offset[sequence] = 31 - Math.clz32(finder.offsetCodes[sequence]!);
    codesOf.match[sequence] = matchCode(finder.matchLengths[sequence]!);
  }
  const modesAt = to++;
  const run = chooseTable(codesOf.run, count, RUN_KIND, to);
  const offset = chooseTable(codesOf.offset, count, OFFSET_KIND, run.end);
  const match = chooseTable(codesOf.match, count, MATCH_KIND, offset.end);
  scratch[modesAt] = (run.mode << 6) | (offset.mode << 4) | (match.mode << 2);
  return writeSequenceBits(finder, run.encoder, offset.encoder, match.encoder, match.end);
}

interface TableKind {
  readonly codes: number;
  readonly logMax: number;
  readonly predefined: FseEncoder;
}

interface TableChoice {
  readonly mode: number;
  readonly encoder: FseEncoder;
  /** Where the table's description ends. */
  readonly end: number;
}

const RUN_KIND: TableKind = {
  codes: zstd.LITERAL_LENGTH_CODE_MAX + 1,
  logMax: 9,
  predefined: buildFseEncoder(zstd.LITERAL_LENGTH_DEFAULT, zstd.LITERAL_LENGTH_DEFAULT_LOG),
};
const OFFSET_KIND: TableKind = {
  codes: zstd.OFFSET_CODE_MAX + 1,
  logMax: 8,
  predefined: buildFseEncoder(zstd.OFFSET_DEFAULT, zstd.OFFSET_DEFAULT_LOG),
};
const MATCH_KIND: TableKind = {
  codes: zstd.MATCH_LENGTH_CODE_MAX + 1,
  logMax: 9,
  predefined: buildFseEncoder(zstd.MATCH_LENGTH_DEFAULT, zstd.MATCH_LENGTH_DEFAULT_LOG),
};

function chooseTable(codes: Uint8Array, count: number, kind: TableKind, at: number): TableChoice {
  if (count < OWN_TABLES_MIN) {
    return { mode: zstd.TABLE_PREDEFINED, encoder: kind.predefined, end: at };
  }
  const seen = new Int32Array(kind.codes);
  for (let sequence = 0; sequence < count; sequence++) seen[codes[sequence]!]!++;
  let kinds = 0;
  let symbols = 0;
  for (let code = 0; code < kind.codes; code++) {
    if (seen[code] === 0) continue;
    kinds++;
    symbols = code + 1;
  }
  if (kinds === 1) {
    scratch[at] = symbols - 1;
    const counts = new Int16Array(symbols);
    counts[symbols - 1] = 1;
    return { mode: zstd.TABLE_RLE, encoder: buildFseEncoder(counts, 0), end: at + 1 };
  }
  const log = fseLogFor(count, kinds, kind.logMax);
  const counts = normalizeCounts(seen, symbols, count, log);
  const end = writeFseCounts(new BitWriter(scratch, at), counts, log);
  return { mode: zstd.TABLE_FSE, encoder: buildFseEncoder(counts, log), end };
}

/** The last sequence comes first: the stream is read backwards. */
function writeSequenceBits(
  finder: ZstdMatchFinder,
  runs: FseEncoder,
  offsets: FseEncoder,
  matches: FseEncoder,
  at: number,
): number {
  const writer = new BitWriter(scratch, at);
  const last = finder.count - 1;
  let matchState = firstState(matches, codesOf.match[last]!);
  let offsetState = firstState(offsets, codesOf.offset[last]!);
  let runState = firstState(runs, codesOf.run[last]!);
  writeExtraBits(finder, writer, last);
  for (let sequence = last - 1; sequence >= 0; sequence--) {
    offsetState = nextState(offsets, writer, offsetState, codesOf.offset[sequence]!);
    matchState = nextState(matches, writer, matchState, codesOf.match[sequence]!);
    runState = nextState(runs, writer, runState, codesOf.run[sequence]!);
    writeExtraBits(finder, writer, sequence);
  }
  writer.write(matchState, matches.log);
  writer.write(offsetState, offsets.log);
  writer.write(runState, runs.log);
  return writer.finishStream();
}

/** How far a value lies above its code's baseline; of an offset, the bits below the highest. */
function writeExtraBits(finder: ZstdMatchFinder, writer: BitWriter, sequence: number): void {
  const run = codesOf.run[sequence]!;
  const match = codesOf.match[sequence]!;
  const runRest = finder.literalRuns[sequence]! - zstd.LITERAL_LENGTH_BASE[run]!;
  const matchRest = finder.matchLengths[sequence]! - zstd.MATCH_LENGTH_BASE[match]!;
  writer.write(runRest, zstd.LITERAL_LENGTH_BITS[run]!);
  writer.write(matchRest, zstd.MATCH_LENGTH_BITS[match]!);
  writer.writeWide(finder.offsetCodes[sequence]!, codesOf.offset[sequence]!);
}

/** Small values by table, large ones by the position of their highest bit. */
const RUN_CODES = codesUpTo(64, zstd.LITERAL_LENGTH_BASE);
const MATCH_CODES = codesUpTo(131, zstd.MATCH_LENGTH_BASE);

function codesUpTo(limit: number, bases: Int32Array): Uint8Array {
  const codes = new Uint8Array(limit);
  for (let value = 0, code = 0; value < limit; value++) {
    while (code + 1 < bases.length && bases[code + 1]! <= value) code++;
    codes[value] = code;
  }
  return codes;
}

function runCode(run: number): number {
  return run < 64 ? RUN_CODES[run]! : 31 - Math.clz32(run) + 19;
}

function matchCode(length: number): number {
  return length < 131 ? MATCH_CODES[length]! : 31 - Math.clz32(length - 3) + 36;
}
