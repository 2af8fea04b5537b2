/** Walks over the batches of a segment, as native/src/batches.cc has them. */
import {
  BATCH_HEADER_SIZE,
  baseOffset,
  CRC,
  crc,
  lastOffset,
  lastOffsetDelta,
  MAGIC_V2,
  magic,
  maxTimestamp,
  producerId,
  sizeInBytes,
} from '../../records/batch-layout.ts';
import { portableCrc32c } from '../../records/crc32c.ts';

const CRC_START = CRC + 4;

/** The size of the batch by its header, 0 where it does not lie below `end`. */
function sizeBelow(bytes: Buffer, at: number, end: number): number {
  const room = end - at;
  if (room < BATCH_HEADER_SIZE || magic(bytes, at) !== MAGIC_V2) return 0;
  const size = sizeInBytes(bytes, at);
  return size < BATCH_HEADER_SIZE || size > room ? 0 : size;
}

export function scanBatches(
  bytes: Buffer,
  start: number,
  end: number,
  offset: number,
  budget: number,
  found: Float64Array,
): number {
  let at = start;
  let nextOffset = offset;
  let newest = -1;
  let newestOffset = -1;
  while (at - start <= budget) {
    const size = sizeBelow(bytes, at, end);
    if (size === 0 || baseOffset(bytes, at) !== nextOffset) break;
    const last = lastOffset(bytes, at);
    if (lastOffsetDelta(bytes, at) < 0 || last >= Number.MAX_SAFE_INTEGER) break;
    if (portableCrc32c(bytes, at + CRC_START, at + size) !== crc(bytes, at)) break;
    const timestamp = maxTimestamp(bytes, at);
    if (timestamp > newest) {
      newest = timestamp;
      newestOffset = last;
    }
    nextOffset = last + 1;
    at += size;
  }
  found[0] = nextOffset;
  found[1] = newest;
  found[2] = newestOffset;
  return at;
}

export function skipPlainBatches(bytes: Buffer, start: number, end: number): number {
  let at = start;
  for (;;) {
    const size = sizeBelow(bytes, at, end);
    if (size === 0 || producerId(bytes, at) >= 0) return at;
    at += size;
  }
}
