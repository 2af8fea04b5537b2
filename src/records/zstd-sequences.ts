import {
  buildFseTable,
  type FseTable,
  fseHeaderEnd,
  readFseTable,
  singleSymbolTable,
} from './zstd-fse.ts';
import { bitsAt, streamBits } from './zstd-huffman.ts';
import type { ZstdState } from './zstd-literals.ts';
import { malformedZstd } from './zstd-malformed.ts';
import * as zstd from './zstd-tables.ts';

/** Of literal lengths, offsets and match lengths, in the order in which a block has them. */
const KINDS = [
  {
    symbolMax: zstd.LITERAL_LENGTH_CODE_MAX,
    logMax: 9,
    counts: zstd.LITERAL_LENGTH_DEFAULT,
    log: zstd.LITERAL_LENGTH_DEFAULT_LOG,
  },
  {
    symbolMax: zstd.OFFSET_CODE_MAX,
    logMax: 8,
    counts: zstd.OFFSET_DEFAULT,
    log: zstd.OFFSET_DEFAULT_LOG,
  },
  {
    symbolMax: zstd.MATCH_LENGTH_CODE_MAX,
    logMax: 9,
    counts: zstd.MATCH_LENGTH_DEFAULT,
    log: zstd.MATCH_LENGTH_DEFAULT_LOG,
  },
] as const;

const defaults: (FseTable | undefined)[] = [undefined, undefined, undefined];
const SHORT_COPY_MAX = 48;

/**
 * Reads the sequences of a block and writes what they and its literals yield. Returns where the
 * output ends, -1 when it would go past `limit`.
 */
export function readSequences(
  state: ZstdState,
  at: number,
  end: number,
  target: Uint8Array,
  targetStart: number,
  limit: number,
): number {
  if (at >= end) throw malformedZstd('the sequences are missing');
  const { bytes } = state;
  let count = bytes[at]!;
  let position = at + 1;
  if (count === 255) {
    count = state.view.getUint16(position, true) + 0x7f00;
    position += 2;
  } else if (count > 127) {
    count = ((count - 128) << 8) | bytes[position++]!;
  }
  if (count === 0) {
    if (position !== end) throw malformedZstd('bytes are left in a block');
    return copyLiterals(state, 0, target, targetStart, limit);
  }
  if (position >= end) throw malformedZstd('the sequences are cut off');
  const modes = bytes[position++]!;
  if ((modes & 3) !== 0) throw malformedZstd('a reserved bit is set');
  for (let kind = 0; kind < 3; kind++) {
    position = readTable(state, kind, (modes >>> (6 - 2 * kind)) & 3, position, end);
  }
  return expand(state, count, position, end, target, targetStart, limit);
}

function readTable(state: ZstdState, kind: number, mode: number, at: number, end: number): number {
  const { symbolMax, logMax, counts, log } = KINDS[kind]!;
  if (mode === zstd.TABLE_PREDEFINED) {
    defaults[kind] ??= buildFseTable(counts, log);
    state.tables[kind] = defaults[kind];
    return at;
  }
  if (mode === zstd.TABLE_REPEAT) {
    if (state.tables[kind] === undefined) throw malformedZstd('a table is missing');
    return at;
  }
  if (at >= end) throw malformedZstd('the sequences are cut off');
  if (mode === zstd.TABLE_RLE) {
    if (state.bytes[at]! > symbolMax) throw malformedZstd('an unknown code');
    state.tables[kind] = singleSymbolTable(state.bytes[at]!);
    return at + 1;
  }
  state.tables[kind] = readFseTable(state.bytes, at, end, symbolMax, logMax);
  return fseHeaderEnd;
}

/** Copies all literals from `from` on. */
function copyLiterals(
  state: ZstdState,
  from: number,
  target: Uint8Array,
  to: number,
  limit: number,
): number {
  const length = state.literalsLength - from;
  if (length > limit - to) return -1;
  target.set(state.literals.subarray(from, state.literalsLength), to);
  return to + length;
}

