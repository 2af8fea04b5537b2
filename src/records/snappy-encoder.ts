/** One snappy block: the uncompressed length as a varint, then literals and copies. */
import { writeUnsignedVarint } from '../base/varint.ts';
import { MatchTable, SLOT_SHIFT } from './match-table.ts';

const HASH_MULTIPLIER = 0x1e35a7bd;
/** Within this distance of the end nothing is looked up: a four-byte read must stay inside. */
const TAIL_BYTES = 15;
/** A search without a match steps wider after each 2^5 tries. */
const SKIP_SHIFT = 5;

let table: MatchTable | undefined;

export function snappyBoundBytes(length: number): number {
  return 32 + length + Math.ceil(length / 6);
}

/**
 * Writes the block at `at` and returns where it ends. Blocks are at most 64 KB long, so that
 * every distance fits into 16 bits.
 */
export function compressSnappyBlock(
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
  const searchEnd = end - TAIL_BYTES;
  let to = writeUnsignedVarint(target, at, end - start);
  let literalStart = start;
  let from = start + 1;
  let skip = 1 << SKIP_SHIFT;
  while (from < searchEnd) {
    const word = view.getInt32(from, true);
    const slot = Math.imul(word, HASH_MULTIPLIER) >>> SLOT_SHIFT;
    const candidate = slots[slot]! - bias;
    slots[slot] = from + bias;
    if (candidate < start || view.getInt32(candidate, true) !== word) {
      from += skip++ >>> SKIP_SHIFT;
      continue;
    }
    let matched = from + 4;
    for (let other = candidate + 4; matched < end && source[matched] === source[other]; matched++) {
      other++;
    }
    to = emitLiteral(source, literalStart, from, target, to);
    to = emitCopy(target, to, from - candidate, matched - from);
    if (matched < searchEnd) {
      slots[Math.imul(view.getInt32(matched - 1, true), HASH_MULTIPLIER) >>> SLOT_SHIFT] =
        matched - 1 + bias;
    }
    literalStart = matched;
    from = matched;
    skip = 1 << SKIP_SHIFT;
  }
  return emitLiteral(source, literalStart, end, target, to);
}

function emitLiteral(
  source: Buffer,
  start: number,
  end: number,
  target: Buffer,
  at: number,
): number {
  const length = end - start;
  if (length === 0) return at;
  let to = at;
  const stored = length - 1;
  if (stored < 60) {
    target[to++] = stored << 2;
  } else if (stored < 0x100) {
    target[to++] = 60 << 2;
    target[to++] = stored;
  } else {
    target[to++] = 61 << 2;
    target[to++] = stored & 0xff;
    target[to++] = stored >>> 8;
  }
  if (length <= 48) {
    for (let from = start; from < end; from++) target[to++] = source[from]!;
    return to;
  }
  source.copy(target, to, start, end);
  return to + length;
}

function emitCopy(target: Buffer, at: number, distance: number, length: number): number {
  let to = at;
  let left = length;
  while (left >= 68) {
    to = emitWideCopy(target, to, distance, 64);
    left -= 64;
  }
  if (left > 64) {
    to = emitWideCopy(target, to, distance, 60);
    left -= 60;
  }
  if (left >= 12 || distance >= 2048) return emitWideCopy(target, to, distance, left);
  target[to++] = ((distance >>> 8) << 5) | ((left - 4) << 2) | 1;
  target[to++] = distance & 0xff;
  return to;
}

function emitWideCopy(target: Buffer, at: number, distance: number, length: number): number {
  target[at] = ((length - 1) << 2) | 2;
  target[at + 1] = distance & 0xff;
  target[at + 2] = distance >>> 8;
  return at + 3;
}
