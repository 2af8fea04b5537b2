import { ZERO_UUID } from './schema-dsl.ts';

const ALPHABET = 'ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_';
const NO_DIGIT = 255;
const SLOTS = 1024;
const TEXT_LENGTH = 22;

/** The value of each character of the base64url alphabet by its code. */
const DIGITS = new Uint8Array(128).fill(NO_DIGIT);
for (let i = 0; i < ALPHABET.length; i++) DIGITS[ALPHABET.charCodeAt(i)] = i;

/** The texts of uuids seen lately, direct-mapped: topic ids come with each produce and fetch. */
const texts: string[] = new Array(SLOTS).fill(ZERO_UUID);
/** The four words of each of them. */
const words = new Int32Array(SLOTS * 4);

function wordAt(bytes: Buffer, at: number): number {
  return (bytes[at]! << 24) | (bytes[at + 1]! << 16) | (bytes[at + 2]! << 8) | bytes[at + 3]!;
}

/** The uuid in bytes[at, at + 16) in Kafka's text form: 22 characters of base64url. */
export function readUuid(bytes: Buffer, at: number): string {
  const a = wordAt(bytes, at);
  const b = wordAt(bytes, at + 4);
  const c = wordAt(bytes, at + 8);
  const d = wordAt(bytes, at + 12);
  const mixed = Math.imul(a ^ b ^ c ^ d, 0x9e3779b1);
  const slot = mixed >>> 22;
  const word = slot * 4;
  const isKnown =
    words[word] === a && words[word + 1] === b && words[word + 2] === c && words[word + 3] === d;
  if (isKnown) return texts[slot]!;
  const text = bytes.toString('base64url', at, at + 16);
  texts[slot] = text;
  words[word] = a;
  words[word + 1] = b;
  words[word + 2] = c;
  words[word + 3] = d;
  return text;
}

/** Writes the 16 bytes of a uuid in text form; false, with nothing of use written, for others. */
export function writeUuid(bytes: Buffer, at: number, text: unknown): boolean {
  if (typeof text !== 'string' || text.length !== TEXT_LENGTH) return false;
  let seen = 0;
  let bits = 0;
  let target = at;
  for (let i = 0; i < TEXT_LENGTH; i++) {
    const code = text.charCodeAt(i);
    const digit = code < 128 ? DIGITS[code]! : NO_DIGIT;
    seen |= digit;
    bits = ((bits << 6) | digit) & 0xffffff;
    if (i % 4 === 3) {
      bytes[target] = bits >> 16;
      bytes[target + 1] = bits >> 8;
      bytes[target + 2] = bits;
      target += 3;
    }
  }
  // Two characters are left: eight bits, and four that must be zero in the one way to write it.
  bytes[target] = bits >> 4;
  return (seen & 0xc0) === 0 && (bits & 15) === 0;
}
