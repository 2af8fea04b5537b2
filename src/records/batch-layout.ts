/**
 * Record batch, format v2 (magic 2): the one form in which records travel, rest on disk and are
 * served. All numbers are big-endian.
 *
 *    0               8           12          16   17          21      23
 *   +---------------+-----------+-----------+----+-----------+-------+-----------+
 *   | baseOffset    | length    | leader    | ma | CRC-32C   | attri | last      |
 *   | int64         | int32     | epoch i32 | gic| uint32    | butes | offset    |
 *   +---------------+-----------+-----------+----+-----------+-------+- delta ---+
 *   27              35              43              51      53          57       61
 *   +---------------+---------------+---------------+-------+-----------+--------+----
 *   | base          | max           | producer id   | prod. | base      | record | records
 *   | timestamp i64 | timestamp i64 | int64         | epoch | sequence  | count  | ...
 *   +---------------+---------------+---------------+-------+-----------+--------+----
 *
 * `length` counts what follows it. The CRC covers everything from the attributes on, so the base
 * offset and the leader epoch may be stamped in place without touching it.
 *
 *   attributes:  15 ...... 7 | 6 delete horizon | 5 control | 4 transactional |
 *                3 timestamp type (1 = log append time) | 2..0 codec
 */
export const BASE_OFFSET = 0;
export const LENGTH = BASE_OFFSET + 8;
export const LEADER_EPOCH = LENGTH + 4;
export const MAGIC = LEADER_EPOCH + 4;
export const CRC = MAGIC + 1;
export const ATTRIBUTES = CRC + 4;
export const LAST_OFFSET_DELTA = ATTRIBUTES + 2;
export const BASE_TIMESTAMP = LAST_OFFSET_DELTA + 4;
export const MAX_TIMESTAMP = BASE_TIMESTAMP + 8;
export const PRODUCER_ID = MAX_TIMESTAMP + 8;
export const PRODUCER_EPOCH = PRODUCER_ID + 8;
export const BASE_SEQUENCE = PRODUCER_EPOCH + 2;
export const RECORD_COUNT = BASE_SEQUENCE + 4;
export const RECORDS = RECORD_COUNT + 4;

/** Base offset and length: what stands before the bytes that `length` counts. */
export const LOG_OVERHEAD = LENGTH + 4;
export const BATCH_HEADER_SIZE = RECORDS;
export const MAGIC_V2 = 2;

export const CODEC_MASK = 0x07;
export const LOG_APPEND_TIME_FLAG = 0x08;
export const TRANSACTIONAL_FLAG = 0x10;
export const CONTROL_FLAG = 0x20;
export const DELETE_HORIZON_FLAG = 0x40;

export const NO_TIMESTAMP = -1;
export const NO_PRODUCER_ID = -1;
export const NO_PRODUCER_EPOCH = -1;
export const NO_SEQUENCE = -1;

const SEQUENCE_SPAN = 2 ** 31;
const WORD = 2 ** 32;

/** Loses precision past 2^53. Values that must be exact are checked where they are accepted. */
function readInt64(buf: Buffer, at: number): number {
  return buf.readInt32BE(at) * WORD + buf.readUInt32BE(at + 4);
}

function writeInt64(buf: Buffer, at: number, value: number): void {
  const high = Math.floor(value / WORD);
  buf.writeInt32BE(high, at);
  buf.writeUInt32BE(value - high * WORD, at + 4);
}

export function baseOffset(buf: Buffer, at: number): number {
  return readInt64(buf, at + BASE_OFFSET);
}

export function batchLength(buf: Buffer, at: number): number {
  return buf.readInt32BE(at + LENGTH);
}

/** The whole batch, header included. */
export function sizeInBytes(buf: Buffer, at: number): number {
  return LOG_OVERHEAD + buf.readInt32BE(at + LENGTH);
}

export function partitionLeaderEpoch(buf: Buffer, at: number): number {
  return buf.readInt32BE(at + LEADER_EPOCH);
}

export function magic(buf: Buffer, at: number): number {
  return buf.readInt8(at + MAGIC);
}

export function crc(buf: Buffer, at: number): number {
  return buf.readUInt32BE(at + CRC);
}

export function attributes(buf: Buffer, at: number): number {
  return buf.readInt16BE(at + ATTRIBUTES);
}

export function codecId(buf: Buffer, at: number): number {
  return buf.readInt16BE(at + ATTRIBUTES) & CODEC_MASK;
}

export function isLogAppendTime(buf: Buffer, at: number): boolean {
  return (buf.readInt16BE(at + ATTRIBUTES) & LOG_APPEND_TIME_FLAG) !== 0;
}

export function isTransactional(buf: Buffer, at: number): boolean {
  return (buf.readInt16BE(at + ATTRIBUTES) & TRANSACTIONAL_FLAG) !== 0;
}

