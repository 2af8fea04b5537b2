const ENCODER = new TextEncoder();
/** A mark of the byte order is text like any other, as with Node. */
const DECODER = new TextDecoder('utf-8', { ignoreBOM: true });
/** A shorter text of ASCII is read faster by a loop. */
const SHORT_BYTES = 24;
const CHARACTERS_MAX = 4096;

type Source = number | ArrayBufferLike | ArrayLike<number> | Iterable<number>;
type BytesClass = new (source: Source, from?: number, length?: number) => Uint8Array;
/** Without its static side: Buffer's `from` takes other arguments. */
const Bytes: BytesClass = Uint8Array as never;

/**
 * What this package uses of Node's Buffer, for browsers. The build puts it in the place of the
 * global name (`src/browser-client.mjs`), so that Node keeps its own, which is faster there. Memory
 * is always zeroed here.
 */
export class BrowserBuffer extends Bytes {
  static alloc(length: number): BrowserBuffer {
    return new BrowserBuffer(length);
  }

  static allocUnsafe(length: number): BrowserBuffer {
    return new BrowserBuffer(length);
  }

  static allocUnsafeSlow(length: number): BrowserBuffer {
    return new BrowserBuffer(length);
  }

  /** The bytes of a text or a copy of bytes; of an ArrayBuffer a view. */
  static from(
    source: string | ArrayBufferLike | ArrayLike<number> | Iterable<number>,
    from?: string | number,
    length?: number,
  ): BrowserBuffer {
    if (typeof source === 'string') return fromText(source, from as string | undefined);
    if (isMemory(source)) return new BrowserBuffer(source, from as number | undefined, length);
    return new BrowserBuffer(source);
  }

  static isBuffer(value: unknown): value is BrowserBuffer {
    return value instanceof BrowserBuffer;
  }

  /** How long a text is in UTF-8. */
  static byteLength(text: string): number {
    let length = text.length;
    for (let i = 0; i < text.length; i++) {
      const unit = text.charCodeAt(i);
      if (unit < 0x80) continue;
      if (unit < 0x800) {
        length++;
        continue;
      }
      length += 2;
      // The two halves of a pair take four bytes together.
      if ((unit & 0xfc00) === 0xd800 && (text.charCodeAt(i + 1) & 0xfc00) === 0xdc00) i++;
    }
    return length;
  }

  static concat(parts: readonly Uint8Array[]): BrowserBuffer {
    let length = 0;
    for (const part of parts) length += part.length;
    const whole = new BrowserBuffer(length);
    let at = 0;
    for (const part of parts) {
      whole.set(part, at);
      at += part.length;
    }
    return whole;
  }

  /** Browsers take a slow way to find the class of what `subarray` returns; this one is known. */
  override subarray(start = 0, end = this.length): BrowserBuffer {
    const { length } = this;
    const from = start < 0 ? Math.max(0, length + start) : Math.min(start, length);
    const to = end < 0 ? Math.max(0, length + end) : Math.min(end, length);
    return new BrowserBuffer(this.buffer, this.byteOffset + from, Math.max(0, to - from));
  }

  /** Returns how many bytes were copied: as many as the target has room for. */
  copy(target: Uint8Array, targetAt = 0, start = 0, end = this.length): number {
    const to = Math.min(end, this.length, start + target.length - targetAt);
    if (to <= start) return 0;
    target.set(this.subarray(start, to), targetAt);
    return to - start;
  }

  override toString(encoding = 'utf8', start = 0, end = this.length): string {
    const to = Math.min(end, this.length);
    if (encoding === 'latin1') return latin1(this, start, to);
    if (encoding === 'utf8') return utf8(this, start, to);
    const text = btoa(latin1(this, start, to));
    if (encoding === 'base64') return text;
    return text.replaceAll('+', '-').replaceAll('/', '_').replaceAll('=', '');
  }

  /** Writes a text in UTF-8, no character in part. Returns how many bytes were written. */
  write(text: string, at = 0): number {
    return ENCODER.encodeInto(text, this.subarray(at)).written;
  }

  readInt8(at = 0): number {
    this.#check(at, 1);
    return (this[at]! << 24) >> 24;
  }

  readInt16BE(at = 0): number {
    this.#check(at, 2);
    return ((this[at]! << 24) >> 16) | this[at + 1]!;
  }

  readUInt16BE(at = 0): number {
    return this.readInt16BE(at) & 0xffff;
  }

  readInt32BE(at = 0): number {
    this.#check(at, 4);
    return (this[at]! << 24) | (this[at + 1]! << 16) | (this[at + 2]! << 8) | this[at + 3]!;
  }

