import { sizeOfVarint, writeVarint } from '../base/varint.ts';
import type { RecordHeader } from './record-iterator.ts';

const NULL_LENGTH = -1;
const INITIAL_BYTES = 1024;

/** Writes records of format v2, one after the other, into a buffer that grows. */
export class RecordWriter {
  bytes: Buffer;
  length: number;

  /** The first `reserved` bytes are left for a batch header. */
  constructor(reserved: number) {
    this.bytes = Buffer.allocUnsafeSlow(INITIAL_BYTES + reserved);
    this.length = reserved;
  }

  record(
    timestampDelta: number,
    offsetDelta: number,
    key: Uint8Array | null,
    value: Uint8Array | null,
    headers: readonly RecordHeader[],
  ): void {
    const size =
      1 +
      sizeOfVarint(timestampDelta) +
      sizeOfVarint(offsetDelta) +
      sizeOfBytes(key) +
      sizeOfBytes(value) +
      sizeOfHeaders(headers);
    this.#reserve(5 + size);
    const bytes = this.bytes;
    let at = writeVarint(bytes, this.length, size);
    bytes[at++] = 0;
    at = writeVarint(bytes, at, timestampDelta);
    at = writeVarint(bytes, at, offsetDelta);
    at = writeBytes(bytes, at, key);
    at = writeBytes(bytes, at, value);
    at = writeVarint(bytes, at, headers.length);
    for (const header of headers) {
      const keyBytes = Buffer.byteLength(header.key);
      at = writeVarint(bytes, at, keyBytes);
      at += bytes.write(header.key, at);
      at = writeBytes(bytes, at, header.value);
    }
    this.length = at;
  }

  /** The same record with another timestamp delta; `rest` is what follows the old one. */
  recordFrom(timestampDelta: number, source: Buffer, restStart: number, restEnd: number): void {
    const size = 1 + sizeOfVarint(timestampDelta) + restEnd - restStart;
    this.#reserve(5 + size);
    let at = writeVarint(this.bytes, this.length, size);
    this.bytes[at++] = 0;
    at = writeVarint(this.bytes, at, timestampDelta);
    source.copy(this.bytes, at, restStart, restEnd);
    this.length = at + restEnd - restStart;
  }

  copy(source: Uint8Array, start: number, end: number): void {
    this.#reserve(end - start);
    this.bytes.set(source.subarray(start, end), this.length);
    this.length += end - start;
  }

  #reserve(more: number): void {
    const needed = this.length + more;
    if (needed <= this.bytes.length) return;
    const larger = Buffer.allocUnsafeSlow(Math.max(needed, this.bytes.length * 2));
    this.bytes.copy(larger, 0, 0, this.length);
    this.bytes = larger;
  }
}

function sizeOfBytes(bytes: Uint8Array | null): number {
  return bytes === null ? 1 : sizeOfVarint(bytes.length) + bytes.length;
}

function sizeOfHeaders(headers: readonly RecordHeader[]): number {
  let size = sizeOfVarint(headers.length);
  for (const header of headers) {
    const keyBytes = Buffer.byteLength(header.key);
    size += sizeOfVarint(keyBytes) + keyBytes + sizeOfBytes(header.value);
  }
  return size;
}

function writeBytes(target: Buffer, at: number, bytes: Uint8Array | null): number {
  if (bytes === null) return writeVarint(target, at, NULL_LENGTH);
  const start = writeVarint(target, at, bytes.length);
  target.set(bytes, start);
  return start + bytes.length;
}