export function isControl(buf: Buffer, at: number): boolean {
  return (buf.readInt16BE(at + ATTRIBUTES) & CONTROL_FLAG) !== 0;
}

/** Set by compaction: the base timestamp then says when tombstones may go. */
export function hasDeleteHorizon(buf: Buffer, at: number): boolean {
  return (buf.readInt16BE(at + ATTRIBUTES) & DELETE_HORIZON_FLAG) !== 0;
}

export function lastOffsetDelta(buf: Buffer, at: number): number {
  return buf.readInt32BE(at + LAST_OFFSET_DELTA);
}

export function lastOffset(buf: Buffer, at: number): number {
  return readInt64(buf, at + BASE_OFFSET) + buf.readInt32BE(at + LAST_OFFSET_DELTA);
}

export function baseTimestamp(buf: Buffer, at: number): number {
  return readInt64(buf, at + BASE_TIMESTAMP);
}

export function maxTimestamp(buf: Buffer, at: number): number {
  return readInt64(buf, at + MAX_TIMESTAMP);
}

export function producerId(buf: Buffer, at: number): number {
  return readInt64(buf, at + PRODUCER_ID);
}

export function producerEpoch(buf: Buffer, at: number): number {
  return buf.readInt16BE(at + PRODUCER_EPOCH);
}

export function baseSequence(buf: Buffer, at: number): number {
  return buf.readInt32BE(at + BASE_SEQUENCE);
}

/** The sequence of the batch's last record; -1 where the batch has no sequence. */
export function lastSequence(buf: Buffer, at: number): number {
  const base = buf.readInt32BE(at + BASE_SEQUENCE);
  if (base < 0) return NO_SEQUENCE;
  return sequenceAfter(base, buf.readInt32BE(at + LAST_OFFSET_DELTA));
}

/** Sequences run from 0 to 2^31 - 1 and then start at 0 again. */
export function sequenceAfter(sequence: number, steps: number): number {
  const sum = sequence + steps;
  return sum >= SEQUENCE_SPAN ? sum - SEQUENCE_SPAN : sum;
}

export function recordCount(buf: Buffer, at: number): number {
  return buf.readInt32BE(at + RECORD_COUNT);
}

/**
 * The size of the batch that starts at `at`; 0 where the bytes up to `end` hold only a part of
 * one (a fetch reply may end so), -1 where they cannot be a batch of this format.
 */
export function wholeBatchSize(buf: Buffer, at: number, end: number): number {
  if (end - at < LOG_OVERHEAD) return 0;
  const size = LOG_OVERHEAD + buf.readInt32BE(at + LENGTH);
  if (size < BATCH_HEADER_SIZE) return -1;
  if (end - at > MAGIC && buf.readInt8(at + MAGIC) !== MAGIC_V2) return -1;
  return size <= end - at ? size : 0;
}

export function setBaseOffset(buf: Buffer, at: number, offset: number): void {
  writeInt64(buf, at + BASE_OFFSET, offset);
}

export function setPartitionLeaderEpoch(buf: Buffer, at: number, epoch: number): void {
  buf.writeInt32BE(epoch, at + LEADER_EPOCH);
}

export function setBatchLength(buf: Buffer, at: number, length: number): void {
  buf.writeInt32BE(length, at + LENGTH);
}

export function setMagic(buf: Buffer, at: number): void {
  buf.writeInt8(MAGIC_V2, at + MAGIC);
}

export function setCrc(buf: Buffer, at: number, value: number): void {
  buf.writeUInt32BE(value, at + CRC);
}

/** This field and those below lie inside the CRC. A caller that sets one must write a new CRC. */
export function setAttributes(buf: Buffer, at: number, value: number): void {
  buf.writeInt16BE(value, at + ATTRIBUTES);
}

export function setLastOffsetDelta(buf: Buffer, at: number, delta: number): void {
  buf.writeInt32BE(delta, at + LAST_OFFSET_DELTA);
}

export function setBaseTimestamp(buf: Buffer, at: number, timestampMs: number): void {
  writeInt64(buf, at + BASE_TIMESTAMP, timestampMs);
}

export function setMaxTimestamp(buf: Buffer, at: number, timestampMs: number): void {
  writeInt64(buf, at + MAX_TIMESTAMP, timestampMs);
}

export function setProducer(
  buf: Buffer,
  at: number,
  id: number,
  epoch: number,
  sequence: number,
): void {
  writeInt64(buf, at + PRODUCER_ID, id);
  buf.writeInt16BE(epoch, at + PRODUCER_EPOCH);
  buf.writeInt32BE(sequence, at + BASE_SEQUENCE);
}

export function setRecordCount(buf: Buffer, at: number, count: number): void {
  buf.writeInt32BE(count, at + RECORD_COUNT);
}
