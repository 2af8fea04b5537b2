import {
  ATTRIBUTES,
  attributes,
  baseTimestamp,
  LOG_APPEND_TIME_FLAG,
  maxTimestamp,
  NO_TIMESTAMP,
  setAttributes,
  setCrc,
  setMaxTimestamp,
  sizeInBytes,
} from './batch-layout.ts';
import { ACCEPTED, INVALID_TIMESTAMP } from './batch-validator.ts';
import { crc32c } from './crc32c.ts';
import { RecordCursor } from './record-iterator.ts';

/**
 * `message.timestamp.before.max.ms` and `message.timestamp.after.max.ms` for a CreateTime topic:
 * answers 0 or the wire error code. The header is judged, so that no record is opened. A batch
 * without timestamps (-1) passes.
 */
export function checkTimestamps(
  buf: Buffer,
  at: number,
  nowMs: number,
  beforeMaxMs: number,
  afterMaxMs: number,
): number {
  const latest = maxTimestamp(buf, at);
  if (isOutside(latest, nowMs, beforeMaxMs, afterMaxMs)) return INVALID_TIMESTAMP;
  const first = baseTimestamp(buf, at);
  if (isOutside(first, nowMs, beforeMaxMs, afterMaxMs)) return INVALID_TIMESTAMP;
  return ACCEPTED;
}

function isOutside(timestampMs: number, nowMs: number, beforeMaxMs: number, afterMaxMs: number) {
  if (timestampMs === NO_TIMESTAMP) return false;
  const ageMs = nowMs - timestampMs;
  return ageMs > beforeMaxMs || -ageMs > afterMaxMs;
}

/** The same of each record of a batch that is known to be coherent. For refusals: it opens it. */
export function hasTimesOutside(
  buf: Buffer,
  at: number,
  nowMs: number,
  beforeMaxMs: number,
  afterMaxMs: number,
): boolean {
  const cursor = new RecordCursor();
  cursor.open(buf, at);
  while (cursor.next()) {
    if (isOutside(cursor.timestamp, nowMs, beforeMaxMs, afterMaxMs)) return true;
  }
  return false;
}

/** Makes the batch one of `message.timestamp.type=LogAppendTime`, in place, with a new CRC. */
export function stampLogAppendTime(buf: Buffer, at: number, nowMs: number): void {
  setAttributes(buf, at, attributes(buf, at) | LOG_APPEND_TIME_FLAG);
  setMaxTimestamp(buf, at, nowMs);
  setCrc(buf, at, crc32c(buf, at + ATTRIBUTES, at + sizeInBytes(buf, at)));
}
