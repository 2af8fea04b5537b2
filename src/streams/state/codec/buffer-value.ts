/**
 * A held-back update as bytes, as Kafka's BufferValue writes them. Lengths are int32, -1 for null.
 *
 *   timestamp (int64)   offset (int64)   length   topic   partition (int32)
 *   count of headers (int32)   for each: length   name   length   value
 *   length   prior value   length, -2 for the same as the prior   old value   length   new value
 */
import { RecordHeaders } from '../../../client/consumer/records/record-headers.ts';
import { readInt64, writeInt64 } from '../../serde/int64-bytes.ts';
import type { RecordOrigin } from '../../topology/record-origin.ts';
import { StateError } from '../state-error.ts';

const NULL = -1;
const SAME_AS_PRIOR = -2;
const INT64 = 8;
const INT32 = 4;

export interface BufferValue {
  readonly origin: RecordOrigin;
  readonly prior: Uint8Array | null;
  readonly old: Uint8Array | null;
  readonly new: Uint8Array | null;
}

/** `room` bytes stay free behind it. */
export function encodeBufferValue(value: BufferValue, room: number): Buffer {
  const { origin, prior } = value;
  const isSame = isSameBytes(prior, value.old);
  const topic = Buffer.from(origin.topic);
  const headers = Array.from(origin.headers, ([name, each]) => [Buffer.from(name), each] as const);
  let size = 2 * INT64 + 3 * INT32 + topic.length + 3 * INT32 + room;
  for (const [name, each] of headers) size += 2 * INT32 + name.length + (each?.length ?? 0);
  size += (prior?.length ?? 0) + (value.new?.length ?? 0) + (isSame ? 0 : (value.old?.length ?? 0));
  const bytes = Buffer.allocUnsafe(size);
  writeInt64(bytes, origin.timestamp, 0);
  writeInt64(bytes, origin.offset, INT64);
  let at = writePrefixed(bytes, topic, 2 * INT64);
  at = bytes.writeInt32BE(origin.partition, at);
  at = bytes.writeInt32BE(headers.length, at);
  for (const [name, each] of headers) {
    at = writePrefixed(bytes, name, at);
    at = writePrefixed(bytes, each, at);
  }
  at = writePrefixed(bytes, prior, at);
  if (isSame && value.old !== null) at = bytes.writeInt32BE(SAME_AS_PRIOR, at);
  else at = writePrefixed(bytes, value.old, at);
  writePrefixed(bytes, value.new, at);
  return bytes;
}

/** What is read from bytes, one thing after the other. */
export class BufferReader {
  readonly #bytes: Buffer;
  #at: number;

  constructor(bytes: Buffer, start = 0) {
    this.#bytes = bytes;
    this.#at = start;
  }

  get position(): number {
    return this.#at;
  }

  int64(): number {
    this.#need(INT64);
    this.#at += INT64;
    return readInt64(this.#bytes, this.#at - INT64);
  }

  int32(): number {
    this.#need(INT32);
    this.#at += INT32;
    return this.#bytes.readInt32BE(this.#at - INT32);
  }

  prefixed(): Buffer | null {
    return this.taken(this.int32());
  }

  /** So many bytes, in place; null for -1. */
  taken(length: number): Buffer | null {
    if (length === NULL) return null;
    if (length < 0)
      throw new StateError('STATE_BYTES', `a held-back update has a length ${length}`);
    this.#need(length);
    this.#at += length;
    return this.#bytes.subarray(this.#at - length, this.#at);
  }

  origin(): RecordOrigin {
    const timestamp = this.int64();
    const offset = this.int64();
    const topic = this.prefixed()?.toString('utf8') ?? '';
    const partition = this.int32();
    const entries: [string, Buffer | null][] = [];
    for (let left = this.int32(); left > 0; left--) {
      const name = this.prefixed()?.toString('utf8') ?? '';
      const value = this.prefixed();
      entries.push([name, value === null ? null : Buffer.from(value)]);
    }
    return { timestamp, offset, topic, partition, headers: new RecordHeaders(entries) };
  }

  #need(length: number): void {
    if (this.#at + length <= this.#bytes.length) return;
    throw new StateError('STATE_BYTES', 'a held-back update ends before its time');
  }
}

export function decodeBufferValue(reader: BufferReader): BufferValue {
  const origin = reader.origin();
  const prior = reader.prefixed();
  const length = reader.int32();
  const old = length === SAME_AS_PRIOR ? prior : reader.taken(length);
  return { origin, prior, old, new: reader.prefixed() };
}

/** The memory that Kafka counts for it. */
export function bufferValueBytes({ origin, prior, old, new: newer }: BufferValue): number {
  let size = 2 * INT64 + origin.topic.length + INT32;
  for (const [name, value] of origin.headers) size += name.length + (value?.length ?? 0);
  size += (prior?.length ?? 0) + (newer?.length ?? 0);
  return isSameBytes(prior, old) ? size : size + (old?.length ?? 0);
}

function isSameBytes(one: Uint8Array | null, other: Uint8Array | null): boolean {
  if (one === null || other === null) return one === other;
  return Buffer.compare(one, other) === 0;
}

function writePrefixed(target: Buffer, bytes: Uint8Array | null, at: number): number {
  if (bytes === null) return target.writeInt32BE(NULL, at);
  target.writeInt32BE(bytes.length, at);
  target.set(bytes, at + INT32);
  return at + INT32 + bytes.length;
}
