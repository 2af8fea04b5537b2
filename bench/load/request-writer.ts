/**
 * Writes Kafka requests by hand. The load generator shares no codec with the broker under test, so
 * that a mistake in one of them shows.
 */
const NULL_LENGTH = -1;

export class RequestWriter {
  #bytes = Buffer.alloc(1024);
  #at = 4;

  /** Header v1, or v2 (with its empty tag section) where the version is a flexible one. */
  constructor(apiKey: number, version: number, correlationId: number, flexible: boolean) {
    this.int16(apiKey).int16(version).int32(correlationId).string('millrace-load');
    if (flexible) this.uvarint(0);
  }

  /** Where the next field will lie in the finished frame. */
  get position(): number {
    return this.#at;
  }

  int8(value: number): this {
    this.#at = this.#room(1).writeInt8(value, this.#at);
    return this;
  }

  int16(value: number): this {
    this.#at = this.#room(2).writeInt16BE(value, this.#at);
    return this;
  }

  int32(value: number): this {
    this.#at = this.#room(4).writeInt32BE(value, this.#at);
    return this;
  }

  int64(value: number): this {
    this.#at = this.#room(8).writeBigInt64BE(BigInt(value), this.#at);
    return this;
  }

  uvarint(value: number): this {
    let rest = value;
    for (; rest >= 0x80; rest >>>= 7) this.#byte((rest & 0x7f) | 0x80);
    return this.#byte(rest);
  }

  string(text: string): this {
    const length = Buffer.byteLength(text);
    this.int16(length);
    return this.raw(Buffer.from(text));
  }

  nullString(): this {
    return this.int16(NULL_LENGTH);
  }

  compactString(text: string): this {
    this.uvarint(Buffer.byteLength(text) + 1);
    return this.raw(Buffer.from(text));
  }

  bytes(value: Uint8Array): this {
    return this.int32(value.length).raw(value);
  }

  raw(value: Uint8Array): this {
    this.#room(value.length).set(value, this.#at);
    this.#at += value.length;
    return this;
  }

  /** An array's count and its elements. */
  array<T>(items: readonly T[], write: (item: T) => void): this {
    this.int32(items.length);
    for (const item of items) write(item);
    return this;
  }

  /** The frame, size prefix included. */
  finish(): Buffer {
    this.#bytes.writeInt32BE(this.#at - 4, 0);
    return Buffer.from(this.#bytes.subarray(0, this.#at));
  }

  #byte(value: number): this {
    this.#at = this.#room(1).writeUInt8(value, this.#at);
    return this;
  }

  #room(length: number): Buffer {
    const needed = this.#at + length;
    if (needed > this.#bytes.length) {
      const grown = Buffer.alloc(Math.max(needed, this.#bytes.length * 2));
      this.#bytes.copy(grown, 0, 0, this.#at);
      this.#bytes = grown;
    }
    return this.#bytes;
  }
}
