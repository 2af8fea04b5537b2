import { isUtf8 } from 'node:buffer';
import type { JsonPiece } from './json-piece.ts';

const QUOTE = 0x22;
const BACKSLASH = 0x5c;
const SPACE = 0x20;
const ZERO = 0x30;
const HEX = Buffer.from('0123456789abcdef', 'latin1');
const SHORT_ESCAPES: ReadonlyMap<number, number> = new Map([
  [0x08, 0x62],
  [0x09, 0x74],
  [0x0a, 0x6e],
  [0x0c, 0x66],
  [0x0d, 0x72],
]);
/** One byte becomes at most `\u00xx`. */
const ESCAPED_BYTES_MAX = 6;
const BELOW_ALL = 2 ** 31;
const MILLION = 1_000_000;
const KEPT_BYTES_MAX = 2 * 1024 * 1024;
const WORD_BYTES = 4;
/**
 * Tests four bytes at once. A byte above 0x7f, a control character, a quote or a backslash sets its
 * top bit.
 */
const TOP_BITS = 0x80808080 | 0;
const ONES = 0x01010101;
const BLANKS = 0x20202020;
const QUOTES = 0x22222222;
const BACKSLASHES = 0x5c5c5c5c;

/** Writes JSON text as bytes into one buffer that grows. It is the hot path of the JSON formats. */
export class JsonBytes {
  bytes: Buffer;
  length = 0;
  #view: DataView;
  /** A view of the memory that the last string came from. */
  #sourceView: DataView;

  constructor(initialBytes: number) {
    this.bytes = Buffer.allocUnsafeSlow(initialBytes);
    this.#view = viewOf(this.bytes);
    this.#sourceView = this.#view;
  }

  /** Empties the buffer. Memory that one huge record needed is freed. */
  clear(): void {
    this.length = 0;
    if (this.bytes.length <= KEPT_BYTES_MAX) return;
    this.bytes = Buffer.allocUnsafeSlow(KEPT_BYTES_MAX);
    this.#view = viewOf(this.bytes);
    this.#sourceView = this.#view;
  }

  reserve(more: number): void {
    const needed = this.length + more;
    if (needed <= this.bytes.length) return;
    const larger = Buffer.allocUnsafeSlow(Math.max(needed, this.bytes.length * 2));
    this.bytes.copy(larger, 0, 0, this.length);
    this.bytes = larger;
    this.#view = viewOf(larger);
  }

  /** May write past the end of the piece, into reserved room. */
  raw(piece: JsonPiece): void {
    this.words(piece.words, piece.length);
  }

  /** Writes the first `length` bytes of these words. */
  words(words: Int32Array, length: number): void {
    const count = (length + WORD_BYTES - 1) >> 2;
    this.reserve(count * WORD_BYTES);
    const view = this.#view;
    let at = this.length + this.bytes.byteOffset;
    for (let i = 0; i < count; i++) {
      view.setInt32(at, words[i]!, true);
      at += WORD_BYTES;
    }
    this.length += length;
  }

  text(text: string): void {
    this.reserve(text.length * 3);
    this.length += this.bytes.write(text, this.length);
  }

  /** Writes a whole number. */
  number(value: number): void {
    this.reserve(20);
    if (value < 0) {
      this.bytes[this.length++] = 0x2d;
      this.#digits(-value);
    } else {
      this.#digits(value);
    }
  }

