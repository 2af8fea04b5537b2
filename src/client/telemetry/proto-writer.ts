const FIXED64 = 1;
const LENGTH_DELIMITED = 2;
const VARINT = 0;
const FIRST_BYTES = 256;
const NS_PER_MS = 1_000_000n;

/** Writes one message of Protocol Buffers, field by field. */
export class ProtoWriter {
  #bytes = Buffer.alloc(FIRST_BYTES);
  #length = 0;

  get length(): number {
    return this.#length;
  }

  bytes(): Buffer {
    return this.#bytes.subarray(0, this.#length);
  }

  text(field: number, value: string): this {
    return this.message(field, Buffer.from(value));
  }

  /** A message within this one, or bytes as they are. */
  message(field: number, value: ProtoWriter | Uint8Array): this {
    const bytes = value instanceof ProtoWriter ? value.bytes() : value;
    this.#tag(field, LENGTH_DELIMITED);
    this.#varint(bytes.length);
    this.#reserve(bytes.length);
    this.#bytes.set(bytes, this.#length);
    this.#length += bytes.length;
    return this;
  }

  number(field: number, value: number): this {
    this.#tag(field, VARINT);
    return this.#varint(value);
  }

  double(field: number, value: number): this {
    this.#tag(field, FIXED64);
    this.#reserve(8);
    this.#length = this.#bytes.writeDoubleLE(value, this.#length);
    return this;
  }

  /** Wall time as nanoseconds in a fixed64. */
  nanoseconds(field: number, ms: number): this {
    this.#tag(field, FIXED64);
    this.#reserve(8);
    this.#length = this.#bytes.writeBigUInt64LE(BigInt(Math.round(ms)) * NS_PER_MS, this.#length);
    return this;
  }

  #tag(field: number, type: number): void {
    this.#varint((field << 3) | type);
  }

  #varint(value: number): this {
    this.#reserve(5);
    let rest = value;
    while (rest > 127) {
      this.#bytes[this.#length++] = (rest & 127) | 128;
      rest >>>= 7;
    }
    this.#bytes[this.#length++] = rest;
    return this;
  }

  #reserve(more: number): void {
    if (this.#length + more <= this.#bytes.length) return;
    const grown = Buffer.alloc(Math.max(this.#bytes.length * 2, this.#length + more));
    this.#bytes.copy(grown, 0, 0, this.#length);
    this.#bytes = grown;
  }
}
