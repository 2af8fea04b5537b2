import {
  BATCH_HEADER_SIZE,
  baseTimestamp,
  codecId,
  NO_TIMESTAMP,
  recordCount,
} from './batch-layout.ts';
import { CODEC } from './codec-ids.ts';

export type WalkRecords = (
  bytes: Uint8Array,
  start: number,
  end: number,
  count: number,
  keysRequired: boolean,
  minDelta: number,
  maxDelta: number,
) => boolean;

/** Below this many records the step into the addon costs more than the walk. */
const FEW_RECORDS = 8;

let walkMany: WalkRecords = portableWalkRecords;

/** The log room puts its native walk in the place of the portable one. */
export function installWalkRecords(implementation: WalkRecords): void {
  walkMany = implementation;
}

/** -1 in zigzag. */
const NULL_LENGTH = 1;

/**
 * The position of the walk, or -1 once a varint was cut off or too long. Kept outside the
 * functions so that a varint costs no object.
 */
let position = 0;

/** An unsigned varint of up to five bytes; most are one or two. */
function nextVarint(bytes: Uint8Array, end: number): number {
  const at = position;
  if (at + 1 < end) {
    const first = bytes[at]!;
    if (first < 0x80) {
      position = at + 1;
      return first;
    }
    const second = bytes[at + 1]!;
    if (second < 0x80) {
      position = at + 2;
      return (first & 0x7f) | (second << 7);
    }
  }
  return nextLongVarint(bytes, end);
}

function nextLongVarint(bytes: Uint8Array, end: number): number {
  let value = 0;
  let scale = 1;
  let at = position;
  const limit = Math.min(end, at + 5);
  while (at < limit) {
    const byte = bytes[at++]!;
    value += (byte & 0x7f) * scale;
    if (byte < 0x80) {
      position = value < 2 ** 32 ? at : -1;
      return value;
    }
    scale *= 128;
  }
  position = -1;
  return 0;
}

/**
 * A zigzag varint of up to seven bytes; NaN where it is cut off or longer. A timestamp delta beyond
 * 2^48 ms is no time, and past 2^53 a double does not hold it.
 */
function nextVarlong(bytes: Uint8Array, end: number): number {
  let value = 0;
  let scale = 1;
  let at = position;
  const limit = Math.min(end, at + 7);
  while (at < limit) {
    const byte = bytes[at++]!;
    value += (byte & 0x7f) * scale;
    if (byte < 0x80) {
      position = at;
      return value % 2 === 0 ? value / 2 : -(value + 1) / 2;
    }
    scale *= 128;
  }
  return Number.NaN;
}

/** Steps over a length (zigzag, -1 is null) and its bytes; false where they do not fit. */
function skipBytes(bytes: Uint8Array, end: number): boolean {
  const raw = nextVarint(bytes, end);
  if (position < 0) return false;
  if ((raw & 1) !== 0) return raw === NULL_LENGTH;
  position += raw / 2;
  return position <= end;
}

/**
 * The records of a batch whose frame, CRC and header have been checked are coherent, and none is
 * older than `earliestMs` or newer than `latestMs`. A compressed batch passes unopened, and one
 * whose base timestamp is -1 whatever its times are. `keysRequired` is for compacted topics.
 */
export function checkRecords(
  buf: Buffer,
  at: number,
  size: number,
  keysRequired: boolean,
  earliestMs = Number.NEGATIVE_INFINITY,
  latestMs = Number.POSITIVE_INFINITY,
): boolean {
  if (codecId(buf, at) !== CODEC.NONE) return true;
  const start = at + BATCH_HEADER_SIZE;
  const end = at + size;
  const count = recordCount(buf, at);
  const base = baseTimestamp(buf, at);
  if (base === NO_TIMESTAMP) return walkRecords(buf, start, end, count, keysRequired);
  return walkRecords(buf, start, end, count, keysRequired, earliestMs - base, latestMs - base);
}

/**
 * Every length stays inside its record, every record inside `start` to `end`, offset deltas run
 * 0, 1, 2 … and nothing is left over. No timestamp delta lies outside of the bounds.
 *
 *   record: length varint | attributes int8 | timestamp delta varlong | offset delta varint |
 *           key length varint, key | value length varint, value |
 *           header count varint | (key length varint, key | value length varint, value)*
 */
export function walkRecords(
  bytes: Uint8Array,
  start: number,
  end: number,
  count: number,
  keysRequired: boolean,
  minDelta = Number.NEGATIVE_INFINITY,
  maxDelta = Number.POSITIVE_INFINITY,
): boolean {
  const walk = count < FEW_RECORDS ? portableWalkRecords : walkMany;
  return walk(bytes, start, end, count, keysRequired, minDelta, maxDelta);
}

export function portableWalkRecords(
  bytes: Uint8Array,
  start: number,
  end: number,
  count: number,
  keysRequired: boolean,
  minDelta: number,
  maxDelta: number,
): boolean {
  position = start;
  for (let delta = 0; delta < count; delta++) {
    const length = nextVarint(bytes, end);
    if (position < 0 || (length & 1) !== 0) return false;
    const recordEnd = position + length / 2;
    if (recordEnd > end) return false;
    position++;
    const time = nextVarlong(bytes, recordEnd);
    // Written so that NaN is refused.
    if (!(time >= minDelta && time <= maxDelta)) return false;
    if (nextVarint(bytes, recordEnd) !== delta * 2 || position < 0) return false;
    if (keysRequired && position < recordEnd && bytes[position] === NULL_LENGTH) return false;
    if (!skipBytes(bytes, recordEnd) || !skipBytes(bytes, recordEnd)) return false;
    if (position >= recordEnd) return false;
    if (bytes[position] === 0) position++;
    else if (!skipHeaders(bytes, recordEnd)) return false;
    if (position !== recordEnd) return false;
  }
  return position === end;
}

function skipHeaders(bytes: Uint8Array, end: number): boolean {
  const raw = nextVarint(bytes, end);
  if (position < 0 || (raw & 1) !== 0) return false;
  for (let left = raw / 2; left > 0; left--) {
    if (position >= end || (bytes[position]! & 1) !== 0) return false;
    if (!skipBytes(bytes, end) || !skipBytes(bytes, end)) return false;
  }
  return true;
}
