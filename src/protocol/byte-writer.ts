import { sizeOfUnsignedVarint, writeUnsignedVarint } from '../base/varint.ts';

const SLAB_BYTES = 64 * 1024;
/** A slab with less room than this is abandoned for a new one. */
const LEAST_ROOM = 512;
/** Bytes from here on are cheaper to hand to the socket as they are than to copy. */
const REFERENCE_BYTES = 1024;
/** Kafka's own bound on a string of the protocol. */
const MAX_STRING_BYTES = 0x7fff;
/** A string of so few code units has a compact length of one byte, whatever it holds. */
const SHORT_STRING = 42;

/**
 * Where encoders write. Messages lie one after the other in a slab that is never written again, so
 * a finished message may wait in a socket as long as it likes; the slab goes with its last message.
 *
 * Positions are absolute in `bytes`. Each method that writes takes the position and returns the
 * next one; it may have moved the message to a larger slab, so `bytes` must be read again after it.
 */
export class ByteWriter {
  bytes: Buffer = Buffer.allocUnsafeSlow(SLAB_BYTES);
  /** Where the message begins, and where the next write goes. */
  start = 0;
  position = 0;
  /** Whether large byte fields stay outside, to be woven in by `finishChunks`. */
  #keepsReferences = false;
  readonly #references: Buffer[] = [];
  /** Relative to `start`. */
  readonly #referencesAt: number[] = [];

  begin(keepsReferences = false): void {
    if (this.bytes.length - this.position < LEAST_ROOM) {
      this.bytes = Buffer.allocUnsafeSlow(SLAB_BYTES);
      this.position = 0;
    }
    this.start = this.position;
    this.#keepsReferences = keepsReferences;
    this.#forgetReferences();
  }

  /** Gives up the message begun last, after an encoder threw. */
  abandon(): void {
    this.position = this.start;
    this.#forgetReferences();
  }

  #forgetReferences(): void {
    // Setting the length of an array is dear, even to what it is.
    if (this.#references.length === 0) return;
    this.#references.length = 0;
    this.#referencesAt.length = 0;
  }

  /** The size of the message so far, with what is kept by reference. */
  get size(): number {
    let size = this.position - this.start;
    for (const each of this.#references) size += each.length;
    return size;
  }

  finish(): Buffer {
    return this.bytes.subarray(this.start, this.position);
  }

  /** The message in pieces whose concatenation it is. */
  finishChunks(): Buffer[] {
    const chunks: Buffer[] = [];
    let at = this.start;
    for (let i = 0; i < this.#references.length; i++) {
      const cut = this.start + this.#referencesAt[i]!;
      if (cut > at) chunks.push(this.bytes.subarray(at, cut));
      chunks.push(this.#references[i]!);
      at = cut;
    }
    if (this.position > at) chunks.push(this.bytes.subarray(at, this.position));
    this.#forgetReferences();
    return chunks;
  }

  /** Makes room for `needed` bytes at `at`; the message moves to a new slab. */
  grow(at: number, needed: number): number {
    const used = at - this.start;
    const larger = Buffer.allocUnsafeSlow(Math.max(SLAB_BYTES, 2 * (used + needed)));
    this.bytes.copy(larger, 0, this.start, at);
    this.bytes = larger;
    this.start = 0;
    this.position = 0;
    return used;
  }

  uvarint(at: number, value: number): number {
    const position = this.bytes.length - at < 5 ? this.grow(at, 5) : at;
    if (value < 128) {
      this.bytes[position] = value;
      return position + 1;
    }
    return writeUnsignedVarint(this.bytes, position, value);
  }

  /** A string behind a varint of its length plus one; -1 if it is longer than Kafka allows. */
  compactString(at: number, text: string): number {
    if (text.length > SHORT_STRING) return this.#longCompactString(at, text);
    const needed = 1 + 3 * text.length;
    const position = this.bytes.length - at < needed ? this.grow(at, needed) : at;
    const end = this.#shortString(position + 1, text);
    this.bytes[position] = end - position;
    return end;
  }

  #longCompactString(at: number, text: string): number {
    const size = Buffer.byteLength(text);
    if (size > MAX_STRING_BYTES) return -1;
    const position = this.bytes.length - at < size + 5 ? this.grow(at, size + 5) : at;
    const textAt = writeUnsignedVarint(this.bytes, position, size + 1);
    return textAt + this.bytes.write(text, textAt);
  }

  /** A string behind an int16 of its length; -1 if it is longer than Kafka allows. */
  string(at: number, text: string): number {
    const isShort = text.length <= SHORT_STRING;
    const most = isShort ? 3 * text.length : Buffer.byteLength(text);
    if (most > MAX_STRING_BYTES) return -1;
    const position = this.bytes.length - at < most + 2 ? this.grow(at, most + 2) : at;
    const textAt = position + 2;
    const end = isShort ? this.#shortString(textAt, text) : textAt + this.bytes.write(text, textAt);
    this.bytes[position] = (end - textAt) >> 8;
    this.bytes[position + 1] = end - textAt;
    return end;
  }

  /** For a few ASCII characters a loop is cheaper than the call into Node. */
  #shortString(at: number, text: string): number {
    const bytes = this.bytes;
    for (let i = 0; i < text.length; i++) {
      const unit = text.charCodeAt(i);
      if (unit >= 0x80) return at + bytes.write(text, at);
      bytes[at + i] = unit;
    }
    return at + text.length;
  }

  rawBytes(at: number, source: Uint8Array): number {
    const size = source.length;
    const position = this.bytes.length - at < size ? this.grow(at, size) : at;
    this.bytes.set(source, position);
    return position + size;
  }

  /** Copies `source`, or keeps it aside where it is large and the message is made of chunks. */
  bytesOrReference(at: number, source: Buffer): number {
    if (!this.#keepsReferences || source.length < REFERENCE_BYTES) return this.rawBytes(at, source);
    this.#references.push(source);
    this.#referencesAt.push(at - this.start);
    return at;
  }

  /**
   * Ends a tagged field: its value lies behind one byte that was left for the size, `mark` from the
   * start of the message. A size that needs more moves the value up.
   */
  closeTag(at: number, mark: number): number {
    const size = at - this.start - mark - 1;
    if (size < 128) {
      this.bytes[this.start + mark] = size;
      return at;
    }
    const extra = sizeOfUnsignedVarint(size) - 1;
    const end = this.bytes.length - at < extra ? this.grow(at, extra) : at;
    const sizeAt = this.start + mark;
    this.bytes.copyWithin(sizeAt + 1 + extra, sizeAt + 1, end);
    writeUnsignedVarint(this.bytes, sizeAt, size);
    return end + extra;
  }
}
