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

/**
 * `message.timestamp.before.max.ms` and `message.timestamp.after.max.ms` for a CreateTime topic:
 * answers 0 or the wire error code. Judged by the header, so that no record is opened. A batch
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

/** Makes the batch one of `message.timestamp.type=LogAppendTime`, in place, with a new CRC. */
export function stampLogAppendTime(buf: Buffer, at: number, nowMs: number): void {
  setAttributes(buf, at, attributes(buf, at) | LOG_APPEND_TIME_FLAG);
  setMaxTimestamp(buf, at, nowMs);
  setCrc(buf, at, crc32c(buf, at + ATTRIBUTES, at + sizeInBytes(buf, at)));
}
