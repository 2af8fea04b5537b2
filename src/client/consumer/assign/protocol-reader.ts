import type { TopicPartition } from '../../topic-partition.ts';

class Malformed extends Error {}

/** Reads the opaque bytes of groups. It never reads or allocates past their end. */
export class ProtocolReader {
  readonly #bytes: Buffer;
  #at = 0;

  private constructor(bytes: Uint8Array) {
    this.#bytes = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  }

  /** What `read` makes of the bytes, null where they are malformed. */
  static tryRead<T>(bytes: Uint8Array, read: (reader: ProtocolReader) => T): T | null {
    try {
      return read(new ProtocolReader(bytes));
    } catch (thrown) {
      if (thrown instanceof Malformed) return null;
      throw thrown;
    }
  }

  get isAtEnd(): boolean {
    return this.#at === this.#bytes.length;
  }

  int16(): number {
    return this.#bytes.readInt16BE(this.#claim(2));
  }

  int32(): number {
    return this.#bytes.readInt32BE(this.#claim(4));
  }

  text(): string {
    return this.nullableText() ?? this.#fail();
  }

  nullableText(): string | null {
    const size = this.int16();
    if (size === -1) return null;
    const at = this.#claim(size);
    return this.#bytes.toString('utf8', at, at + size);
  }

  nullableBytes(): Uint8Array | null {
    const size = this.int32();
    if (size === -1) return null;
    const at = this.#claim(size);
    return this.#bytes.subarray(at, at + size);
  }

  texts(): string[] {
    const texts: string[] = [];
    for (let left = this.#count(2); left > 0; left--) texts.push(this.text());
    return texts;
  }

  partitions(): TopicPartition[] {
    const partitions: TopicPartition[] = [];
    for (let left = this.#count(6); left > 0; left--) {
      const topic = this.text();
      for (let rest = this.#count(4); rest > 0; rest--) {
        partitions.push({ topic, partition: this.int32() });
      }
    }
    return partitions;
  }

  /** A count of elements that take at least so many bytes each. */
  #count(bytesEach: number): number {
    const count = this.int32();
    if (count < 0 || count > (this.#bytes.length - this.#at) / bytesEach) this.#fail();
    return count;
  }

  #claim(size: number): number {
    const at = this.#at;
    if (size < 0 || size > this.#bytes.length - at) this.#fail();
    this.#at = at + size;
    return at;
  }

  #fail(): never {
    throw new Malformed();
  }
}
