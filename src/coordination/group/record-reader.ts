import { MillraceError } from '../../base/errors.ts';
import { readUnsignedVarint, varintEnd } from '../../base/varint.ts';

const UUID_BYTES = 16;

/**
 * Reads the fields of a coordinator record, and refuses what does not fit before it allocates. The
 * names of its methods are those of `RecordWriter`.
 */
export class RecordReader {
  readonly version: number;
  readonly #bytes: Buffer;
  #at = 0;

  constructor(bytes: Buffer) {
    this.#bytes = bytes;
    this.version = this.int16();
  }

  #claim(size: number): number {
    const at = this.#at;
    if (size < 0 || size > this.#bytes.length - at) {
      throw new MillraceError('MILLRACE_CORRUPT', 'a record of __consumer_offsets is cut short');
    }
    this.#at = at + size;
    return at;
  }

  int8(): number {
    return this.#bytes.readInt8(this.#claim(1));
  }

  int16(): number {
    return this.#bytes.readInt16BE(this.#claim(2));
  }

  int32(): number {
    return this.#bytes.readInt32BE(this.#claim(4));
  }

  int64(): number {
    const at = this.#claim(8);
    return this.#bytes.readInt32BE(at) * 0x100000000 + this.#bytes.readUInt32BE(at + 4);
  }

  varint(): number {
    const value = readUnsignedVarint(this.#bytes, this.#at, this.#bytes.length);
    this.#claim(varintEnd - this.#at);
    return value;
  }

  uuid(): string {
    const at = this.#claim(UUID_BYTES);
    return this.#bytes.toString('base64url', at, at + UUID_BYTES);
  }

  nullableString(): string | null {
    const size = this.int16();
    return size === -1 ? null : this.#text(size);
  }

  string(): string {
    return this.nullableString() ?? '';
  }

  bytes(): Buffer {
    return this.#copy(this.int32());
  }

  nullableCompactString(): string | null {
    const size = this.varint() - 1;
    return size === -1 ? null : this.#text(size);
  }

  compactString(): string {
    return this.nullableCompactString() ?? '';
  }

  compactBytes(): Buffer {
    return this.#copy(this.varint() - 1);
  }

  count(): number {
    return this.#checkCount(this.int32());
  }

  compactCount(): number {
    return this.#checkCount(this.varint() - 1);
  }

  compactInt32s(): number[] {
    const values: number[] = [];
    for (let left = this.compactCount(); left > 0; left--) values.push(this.int32());
    return values;
  }

  /** Reads the end of a struct; `onTag` may read the field, which is skipped in any case. */
  tags(onTag?: (tag: number) => void): void {
    for (let left = this.varint(); left > 0; left--) {
      const tag = this.varint();
      const end = this.#claim(this.varint());
      const next = this.#at;
      this.#at = end;
      onTag?.(tag);
      this.#at = next;
    }
  }

  /** Every element takes a byte at least. */
  #checkCount(count: number): number {
    if (count > this.#bytes.length - this.#at) this.#claim(count);
    return Math.max(count, 0);
  }

  #text(size: number): string {
    const at = this.#claim(size);
    return this.#bytes.toString('utf8', at, at + size);
  }

  #copy(size: number): Buffer {
    const at = this.#claim(Math.max(size, 0));
    return Buffer.from(this.#bytes.subarray(at, this.#at));
  }
}
