import { writeVarint } from '../../base/varint.ts';
import { KafkaError } from '../errors/kafka-error.ts';

/** Text is written as UTF-8. */
export type HeaderValue = string | Uint8Array | null;

/** Headers keep their order and their duplicates as pairs; an object is for those without. */
export type RecordHeaders =
  | Iterable<readonly [string, HeaderValue]>
  | Readonly<Record<string, HeaderValue>>;

/** Their encoding, the count in front. */
export function encodeHeaders(headers: RecordHeaders): Uint8Array {
  const pairs = headerPairs(headers);
  let size = VARINT_MAX;
  for (const [key, value] of pairs) size += 2 * VARINT_MAX + 3 * key.length + mostBytes(value);
  const encoded = Buffer.allocUnsafe(size);
  let at = writeVarint(encoded, 0, pairs.length);
  for (const [key, value] of pairs) {
    at = writeText(encoded, at, key);
    if (value === null) at = writeVarint(encoded, at, -1);
    else if (typeof value === 'string') at = writeText(encoded, at, value);
    else {
      at = writeVarint(encoded, at, value.length);
      encoded.set(value, at);
      at += value.length;
    }
  }
  return encoded.subarray(0, at);
}

/** A list of pairs of its own, whatever the headers were given as. */
export function headerPairs(headers: RecordHeaders): [string, HeaderValue][] {
  if (!(Symbol.iterator in headers)) return Object.entries(headers);
  return Array.from(pairsOf(headers), ([name, value]) => [name, value]);
}

const VARINT_MAX = 5;

function pairsOf(headers: RecordHeaders): Iterable<readonly [string, HeaderValue]> {
  return headers as Iterable<readonly [string, HeaderValue]>;
}

function mostBytes(value: HeaderValue): number {
  if (value === null) return 0;
  if (typeof value === 'string') return 3 * value.length;
  if (value instanceof Uint8Array) return value.length;
  throw new KafkaError('SERIALIZATION', `a header is text, bytes or null, not ${typeof value}`);
}

function writeText(encoded: Buffer, at: number, value: string): number {
  const length = Buffer.byteLength(value);
  const textAt = writeVarint(encoded, at, length);
  return textAt + encoded.write(value, textAt);
}
