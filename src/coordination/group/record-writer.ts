import { sizeOfUnsignedVarint, writeUnsignedVarint } from '../../base/varint.ts';

const START_BYTES = 256;
const UUID_BYTES = 16;

/**
 * Writes the fields of a coordinator record. Keys are never flexible; values are from the version
 * that their schema says, and then use the compact forms and end each struct with tagged fields.
 */
export class RecordWriter {
  #bytes = Buffer.allocUnsafe(START_BYTES);
  #at = 0;

  constructor(version: number) {
    this.int16(version);
  }

  #claim(size: number): number {
    const at = this.#at;
    this.#at = at + size;
    if (this.#at > this.#bytes.length) {
      const grown = Buffer.allocUnsafe(Math.max(this.#bytes.length * 2, this.#at));
      this.#bytes.copy(grown, 0, 0, at);
      this.#bytes = grown;
    }
    return at;
  }

  int8(value: number): this {
    const at = this.#claim(1);
    this.#bytes.writeInt8(value, at);
    return this;
  }

  int16(value: number): this {
    const at = this.#claim(2);
    this.#bytes.writeInt16BE(value, at);
    return this;
  }

  int32(value: number): this {
    const at = this.#claim(4);
    this.#bytes.writeInt32BE(value, at);
    return this;
  }

  int64(value: number): this {
    const at = this.#claim(8);
    writeInt64(this.#bytes, at, value);
    return this;
  }

  varint(value: number): this {
    const at = this.#claim(sizeOfUnsignedVarint(value));
    writeUnsignedVarint(this.#bytes, at, value);
    return this;
  }

  uuid(value: string): this {
    const at = this.#claim(UUID_BYTES);
    this.#bytes.write(value, at, 'base64url');
    return this;
  }

  string(value: string | null): this {
    if (value === null) return this.int16(-1);
    const size = Buffer.byteLength(value);
    this.int16(size);
    const at = this.#claim(size);
    this.#bytes.write(value, at);
    return this;
  }

  bytes(value: Buffer): this {
    this.int32(value.length);
    const at = this.#claim(value.length);
    value.copy(this.#bytes, at);
    return this;
  }

  compactString(value: string | null): this {
    if (value === null) return this.varint(0);
    const size = Buffer.byteLength(value);
    this.varint(size + 1);
    const at = this.#claim(size);
    this.#bytes.write(value, at);
    return this;
  }

  compactBytes(value: Buffer): this {
    this.varint(value.length + 1);
    const at = this.#claim(value.length);
    value.copy(this.#bytes, at);
    return this;
  }

  compactCount(count: number): this {
    return this.varint(count + 1);
  }

  compactInt32s(values: readonly number[]): this {
    this.compactCount(values.length);
    for (const value of values) this.int32(value);
    return this;
  }

  /** The end of a struct without tagged fields. */
  noTags(): this {
    return this.varint(0);
  }

  /** The end of a struct with one tagged field, whose bytes `write` makes. */
  oneTag(tag: number, write: (field: RecordWriter) => void): this {
    const field = new RecordWriter(0);
    write(field);
    // The field has no version of its own: the one that every writer begins with is left out.
    const body = field.finish().subarray(2);
    this.varint(1).varint(tag).varint(body.length);
    const at = this.#claim(body.length);
    body.copy(this.#bytes, at);
    return this;
  }

  finish(): Buffer {
    return this.#bytes.subarray(0, this.#at);
  }
}

/** Big-endian, two's complement, without a bigint: every value is a safe integer. */
export function writeInt64(bytes: Buffer, at: number, value: number): number {
  const high = Math.floor(value / 0x100000000);
  bytes.writeInt32BE(high, at);
  return bytes.writeUInt32BE(value - high * 0x100000000, at + 4);
}
