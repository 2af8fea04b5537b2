import { sizeOfVarint, writeVarint } from '../../base/varint.ts';
import type { Encoded } from '../serde/serde.ts';
import type { Batch } from './batch.ts';

/**
 * Writes a record of format v2 behind the records of a batch:
 *
 *   length  varint   | attributes 1 byte | timestamp delta varint | offset delta varint
 *   key length varint, key | value length varint, value | headers
 *
 * The lengths stand in front, so they must be known first. That of a text is taken to be its number
 * of characters. Where the text turns out to be longer, the record is written once more.
 *
 * Nothing here allocates for a record: this is the producer's hot path.
 */

const NULL_LENGTH = -1;
/** All varints of a record, its attributes, and a headers count of 0. */
const OVERHEAD_MAX = 40;
/** Up to so many characters a loop is quicker than the call into Node. */
const SHORT_TEXT = 16;
const SHORT_BYTES = 16;

/** What a record takes at most. Texts are counted as if each character took three bytes. */
export function mostBytes(key: Encoded, value: Encoded, headers: Uint8Array | null): number {
  return OVERHEAD_MAX + mostOf(key) + mostOf(value) + (headers === null ? 0 : headers.length);
}

function mostOf(part: Encoded): number {
  if (part === null) return 0;
  return typeof part === 'string' ? 3 * part.length : part.length;
}

/** The same with texts measured. */
export function exactBytes(key: Encoded, value: Encoded, headers: Uint8Array | null): number {
  const parts = Math.max(exactOf(key), 0) + Math.max(exactOf(value), 0);
  return OVERHEAD_MAX + parts + (headers === null ? 0 : headers.length);
}

function exactOf(part: Encoded): number {
  if (part === null) return NULL_LENGTH;
  return typeof part === 'string' ? Buffer.byteLength(part) : part.length;
}

function guessOf(part: Encoded): number {
  return part === null ? NULL_LENGTH : part.length;
}

/** Adds the record. The batch has room for `exactBytes`. */
export function writeRecord(
  batch: Batch,
  key: Encoded,
  value: Encoded,
  headers: Uint8Array | null,
  timestamp: number,
): void {
  if (batch.count === 0) batch.baseTimestamp = timestamp;
  if (timestamp > batch.maxTimestamp) batch.maxTimestamp = timestamp;
  let end = write(batch, key, guessOf(key), value, guessOf(value), headers, timestamp);
  if (end < 0) end = write(batch, key, exactOf(key), value, exactOf(value), headers, timestamp);
  batch.length = end;
  batch.count++;
}

/** The position behind the record, -1 where a text has not the given length. */
function write(
  batch: Batch,
  key: Encoded,
  keyLength: number,
  value: Encoded,
  valueLength: number,
  headers: Uint8Array | null,
  timestamp: number,
): number {
  const { bytes, count } = batch;
  const delta = timestamp - batch.baseTimestamp;
  const size =
    1 +
    (delta === 0 ? 1 : sizeOfVarint(delta)) +
    sizeOfLength(count) +
    sizeOfPart(keyLength) +
    sizeOfPart(valueLength) +
    (headers === null ? 1 : headers.length);
  let at = writeLength(bytes, batch.length, size);
  bytes[at++] = 0;
  if (delta === 0) bytes[at++] = 0;
  else at = writeVarint(bytes, at, delta);
  at = writeLength(bytes, at, count);
  at = writePart(bytes, at, key, keyLength);
  if (at < 0) return -1;
  at = writePart(bytes, at, value, valueLength);
  if (at < 0) return -1;
  if (headers === null) {
    bytes[at] = 0;
    return at + 1;
  }
  bytes.set(headers, at);
  return at + headers.length;
}

function sizeOfPart(length: number): number {
  return length < 0 ? 1 : sizeOfLength(length) + length;
}

/** Of the zigzag varint of a number that is not negative. */
function sizeOfLength(length: number): number {
  if (length < 0x40) return 1;
  if (length < 0x2000) return 2;
  if (length < 0x100000) return 3;
  return length < 0x8000000 ? 4 : 5;
}

function writeLength(bytes: Buffer, at: number, length: number): number {
  if (length < 0x40) {
    bytes[at] = length << 1;
    return at + 1;
  }
  if (length < 0x2000) {
    bytes[at] = ((length << 1) & 0x7f) | 0x80;
    bytes[at + 1] = length >>> 6;
    return at + 2;
  }
  return writeVarint(bytes, at, length);
}

function writePart(bytes: Buffer, at: number, part: Encoded, length: number): number {
  if (part === null) {
    bytes[at] = 1;
    return at + 1;
  }
  const start = writeLength(bytes, at, length);
  if (typeof part !== 'string') return writeBytes(bytes, start, part, length);
  if (length <= SHORT_TEXT && part.length === length) return writeShort(bytes, start, part, length);
  return bytes.write(part, start) === length ? start + length : -1;
}

function writeBytes(bytes: Buffer, start: number, part: Uint8Array, length: number): number {
  if (length > SHORT_BYTES) bytes.set(part, start);
  else for (let i = 0; i < length; i++) bytes[start + i] = part[i]!;
  return start + length;
}

function writeShort(bytes: Buffer, start: number, part: string, length: number): number {
  for (let i = 0; i < length; i++) {
    const unit = part.charCodeAt(i);
    if (unit >= 0x80) return -1;
    bytes[start + i] = unit;
  }
  return start + length;
}
