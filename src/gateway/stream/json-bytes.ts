import { isUtf8 } from 'node:buffer';

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
/** A byte becomes at most `\u00xx`. */
const ESCAPED_BYTES_MAX = 6;
const BELOW_ALL = 2 ** 31;
const MILLION = 1_000_000;

/** JSON text written as bytes into one buffer that grows: the hot path of the JSON formats. */
export class JsonBytes {
  bytes: Buffer;
  length = 0;

  constructor(initialBytes: number) {
    this.bytes = Buffer.allocUnsafeSlow(initialBytes);
  }

  reserve(more: number): void {
    const needed = this.length + more;
    if (needed <= this.bytes.length) return;
    const larger = Buffer.allocUnsafeSlow(Math.max(needed, this.bytes.length * 2));
    this.bytes.copy(larger, 0, 0, this.length);
    this.bytes = larger;
  }

  /** Bytes that are JSON already, such as the constant parts around the values. */
  raw(text: Buffer): void {
    const length = text.length;
    this.reserve(length);
    const bytes = this.bytes;
    const at = this.length;
    if (length > 32) bytes.set(text, at);
    else for (let i = 0; i < length; i++) bytes[at + i] = text[i]!;
    this.length = at + length;
  }

  text(text: string): void {
    this.reserve(text.length * 3);
    this.length += this.bytes.write(text, this.length);
  }

  /** A whole number. */
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
    let count = width;
    for (let limit = 10 ** width; limit <= value; limit *= 10) count++;
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

  /** A string of these bytes; false, with nothing written, where they are not UTF-8. */
  string(source: Buffer, start: number, end: number): boolean {
    this.reserve((end - start) * ESCAPED_BYTES_MAX + 2);
    const bytes = this.bytes;
    let at = this.length;
    let checked = false;
    bytes[at++] = QUOTE;
    for (let i = start; i < end; i++) {
      const byte = source[i]!;
      if (byte >= 0x80 && !checked) {
        if (!isUtf8(source.subarray(i, end))) return false;
        checked = true;
      }
      if (byte >= SPACE && byte !== QUOTE && byte !== BACKSLASH) bytes[at++] = byte;
      else at = writeEscape(bytes, at, byte);
    }
    bytes[at++] = QUOTE;
    this.length = at;
    return true;
  }

  base64(source: Buffer, start: number, end: number): void {
    this.reserve(Math.ceil((end - start) / 3) * 4 + 2);
    this.bytes[this.length++] = QUOTE;
    this.length += this.bytes.write(source.toString('base64', start, end), this.length, 'latin1');
    this.bytes[this.length++] = QUOTE;
  }

  copy(source: Buffer, start: number, end: number): void {
    this.reserve(end - start);
    source.copy(this.bytes, this.length, start, end);
    this.length += end - start;
  }
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
