/**
 * LZ4 blocks: sequences of literals and matches.
 *
 *   token: literal length (4 bits) | match length - 4 (4 bits); 15 goes on in bytes of up to 255
 *   +-------+--------------+----------+--------------+--------------+
 *   | token | more length  | literals | distance u16 | more length  |
 *   +-------+--------------+----------+--------------+--------------+
 *
 * The last sequence ends after its literals; the last five bytes are always literals, and no
 * match starts within the last twelve.
 */
import { MatchTable, SLOT_SHIFT } from './match-table.ts';

const HASH_MULTIPLIER = 0x9e3779b1 | 0;
const MATCH_BYTES_MIN = 4;
const LAST_LITERALS = 5;
const MATCH_FREE_TAIL = 12;
const DISTANCE_MAX = 0xffff;
const NIBBLE_MAX = 15;
const SHORT_COPY_MAX = 48;
/** A search without a match steps wider after each 2^6 tries. */
const SKIP_SHIFT = 6;

let table: MatchTable | undefined;

export function lz4BoundBytes(length: number): number {
  return length + Math.ceil(length / 255) + 16;
}

/** Writes the block at `at` and returns where it ends. */
export function compressLz4Block(
  source: Buffer,
  start: number,
  end: number,
  target: Buffer,
  at: number,
): number {
  table ??= new MatchTable();
  const { slots } = table;
  const bias = table.biasFor(start, end);
  const view = new DataView(source.buffer, source.byteOffset, source.byteLength);
  const searchEnd = end - MATCH_FREE_TAIL;
  const matchEnd = end - LAST_LITERALS;
  let to = at;
  let literalStart = start;
  let from = start + 1;
  let skip = 1 << SKIP_SHIFT;
  while (from < searchEnd) {
    const word = view.getInt32(from, true);
    const slot = Math.imul(word, HASH_MULTIPLIER) >>> SLOT_SHIFT;
    let candidate = slots[slot]! - bias;
    slots[slot] = from + bias;
    if (
      candidate < start ||
      from - candidate > DISTANCE_MAX ||
      view.getInt32(candidate, true) !== word
    ) {
      from += skip++ >>> SKIP_SHIFT;
      continue;
    }
    let matchStart = from;
    while (
      matchStart > literalStart &&
      candidate > start &&
      source[matchStart - 1] === source[candidate - 1]
    ) {
      matchStart--;
      candidate--;
    }
    let matched = from + MATCH_BYTES_MIN;
    const distance = matchStart - candidate;
    while (matched < matchEnd && source[matched] === source[matched - distance]) matched++;
    to = emitSequence(source, literalStart, matchStart, target, to, distance, matched - matchStart);
    if (matched < searchEnd) {
      slots[Math.imul(view.getInt32(matched - 2, true), HASH_MULTIPLIER) >>> SLOT_SHIFT] =
        matched - 2 + bias;
    }
    literalStart = matched;
    from = matched;
    skip = 1 << SKIP_SHIFT;
  }
  return emitLastLiterals(source, literalStart, end, target, to);
}

function emitSequence(
  source: Buffer,
  literalStart: number,
  literalEnd: number,
  target: Buffer,
  at: number,
  distance: number,
  length: number,
): number {
  const literals = literalEnd - literalStart;
  const extra = length - MATCH_BYTES_MIN;
  target[at] = (Math.min(literals, NIBBLE_MAX) << 4) | Math.min(extra, NIBBLE_MAX);
  let to = at + 1;
  if (literals >= NIBBLE_MAX) to = emitLength(target, to, literals - NIBBLE_MAX);
  to = copyLiterals(source, literalStart, literalEnd, target, to);
  target[to] = distance & 0xff;
  target[to + 1] = distance >>> 8;
  to += 2;
  return extra >= NIBBLE_MAX ? emitLength(target, to, extra - NIBBLE_MAX) : to;
}

function emitLastLiterals(
  source: Buffer,
  start: number,
  end: number,
  target: Buffer,
  at: number,
): number {
  const literals = end - start;
  target[at] = Math.min(literals, NIBBLE_MAX) << 4;
  const to = literals >= NIBBLE_MAX ? emitLength(target, at + 1, literals - NIBBLE_MAX) : at + 1;
  return copyLiterals(source, start, end, target, to);
}

function emitLength(target: Buffer, at: number, length: number): number {
  let to = at;
  let left = length;
  for (; left >= 255; left -= 255) target[to++] = 255;
  target[to++] = left;
  return to;
}

function copyLiterals(
  source: Buffer,
  start: number,
  end: number,
  target: Buffer,
  at: number,
): number {
  if (end - start > SHORT_COPY_MAX) {
    source.copy(target, at, start, end);
  } else {
    for (let from = start, to = at; from < end; from++) target[to++] = source[from]!;
  }
  return at + end - start;
}
