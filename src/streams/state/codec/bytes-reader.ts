import { utf8Text } from '../../../base/utf8-text.ts';
import { number, text } from '../../../client/serde/serdes.ts';
import { isDirect } from '../../serde/direct-serde.ts';
import type { AnySerde } from '../../topology/store-spec.ts';

/** Reads a value that stands in larger memory. */
export type BytesReader<T> = (bytes: Buffer, start: number, end: number, topic: string) => T;

const DOUBLE_BYTES = 8;

/**
 * Memory of stores is written again, so a serde that may keep its bytes gets a copy. Those that are
 * known to keep nothing read in place.
 */
export function bytesReader<T>(serde: AnySerde<T>): BytesReader<T> {
  if (serde === text) return utf8Text as unknown as BytesReader<T>;
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
