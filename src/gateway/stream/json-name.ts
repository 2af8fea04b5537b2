import type { JsonScan } from './json-scan.ts';

const QUOTE = 0x22;
const BACKSLASH = 0x5c;
const NINE = 0x39;
const U = 0x75;
const HEX_DIGITS = 4;
const ASCII_MAX = 0x7f;
const ESCAPES: ReadonlyMap<number, number> = new Map([
  [0x62, 0x08],
  [0x66, 0x0c],
  [0x6e, 0x0a],
  [0x72, 0x0d],
  [0x74, 0x09],
]);

/** A text that is compared with keys and values without decoding them. */
export class JsonName {
  readonly #text: string;
  readonly #bytes: Buffer;

  constructor(text: string) {
    this.#text = text;
    this.#bytes = Buffer.from(text);
  }

  /** Whether the bytes between two quotes are this text. */
  isAt(scan: JsonScan, start: number, end: number): boolean {
    const { bytes } = scan;
    const wanted = this.#bytes;
    const { length } = wanted;
    // The bytes are longer than the text only if they have escapes.
    if (end - start > length) return this.#isEscapedAt(scan, start, end);
    if (end - start < length) return false;
    for (let i = 0; i < length; i++) {
      const byte = wanted[i]!;
      if (bytes[start + i] !== byte || byte === BACKSLASH || byte === QUOTE) return false;
    }
    return true;
  }

  /**
   * Decoding is expensive where there are very many texts, so only texts that are not ASCII are
   * decoded.
   */
  #isEscapedAt(scan: JsonScan, start: number, end: number): boolean {
    const { bytes } = scan;
    const wanted = this.#text;
    let index = 0;
    for (let at = start; at < end; at++) {
      let code = bytes[at]!;
      if (code > ASCII_MAX) return scan.text(start, end) === wanted;
      if (code === BACKSLASH) {
        code = bytes[++at]!;
        if (code === U) {
          code = hexAt(bytes, at + 1);
          at += HEX_DIGITS;
        } else {
          code = ESCAPES.get(code) ?? code;
        }
      }
      if (wanted.charCodeAt(index++) !== code) return false;
    }
    return index === wanted.length;
  }
}

function hexAt(bytes: Buffer, start: number): number {
  let code = 0;
  for (let at = start; at < start + HEX_DIGITS; at++) {
    const byte = bytes[at]!;
    code = code * 16 + (byte > NINE ? (byte & 0xf) + 9 : byte & 0xf);
  }
  return code;
}
