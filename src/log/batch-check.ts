/** Telling whole batches from torn and damaged ones in the bytes of a segment. */
import {
  BATCH_HEADER_SIZE,
  baseOffset,
  CRC,
  crc,
  lastOffset,
  lastOffsetDelta,
  MAGIC,
  MAGIC_V2,
  magic,
  sizeInBytes,
} from '../records/batch-layout.ts';
import { crc32c } from '../records/crc32c.ts';

const CRC_START = CRC + 4;
const PAGE = 4096;
/** A smaller run of zeros may well be record data. */
const LOST_BYTES = 512;
const CHAIN_BATCHES = 3;
const ZEROS = Buffer.alloc(64 * 1024);

/** The size of the batch at `at` by its header alone, or 0 where the header cannot be right. */
export function plausibleBatch(bytes: Buffer, at: number, end: number, minOffset: number): number {
  if (end - at < BATCH_HEADER_SIZE) return 0;
  const size = sizeInBytes(bytes, at);
  if (size < BATCH_HEADER_SIZE || size > end - at || magic(bytes, at) !== MAGIC_V2) return 0;
  const offset = baseOffset(bytes, at);
  if (offset < minOffset || offset > Number.MAX_SAFE_INTEGER) return 0;
  return lastOffsetDelta(bytes, at) < 0 ? 0 : size;
}

/** The size of the batch at `at` if its checksum holds as well, else 0. */
export function soundBatch(bytes: Buffer, at: number, end: number, minOffset: number): number {
  const size = plausibleBatch(bytes, at, end, minOffset);
  if (size === 0 || crc32c(bytes, at + CRC_START, at + size) !== crc(bytes, at)) return 0;
  return size;
}

/**
 * The same, and the batch's offsets end before those of the next batch. Offsets lie outside the
 * checksum, so only their order shows that they are damaged. Of two batches that overlap, the
 * damaged one is the one that does not fit its other neighbour.
 */
export function orderedBatch(bytes: Buffer, at: number, end: number, minOffset: number): number {
  const size = soundBatch(bytes, at, end, minOffset);
  if (size === 0 || baseOffset(bytes, at) === minOffset) return size;
  const next = at + size;
  const nextSize = plausibleBatch(bytes, next, end, minOffset);
  if (nextSize === 0 || baseOffset(bytes, next) > lastOffset(bytes, at)) return size;
  const afterNext = next + nextSize;
  if (plausibleBatch(bytes, afterNext, end, minOffset) === 0) return size;
  return baseOffset(bytes, afterNext) === lastOffset(bytes, next) + 1 ? 0 : size;
}

/** Whether only zeros are left: what a reservation leaves behind. */
export function isZero(bytes: Buffer, from: number, end: number): boolean {
  for (let at = from; at < end; at += ZEROS.length) {
    const length = Math.min(ZEROS.length, end - at);
    if (bytes.compare(ZEROS, 0, length, at, at + length) !== 0) return false;
  }
  return true;
}

/**
 * The next sound batch after a damaged one, or -1. First it is looked for where the damaged header
 * says that its batch ends, then at every byte, because the length may be what is damaged. A batch
 * that is found in the second way must have sound ones behind it: a record of a torn batch may hold
 * the bytes of a whole batch.
 */
export function nextSoundBatch(bytes: Buffer, from: number, end: number, offset: number): number {
  const size = plausibleBatch(bytes, from, end, 0);
  if (size > 0 && orderedBatch(bytes, from + size, end, offset) > 0) return from + size;
  // The bytes may be a map that reaches beyond the file: nothing behind `end` may be touched.
  const known = bytes.subarray(0, end);
  let at = known.indexOf(MAGIC_V2, from + 1 + MAGIC);
  while (at >= 0) {
    if (isChain(known, at - MAGIC, end, offset)) return at - MAGIC;
    at = known.indexOf(MAGIC_V2, at + 1);
  }
  return -1;
}

/** Several sound batches in a row, or fewer up to the end of the data. */
function isChain(bytes: Buffer, from: number, end: number, offset: number): boolean {
  let at = from;
  let minOffset = offset;
  for (let found = 0; found < CHAIN_BATCHES; found++) {
    const size = soundBatch(bytes, at, end, minOffset);
    if (size === 0) return found > 0 && isZero(bytes, at, end);
    minOffset = lastOffset(bytes, at) + 1;
    at += size;
  }
  return true;
}

/**
 * Whether a page between two sound batches never reached the disk. A power loss leaves such pages
 * as zeros, in any order; a bit that flipped at rest leaves none.
 */
export function hasLostPage(bytes: Buffer, from: number, end: number): boolean {
  let at = from;
  while (at < end) {
    const pageEnd = Math.min(at - (at % PAGE) + PAGE, end);
    if (pageEnd - at >= LOST_BYTES && isZero(bytes, at, pageEnd)) return true;
    at = pageEnd;
  }
  return false;
}
