import { MillraceError } from '../base/errors.ts';
import { readVarlong, varintEnd } from '../base/varint.ts';
import { assembleBatch, sealBatch } from './batch-builder.ts';
import {
  attributes,
  BATCH_HEADER_SIZE,
  baseTimestamp,
  CODEC_MASK,
  codecId,
  DELETE_HORIZON_FLAG,
  hasDeleteHorizon,
  isLogAppendTime,
  maxTimestamp,
  NO_TIMESTAMP,
  recordCount,
  setAttributes,
  setBaseTimestamp,
  setMaxTimestamp,
  setRecordCount,
  sizeInBytes,
} from './batch-layout.ts';
import { CODEC } from './codec-ids.ts';
import { DECOMPRESSED_BYTES_MAX, decompress } from './compression.ts';
import { RecordCursor } from './record-iterator.ts';
import { walkRecords } from './record-walker.ts';
import { RecordWriter } from './record-writer.ts';

/**
 * The same batch with another codec (`compression.type`): offsets, timestamps, headers, producer
 * fields and flags stay. Opens the records and throws MILLRACE_CORRUPT where they are malformed.
 */
export function recompressBatch(
  buf: Buffer,
  at: number,
  codec: number,
  level?: number,
  keysRequired = false,
  maxBytes: number = DECOMPRESSED_BYTES_MAX,
): Buffer {
  const packed = buf.subarray(at + BATCH_HEADER_SIZE, at + sizeInBytes(buf, at));
  const records = decompress(codecId(buf, at), packed, maxBytes);
  if (!walkRecords(records, 0, records.length, recordCount(buf, at), keysRequired)) {
    throw new MillraceError('MILLRACE_CORRUPT', 'the records of the batch are malformed');
  }
  const batch = assembleBatch(records, 0, records.length, codec, level);
  copyHeader(buf, at, batch, codec);
  sealBatch(batch);
  return batch;
}

/** What compaction decides for the record that the cursor stands on. */
export type KeepRecord = (cursor: RecordCursor) => boolean;

/**
 * The same batch with only the records that `keep` wants. First and last offset, sequences,
 * offset deltas and codec stay; a batch may become empty. With `deleteHorizonMs`, a batch that
 * has none yet is marked with it: its base timestamp becomes the horizon, and the timestamp
 * deltas are counted from there.
 */
export function filterBatch(
  buf: Buffer,
  at: number,
  keep: KeepRecord,
  deleteHorizonMs: number = NO_TIMESTAMP,
  maxBytes: number = DECOMPRESSED_BYTES_MAX,
): Buffer {
  const marked = deleteHorizonMs !== NO_TIMESTAMP && !hasDeleteHorizon(buf, at);
  const shift = marked ? baseTimestamp(buf, at) - deleteHorizonMs : 0;
  const cursor = new RecordCursor();
  const writer = new RecordWriter(0);
  let count = 0;
  let latest = NO_TIMESTAMP;
  cursor.open(buf, at, maxBytes);
  while (cursor.next()) {
    if (!keep(cursor)) continue;
    count++;
    latest = Math.max(latest, cursor.timestamp);
    if (shift === 0) writer.copy(cursor.bytes, cursor.recordStart, cursor.recordEnd);
    else copyShifted(cursor, shift, writer);
  }
  const codec = count === 0 ? CODEC.NONE : codecId(buf, at);
  const batch = assembleBatch(writer.bytes, 0, writer.length, codec);
  copyHeader(buf, at, batch, codec);
  setRecordCount(batch, 0, count);
  const keepsMax = count === 0 || isLogAppendTime(buf, at);
  setMaxTimestamp(batch, 0, keepsMax ? maxTimestamp(buf, at) : latest);
  if (marked) {
    setAttributes(batch, 0, attributes(batch, 0) | DELETE_HORIZON_FLAG);
    setBaseTimestamp(batch, 0, deleteHorizonMs);
  }
  sealBatch(batch);
  return batch;
}

function copyHeader(buf: Buffer, at: number, batch: Buffer, codec: number): void {
  buf.copy(batch, 0, at, at + BATCH_HEADER_SIZE);
  setAttributes(batch, 0, (attributes(buf, at) & ~CODEC_MASK) | codec);
}

/** Past the length and the attributes byte stands the timestamp delta: only it changes. */
function copyShifted(cursor: RecordCursor, shift: number, writer: RecordWriter): void {
  const { bytes, recordStart, recordEnd } = cursor;
  readVarlong(bytes, recordStart, recordEnd);
  readVarlong(bytes, varintEnd + 1, recordEnd);
  writer.recordFrom(cursor.timestampDelta + shift, bytes, varintEnd, recordEnd);
}
