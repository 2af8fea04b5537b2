import { number, text } from '../../../client/serde/serdes.ts';
import { isDirect } from '../../serde/direct-serde.ts';
import type { AnySerde } from '../../topology/store-spec.ts';

/** Reads a value that stands in larger memory. */
export type BytesReader<T> = (bytes: Buffer, start: number, end: number, topic: string) => T;

const DOUBLE_BYTES = 8;

/** Node's own call behind `toString`, which costs a quarter less without its checks. */
const { utf8Slice } = Buffer.prototype as unknown as {
  readonly utf8Slice?: (this: Buffer, start: number, end: number) => string;
};

const readText: BytesReader<string> =
  utf8Slice === undefined
    ? (bytes, start, end) => bytes.toString('utf8', start, end)
    : (bytes, start, end) => utf8Slice.call(bytes, start, end);

/**
 * Memory of stores is written again, so a serde that may keep its bytes gets a copy. Those that are
 * known to keep nothing read in place.
 */
export function bytesReader<T>(serde: AnySerde<T>): BytesReader<T> {
  if (serde === text) return readText as BytesReader<T>;
  if (isDirect(serde)) return (bytes, start, end) => serde.read(bytes, start, end);
  if (serde === number) {
    return (bytes, start, end, topic) => {
      if (end - start === DOUBLE_BYTES) return bytes.readDoubleBE(start) as T;
      return serde.deserialize(bytes.subarray(start, end), topic);
    };
  }
  return (bytes, start, end, topic) => {
    const copy = Buffer.allocUnsafe(end - start);
    bytes.copy(copy, 0, start, end);
    return serde.deserialize(copy, topic);
  };
}
