import {
  ATTRIBUTES,
  BASE_OFFSET,
  BASE_TIMESTAMP,
  BATCH_HEADER_SIZE,
  CODEC_MASK,
  CONTROL_FLAG,
  LAST_OFFSET_DELTA,
  LENGTH,
  LOG_APPEND_TIME_FLAG,
  LOG_OVERHEAD,
  MAGIC,
  MAGIC_V2,
  MAX_TIMESTAMP,
  RECORD_COUNT,
} from '../records/batch-layout.ts';
import { type Decoder, decoderOf, OPENED_BYTES_MAX } from './codecs.ts';
import type { ReadFormat, RecordHeader, StreamRecord } from './messages.ts';
import { headerOf, putValue, textOf } from './record-values.ts';

const WORD = 2 ** 32;

export interface ReadFields {
  readonly keys: ReadFormat;
  readonly values: ReadFormat;
  readonly headers: boolean;
  readonly times: boolean;
}

export interface BatchSource {
  readonly topic: string;
  readonly partition: number;
  /** Records below it are left out, because a batch may begin before it. */
  readonly position: number;
}

/** The records `from` to `to` - 1 do not open, because their producer wrote them wrongly. */
export type OnDamage = (from: number, to: number) => void;

/** Answers without a promise if nothing is compressed. */
export function decodeBatches(
  bytes: Uint8Array,
  source: BatchSource,
  fields: ReadFields,
  onDamage: OnDamage,
  from = 0,
  records: StreamRecord[] = [],
): StreamRecord[] | Promise<StreamRecord[]> {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  let at = from;
  while (at < bytes.length) {
    const end = batchEnd(view, at);
    const flags = view.getInt16(at + ATTRIBUTES);
    const start = at;
    at = end;
    if ((flags & CONTROL_FLAG) !== 0) continue;
    const body = bytes.subarray(start + BATCH_HEADER_SIZE, end);
    const codec = flags & CODEC_MASK;
    const reader = new RecordReader(view, start, source, fields);
    if (codec === 0) {
      reader.read(body, records, onDamage);
      continue;
    }
    return decoderOf(codec)
      .then((decode) => reader.open(decode, body, records, onDamage))
      .then(() => decodeBatches(bytes, source, fields, onDamage, end, records));
  }
  return records;
}

function batchEnd(view: DataView, at: number): number {
  const left = view.byteLength - at;
  const size = left < BATCH_HEADER_SIZE ? 0 : LOG_OVERHEAD + view.getInt32(at + LENGTH);
  if (size < BATCH_HEADER_SIZE || size > left || view.getUint8(at + MAGIC) !== MAGIC_V2) {
    throw new RangeError(`there is no whole record batch at byte ${at}`);
  }
  return at + size;
}

function int64At(view: DataView, at: number): number {
  return view.getInt32(at) * WORD + view.getUint32(at + 4);
}

/** Reads the records of one batch. Each field is a varint, or bytes behind a varint. */
class RecordReader {
  readonly #source: BatchSource;
  readonly #fields: ReadFields;
  readonly #count: number;
  readonly #baseOffset: number;
  readonly #baseTime: number;
  readonly #appendTime: number;
  /** The offset behind the batch. */
  readonly #end: number;
  /** The offset behind the last record that was read. */
  #next: number;
  #bytes = new Uint8Array();
  #at = 0;

  constructor(view: DataView, start: number, source: BatchSource, fields: ReadFields) {
    this.#source = source;
    this.#fields = fields;
    this.#count = view.getInt32(start + RECORD_COUNT);
    this.#baseOffset = int64At(view, start + BASE_OFFSET);
    this.#baseTime = int64At(view, start + BASE_TIMESTAMP);
    const isAppendTime = (view.getInt16(start + ATTRIBUTES) & LOG_APPEND_TIME_FLAG) !== 0;
    this.#appendTime = isAppendTime ? int64At(view, start + MAX_TIMESTAMP) : -1;
    this.#end = this.#baseOffset + view.getInt32(start + LAST_OFFSET_DELTA) + 1;
    this.#next = Math.max(source.position, this.#baseOffset);
  }

  async open(
    decode: Decoder,
    bytes: Uint8Array,
    records: StreamRecord[],
    onDamage: OnDamage,
  ): Promise<void> {
    let opened: Uint8Array;
    try {
      opened = await decode(bytes, OPENED_BYTES_MAX);
    } catch {
      onDamage(this.#next, this.#end);
      return;
    }
    this.read(opened, records, onDamage);
  }

  read(bytes: Uint8Array, records: StreamRecord[], onDamage: OnDamage): void {
    try {
      this.#readAll(bytes, records);
    } catch {
      onDamage(this.#next, this.#end);
    }
  }

  #readAll(bytes: Uint8Array, records: StreamRecord[]): void {
    this.#bytes = bytes as Uint8Array<ArrayBuffer>;
    this.#at = 0;
    const { position } = this.#source;
    for (let left = this.#count; left > 0; left--) {
      const length = this.#varint();
      const end = this.#at + length;
      if (length < 0 || end > bytes.length) throw malformed();
      const record = this.#record();
      if (this.#at !== end) throw malformed();
      if (record.offset < position) continue;
      records.push(record);
      this.#next = record.offset + 1;
    }
  }

  #record(): StreamRecord {
    this.#at++; // attributes: no bit is defined
    const time = this.#baseTime + this.#varint();
    const offset = this.#baseOffset + this.#varint();
    const { topic, partition } = this.#source;
    const { keys, values, headers, times } = this.#fields;
    const record: Record<string, unknown> = { topic, partition, offset };
    if (times) record.time = this.#appendTime >= 0 ? this.#appendTime : time;
    putValue(record, 'key', this.#slice(), keys);
    putValue(record, 'value', this.#slice(), values);
    const list = this.#headers();
    if (headers && list.length > 0) record.headers = list;
    return record as unknown as StreamRecord;
  }

  #headers(): RecordHeader[] {
    const list: RecordHeader[] = [];
    for (let left = this.#varint(); left > 0; left--) {
      const name = this.#slice();
      if (name === null) throw malformed();
      list.push(headerOf(textOf(name), this.#slice()));
    }
    return list;
  }

  /**
   * Answers null for length -1. It is a view: whoever keeps it longer than the batch should copy
   * it.
   */
  #slice(): Uint8Array | null {
    const length = this.#varint();
    if (length < 0) return null;
    const start = this.#at;
    this.#at = start + length;
    if (this.#at > this.#bytes.length) throw malformed();
    return this.#bytes.subarray(start, this.#at);
  }

  /** Zigzag. It uses no bit operations, which have 32 bits: times need more. */
  #varint(): number {
    let value = 0;
    let scale = 1;
    for (let shift = 0; shift < 63; shift += 7) {
      const byte = this.#bytes[this.#at++];
      if (byte === undefined) throw malformed();
      value += (byte & 0x7f) * scale;
      if (byte < 0x80) return value % 2 === 0 ? value / 2 : -(value + 1) / 2;
      scale *= 128;
    }
    throw malformed();
  }
}

function malformed(): RangeError {
  return new RangeError('malformed record in a batch');
}