function expand(
  state: ZstdState,
  count: number,
  at: number,
  end: number,
  target: Uint8Array,
  targetStart: number,
  limit: number,
): number {
  const { view, literals, literalsLength, repeats, frameStart } = state;
  const [lengthTable, offsetTable, matchTable] = state.tables;
  const lengths = lengthTable!.entries;
  const offsets = offsetTable!.entries;
  const matches = matchTable!.entries;
  let bit = streamBits(view, at, end);
  bit -= lengthTable!.log + offsetTable!.log + matchTable!.log;
  if (bit < 0) throw malformedZstd('the sequences are cut off');
  let lengthState = bitsAt(view, at, bit + offsetTable!.log + matchTable!.log, lengthTable!.log);
  let offsetState = bitsAt(view, at, bit + matchTable!.log, offsetTable!.log);
  let matchState = bitsAt(view, at, bit, matchTable!.log);
  const words = new DataView(target.buffer, target.byteOffset, target.byteLength);
  let literal = 0;
  let to = targetStart;
  for (let left = count - 1; left >= 0; left--) {
    const lengthEntry = lengths[lengthState]!;
    const offsetEntry = offsets[offsetState]!;
    const matchEntry = matches[matchState]!;
    const offsetBits = offsetEntry & 0xff;
    bit -= offsetBits;
    let code = wideBitsAt(view, at, bit, offsetBits) + ((1 << offsetBits) >>> 0);
    let width = zstd.MATCH_LENGTH_BITS[matchEntry & 0xff]!;
    bit -= width;
    let matchLeft = zstd.MATCH_LENGTH_BASE[matchEntry & 0xff]! + bitsAt(view, at, bit, width);
    width = zstd.LITERAL_LENGTH_BITS[lengthEntry & 0xff]!;
    bit -= width;
    const run = zstd.LITERAL_LENGTH_BASE[lengthEntry & 0xff]! + bitsAt(view, at, bit, width);
    if (left > 0) {
      width = (lengthEntry >>> 8) & 0xff;
      bit -= width;
      lengthState = (lengthEntry >>> 16) + bitsAt(view, at, bit, width);
      width = (matchEntry >>> 8) & 0xff;
      bit -= width;
      matchState = (matchEntry >>> 16) + bitsAt(view, at, bit, width);
      width = (offsetEntry >>> 8) & 0xff;
      bit -= width;
      offsetState = (offsetEntry >>> 16) + bitsAt(view, at, bit, width);
    }
    if (bit < 0 || run > literalsLength - literal) throw malformedZstd('a bad sequence');
    if (run + matchLeft > limit - to) return -1;
    if (code > 3) code = pushRepeat(repeats, code - 3);
    else code = takeRepeat(repeats, run === 0 ? code : code - 1);
    if (run <= SHORT_COPY_MAX) {
      for (const stop = to + run; to < stop; ) target[to++] = literals[literal++]!;
    } else {
      target.set(literals.subarray(literal, literal + run), to);
      literal += run;
      to += run;
    }
    if (code <= 0 || code > to - frameStart) throw malformedZstd('a bad offset');
    let back = to - code;
    if (code >= 4) {
      for (; matchLeft >= 4; matchLeft -= 4, to += 4, back += 4) {
        words.setInt32(to, words.getInt32(back, true), true);
      }
    }
    for (; matchLeft > 0; matchLeft--) target[to++] = target[back++]!;
  }
  if (bit !== 0) throw malformedZstd('bits are left after the sequences');
  return copyLiterals(state, literal, target, to, limit);
}

/** Up to 32 bits. */
function wideBitsAt(view: DataView, start: number, bit: number, count: number): number {
  if (count <= 24) return bitsAt(view, start, bit, count);
  return bitsAt(view, start, bit + 16, count - 16) * 2 ** 16 + bitsAt(view, start, bit, 16);
}

function pushRepeat(repeats: [number, number, number], offset: number): number {
  repeats[2] = repeats[1];
  repeats[1] = repeats[0];
  repeats[0] = offset;
  return offset;
}

/** The three last offsets, the most recent first; index 3 is the most recent less one. */
function takeRepeat(repeats: [number, number, number], index: number): number {
  if (index === 0) return repeats[0];
  const offset = index === 3 ? repeats[0] - 1 : repeats[index]!;
  if (index !== 1) repeats[2] = repeats[1];
  repeats[1] = repeats[0];
  repeats[0] = offset;
  return offset;
}
