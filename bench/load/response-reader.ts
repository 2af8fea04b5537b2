/** Reads the fields of one response in order. For set-up requests; the hot loops read by offset. */
export class ResponseReader {
  readonly #bytes: Buffer;
  #at: number;

  constructor(bytes: Buffer, at: number) {
    this.#bytes = bytes;
    this.#at = at;
  }

  int8(): number {
    return this.#bytes.readInt8(this.#skip(1));
  }

  int16(): number {
    return this.#bytes.readInt16BE(this.#skip(2));
  }

  int32(): number {
    return this.#bytes.readInt32BE(this.#skip(4));
  }

  int64(): number {
    return Number(this.#bytes.readBigInt64BE(this.#skip(8)));
  }

  /** Null reads as the empty string. */
  string(): string {
    const length = this.int16();
    if (length <= 0) return '';
    const at = this.#skip(length);
    return this.#bytes.toString('utf8', at, at + length);
  }

  bytes(): Buffer {
    const length = Math.max(0, this.int32());
    const at = this.#skip(length);
    return this.#bytes.subarray(at, at + length);
  }

  array<T>(read: () => T): T[] {
    const items: T[] = [];
    for (let left = this.int32(); left > 0; left--) items.push(read());
    return items;
  }

  #skip(length: number): number {
    const at = this.#at;
    this.#at += length;
    return at;
  }
}
