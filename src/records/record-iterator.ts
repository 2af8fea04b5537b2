import { MillraceError } from '../base/errors.ts';
import { readVarint, readVarlong, varintEnd } from '../base/varint.ts';
import {
  attributes,
  BATCH_HEADER_SIZE,
  baseOffset,
  baseTimestamp,
  CODEC_MASK,
  CONTROL_FLAG,
  LOG_APPEND_TIME_FLAG,
  maxTimestamp,
  recordCount,
  sizeInBytes,
  wholeBatchSize,
} from './batch-layout.ts';
import { DECOMPRESSED_BYTES_MAX, decompress } from './compression.ts';
import { HeaderCursor } from './header-cursor.ts';
import { corruptRecord as corrupt, lengthEnd } from './record-lengths.ts';

export interface RecordHeader {
  readonly key: string;
  readonly value: Uint8Array | null;
}

export interface DecodedRecord {
  readonly offset: number;
  /** -1 where the record has none. */
  readonly timestamp: number;
  readonly key: Buffer | null;
  readonly value: Buffer | null;
  readonly headers: RecordHeader[];
}

/**
 * Steps through the records of one batch; its fields tell of the record it stands on, as
 * positions in `bytes` (the batch's own buffer, or its decompressed records). One cursor serves
 * any number of batches.
 */
export class RecordCursor {
  bytes: Buffer = Buffer.alloc(0);
  recordStart = 0;
  recordEnd = 0;
  offset = -1;
  offsetDelta = -1;
  timestamp = -1;
  timestampDelta = 0;
  /** -1 for a null key; so for the value. */
  keyStart = -1;
  keyEnd = -1;
  valueStart = -1;
  valueEnd = -1;
  headerCount = 0;
  /** Where the first header's key length stands. */
  headersStart = 0;

  #baseOffset = 0;
  #baseTimestamp = 0;
  #appendTimeMs = -1;
  #isAppendTime = false;
  #left = 0;
  #position = 0;
  #end = 0;

  /** A whole batch of format v2 must start at `at`: see `wholeBatchSize`. */
  open(buf: Buffer, at: number, maxBytes: number = DECOMPRESSED_BYTES_MAX): void {
    const flags = attributes(buf, at);
    const recordsAt = at + BATCH_HEADER_SIZE;
    const end = at + sizeInBytes(buf, at);
    this.#baseOffset = baseOffset(buf, at);
    this.#baseTimestamp = baseTimestamp(buf, at);
    this.#isAppendTime = (flags & LOG_APPEND_TIME_FLAG) !== 0;
    this.#appendTimeMs = maxTimestamp(buf, at);
    this.#left = recordCount(buf, at);
    if (this.#left === 0 || (flags & CODEC_MASK) === 0) {
      this.bytes = buf;
      this.#position = recordsAt;
      this.#end = end;
      return;
    }
    const opened = decompress(flags & CODEC_MASK, buf.subarray(recordsAt, end), maxBytes);
    this.bytes = Buffer.from(opened.buffer, opened.byteOffset, opened.byteLength);
    this.#position = 0;
    this.#end = opened.length;
  }

  /** How many records come behind the one that it stands on. */
  get left(): number {
    return this.#left;
  }

  /** Moves to the record of the open batch that has this many records behind it. */
  goTo(recordStart: number, left: number): void {
    this.#position = recordStart;
    this.#left = left + 1;
  }

  /** False after the last record. Throws MILLRACE_CORRUPT on malformed ones. */
  next(): boolean {
    const bytes = this.bytes;
    if (this.#left <= 0) {
      if (this.#position !== this.#end) throw corrupt('bytes are left after the last one');
      return false;
    }
    this.#left--;
    this.recordStart = this.#position;
    const length = readVarint(bytes, this.#position, this.#end);
    if (varintEnd < 0 || length < 0 || length > this.#end - varintEnd) {
      throw corrupt('its length does not fit into the batch');
    }
    const end = varintEnd + length;
    this.recordEnd = end;
    this.#position = end;
    this.timestampDelta = readVarlong(bytes, varintEnd + 1, end);
    if (varintEnd < 0) throw corrupt('bad timestamp delta');
    this.offsetDelta = readVarint(bytes, varintEnd, end);
    if (varintEnd < 0) throw corrupt('bad offset delta');
    this.offset = this.#baseOffset + this.offsetDelta;
    this.timestamp = this.#isAppendTime
      ? this.#appendTimeMs
      : this.#baseTimestamp + this.timestampDelta;
    const keyLength = readVarint(bytes, varintEnd, end);
    const keyStart = lengthEnd(keyLength, end);
    this.keyStart = keyLength < 0 ? -1 : keyStart;
    this.keyEnd = keyLength < 0 ? -1 : keyStart + keyLength;
    const valueLength = readVarint(bytes, keyLength < 0 ? keyStart : this.keyEnd, end);
    const valueStart = lengthEnd(valueLength, end);
    this.valueStart = valueLength < 0 ? -1 : valueStart;
    this.valueEnd = valueLength < 0 ? -1 : valueStart + valueLength;
    this.headerCount = readVarint(bytes, valueLength < 0 ? valueStart : this.valueEnd, end);
    this.headersStart = varintEnd;
    if (varintEnd < 0 || this.headerCount < 0) throw corrupt('bad header count');
    if (this.headerCount === 0 && varintEnd !== end) throw corrupt('bytes are left at its end');
    return true;
  }

  /** Views, not copies: they share memory with the batch. */
  key(): Buffer | null {
    return this.keyStart < 0 ? null : this.bytes.subarray(this.keyStart, this.keyEnd);
  }

  value(): Buffer | null {
    return this.valueStart < 0 ? null : this.bytes.subarray(this.valueStart, this.valueEnd);
  }

  headers(): RecordHeader[] {
    const { bytes } = this;
    const headers: RecordHeader[] = [];
    const cursor = new HeaderCursor();
    cursor.open(this);
    while (cursor.next()) {
      const { keyStart, keyEnd, valueStart, valueEnd } = cursor;
      headers.push({
        key: bytes.toString('utf8', keyStart, keyEnd),
        value: valueStart < 0 ? null : bytes.subarray(valueStart, valueEnd),
      });
    }
    return headers;
  }

  toRecord(): DecodedRecord {
    return {
      offset: this.offset,
      timestamp: this.timestamp,
      key: this.key(),
      value: this.value(),
      headers: this.headerCount === 0 ? [] : this.headers(),
    };
  }
}

/**
 * All records of the whole batches between `start` and `end`, as a fetch reply holds them: the
 * last batch may be cut off, batches may be empty, offsets may have gaps. Control batches are
 * stepped over. The CRC is not checked here.
 */
export function decodeRecords(
  buf: Buffer,
  start = 0,
  end: number = buf.length,
  maxBytes: number = DECOMPRESSED_BYTES_MAX,
): DecodedRecord[] {
  const records: DecodedRecord[] = [];
  const cursor = new RecordCursor();
  let at = start;
  for (;;) {
    const size = wholeBatchSize(buf, at, end);
    if (size < 0) throw new MillraceError('MILLRACE_CORRUPT', `no record batch at byte ${at}`);
    if (size === 0) return records;
    if ((attributes(buf, at) & CONTROL_FLAG) === 0) {
      cursor.open(buf, at, maxBytes);
      while (cursor.next()) records.push(cursor.toRecord());
    }
    at += size;
  }
}
