import {
  DISTANCE_MAX,
  emitLastLiterals,
  emitSequence,
  LAST_LITERALS,
  MATCH_BYTES_MIN,
  MATCH_FREE_TAIL,
} from './lz4-sequence.ts';
import { MatchTable, SLOT_SHIFT } from './match-table.ts';

const HASH_MULTIPLIER = 0x9e3779b1 | 0;
/** A search without a match steps wider after each 2^6 tries. */
const SKIP_SHIFT = 6;

let table: MatchTable | undefined;

export function lz4BoundBytes(length: number): number {
  return length + Math.ceil(length / 255) + 16;
}

/** Fast: looks at one earlier place. Writes the block at `at` and returns where it ends. */
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