  #digits(value: number): void {
    if (value < BELOW_ALL) {
      this.#smallDigits(value | 0, 1);
      return;
    }
    const high = Math.floor(value / MILLION);
    const low = value - high * MILLION;
    this.#digits(high);
    this.#smallDigits(low | 0, 6);
  }

  #smallDigits(value: number, width: number): void {
    let count = digitCount(value);
    if (count < width) count = width;
    const bytes = this.bytes;
    const end = this.length + count;
    let rest = value;
    for (let at = end - 1; at >= this.length; at--) {
      const next = (rest / 10) | 0;
      bytes[at] = ZERO + rest - next * 10;
      rest = next;
    }
    this.length = end;
  }

  /**
   * Writes the bytes as a JSON string. Answers false, with nothing written, if they are not UTF-8.
   */
  string(source: Buffer, start: number, end: number): boolean {
    this.reserve((end - start) * ESCAPED_BYTES_MAX + 2);
    if (this.#sourceView.buffer !== source.buffer) this.#sourceView = viewOf(source);
    const bytes = this.bytes;
    let at = this.length;
    bytes[at++] = QUOTE;
    let checked = false;
    let next = start;
    while (next < end) {
      const plain = this.#copyPlain(source, next, end, at);
      at += plain - next;
      const stop = Math.min(end, plain + WORD_BYTES);
      for (next = plain; next < stop; next++) {
        const byte = source[next]!;
        if (byte >= 0x80 && !checked) {
          if (!isUtf8(source.subarray(next, end))) return false;
          checked = true;
        }
        if (byte >= SPACE && byte !== QUOTE && byte !== BACKSLASH) bytes[at++] = byte;
        else at = writeEscape(bytes, at, byte);
      }
    }
    bytes[at++] = QUOTE;
    this.length = at;
    return true;
  }

  /** Copies words until one has a byte that needs a closer look. Answers where it stopped. */
  #copyPlain(source: Buffer, start: number, end: number, to: number): number {
    const from = this.#sourceView;
    const into = this.#view;
    const shift = source.byteOffset;
    const last = end + shift - WORD_BYTES;
    let target = to + this.bytes.byteOffset;
    let next = start + shift;
    for (; next <= last; next += WORD_BYTES) {
      const word = from.getInt32(next, true);
      const quotes = ((word ^ QUOTES) - ONES) | 0;
      const backslashes = ((word ^ BACKSLASHES) - ONES) | 0;
      if (((word | (word - BLANKS) | quotes | backslashes) & TOP_BITS) !== 0) break;
      into.setInt32(target, word, true);
      target += WORD_BYTES;
    }
    return next - shift;
  }

  base64(source: Buffer, start: number, end: number): void {
    this.reserve(Math.ceil((end - start) / 3) * 4 + 2);
    this.bytes[this.length++] = QUOTE;
    this.length += this.bytes.write(source.toString('base64', start, end), this.length, 'latin1');
    this.bytes[this.length++] = QUOTE;
  }

  /** The written bytes: a copy for the caller, or a view that is valid until the next write. */
  take(isKept: boolean): Buffer {
    if (!isKept) return this.bytes.subarray(0, this.length);
    const copy = Buffer.allocUnsafeSlow(this.length);
    this.bytes.copy(copy, 0, 0, this.length);
    return copy;
  }

  copy(source: Buffer, start: number, end: number): void {
    this.reserve(end - start);
    source.copy(this.bytes, this.length, start, end);
    this.length += end - start;
  }
}

function viewOf(bytes: Buffer): DataView {
  return new DataView(bytes.buffer);
}

function digitCount(value: number): number {
  if (value < 10) return 1;
  if (value < 100) return 2;
  if (value < 1000) return 3;
  if (value < 10_000) return 4;
  if (value < 100_000) return 5;
  if (value < 1_000_000) return 6;
  if (value < 10_000_000) return 7;
  if (value < 100_000_000) return 8;
  return value < 1_000_000_000 ? 9 : 10;
}

function writeEscape(bytes: Buffer, at: number, byte: number): number {
  bytes[at] = BACKSLASH;
  if (byte === QUOTE || byte === BACKSLASH) {
    bytes[at + 1] = byte;
    return at + 2;
  }
  const short = SHORT_ESCAPES.get(byte);
  if (short !== undefined) {
    bytes[at + 1] = short;
    return at + 2;
  }
  bytes[at + 1] = 0x75;
  bytes[at + 2] = ZERO;
  bytes[at + 3] = ZERO;
  bytes[at + 4] = HEX[byte >> 4]!;
  bytes[at + 5] = HEX[byte & 15]!;
  return at + 6;
}