  readUInt32BE(at = 0): number {
    return this.readInt32BE(at) >>> 0;
  }

  readUInt32LE(at = 0): number {
    return this.readUIntLE(at, 4);
  }

  readUIntLE(at: number, length: number): number {
    this.#check(at, length);
    let value = 0;
    for (let from = at + length - 1; from >= at; from--) value = value * 256 + this[from]!;
    return value;
  }

  readBigInt64BE(at = 0): bigint {
    return this.#view(at, 8).getBigInt64(0);
  }

  readDoubleBE(at = 0): number {
    return this.#view(at, 8).getFloat64(0);
  }

  writeInt8(value: number, at = 0): number {
    this.#check(at, 1);
    this[at] = value;
    return at + 1;
  }

  writeInt16BE(value: number, at = 0): number {
    this.#check(at, 2);
    this[at] = value >> 8;
    this[at + 1] = value;
    return at + 2;
  }

  writeInt32BE(value: number, at = 0): number {
    this.#check(at, 4);
    this[at] = value >> 24;
    this[at + 1] = value >> 16;
    this[at + 2] = value >> 8;
    this[at + 3] = value;
    return at + 4;
  }

  writeUInt32BE(value: number, at = 0): number {
    return this.writeInt32BE(value | 0, at);
  }

  writeUInt16LE(value: number, at = 0): number {
    return this.writeUIntLE(value, at, 2);
  }

  writeUInt32LE(value: number, at = 0): number {
    return this.writeUIntLE(value, at, 4);
  }

  writeUIntLE(value: number, at: number, length: number): number {
    this.#check(at, length);
    let rest = value;
    for (let to = at; to < at + length; to++) {
      this[to] = rest;
      rest = Math.floor(rest / 256);
    }
    return at + length;
  }

  writeBigInt64BE(value: bigint, at = 0): number {
    this.#view(at, 8).setBigInt64(0, value);
    return at + 8;
  }

  writeBigUInt64LE(value: bigint, at = 0): number {
    this.#view(at, 8).setBigUint64(0, value, true);
    return at + 8;
  }

  writeDoubleBE(value: number, at = 0): number {
    this.#view(at, 8).setFloat64(0, value);
    return at + 8;
  }

  writeDoubleLE(value: number, at = 0): number {
    this.#view(at, 8).setFloat64(0, value, true);
    return at + 8;
  }

  #view(at: number, length: number): DataView {
    this.#check(at, length);
    return new DataView(this.buffer, this.byteOffset + at, length);
  }

  /** What is cut off is an error, never a zero. */
  #check(at: number, length: number): void {
    if (at >= 0 && at + length <= this.length) return;
    throw new RangeError(`${length} bytes at ${at} are not within ${this.length}`);
  }
}

function isMemory(source: unknown): source is ArrayBufferLike {
  if (source instanceof ArrayBuffer) return true;
  return typeof SharedArrayBuffer !== 'undefined' && source instanceof SharedArrayBuffer;
}

function fromText(text: string, encoding: string | undefined): BrowserBuffer {
  if (encoding === undefined || encoding === 'utf8') return viewOf(ENCODER.encode(text));
  // As Node does, both alphabets are taken, and what is in neither is not looked at.
  const letters = text.replaceAll('-', '+').replaceAll('_', '/');
  const binary = encoding === 'latin1' ? text : atob(letters.replaceAll(/[^A-Za-z0-9+/]/g, ''));
  return BrowserBuffer.from(Uint8Array.from(binary, (letter) => letter.charCodeAt(0)));
}

function viewOf({ buffer, byteOffset, length }: Uint8Array): BrowserBuffer {
  return new BrowserBuffer(buffer, byteOffset, length);
}

function utf8(bytes: BrowserBuffer, start: number, end: number): string {
  if (end - start > SHORT_BYTES) return DECODER.decode(bytes.subarray(start, end));
  let text = '';
  for (let at = start; at < end; at++) {
    const byte = bytes[at]!;
    if (byte >= 0x80) return DECODER.decode(bytes.subarray(start, end));
    text += String.fromCharCode(byte);
  }
  return text;
}

/** Some bytes at a time: a call takes only so many arguments. */
function latin1(bytes: BrowserBuffer, start: number, end: number): string {
  let text = '';
  for (let at = start; at < end; at += CHARACTERS_MAX) {
    text += String.fromCharCode(...bytes.subarray(at, Math.min(end, at + CHARACTERS_MAX)));
  }
  return text;
}
