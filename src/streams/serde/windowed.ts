/**
 * Windowed keys on topics, as Kafka's WindowedSerdes write them:
 *
 *   time windows      key   start (int64)
 *   session windows   key   end (int64)   start (int64)
 */
import { KafkaError } from '../../client/errors/kafka-error.ts';
import type { Serde } from '../../client/serde/serde.ts';
import type { WindowedKey } from '../topology/windowed-key.ts';
import { asBuffer, encodedBytes } from './encoded-bytes.ts';
import { readInt64, writeInt64 } from './int64-bytes.ts';

const TIME_BYTES = 8;

/** A serde of windowed keys. Records go to the partition of the key inside, whatever the window. */
export interface WindowedSerde<K> extends Serde<WindowedKey<K> | null, WindowedKey<K>> {
  /** Of the keys inside. */
  readonly inner: Serde<K, K>;
}

/** Keys of time windows of one size. The end is not on the wire, so the size must be known. */
export function timeWindowed<K>(inner: Serde<K, K>, windowMs: number): WindowedSerde<K> {
  return {
    inner,
    serialize(windowed, topic) {
      if (windowed === null) return null;
      const encoded = keyWithRoom(inner, windowed.key, topic, TIME_BYTES);
      writeInt64(encoded, windowed.window.start, encoded.length - TIME_BYTES);
      return encoded;
    },
    deserialize(bytes, topic) {
      const at = timesAt(bytes, TIME_BYTES);
      const start = readInt64(asBuffer(bytes), at);
      const end = Math.min(start + windowMs, Number.MAX_SAFE_INTEGER);
      return { key: inner.deserialize(bytes.subarray(0, at), topic), window: { start, end } };
    },
  };
}

/** Keys of session windows. */
export function sessionWindowed<K>(inner: Serde<K, K>): WindowedSerde<K> {
  return {
    inner,
    serialize(windowed, topic) {
      if (windowed === null) return null;
      const encoded = keyWithRoom(inner, windowed.key, topic, 2 * TIME_BYTES);
      writeInt64(encoded, windowed.window.end, encoded.length - 2 * TIME_BYTES);
      writeInt64(encoded, windowed.window.start, encoded.length - TIME_BYTES);
      return encoded;
    },
    deserialize(bytes, topic) {
      const at = timesAt(bytes, 2 * TIME_BYTES);
      const buffer = asBuffer(bytes);
      const window = { start: readInt64(buffer, at + TIME_BYTES), end: readInt64(buffer, at) };
      return { key: inner.deserialize(bytes.subarray(0, at), topic), window };
    },
  };
}

function keyWithRoom<K>(inner: Serde<K, K>, key: K, topic: string, room: number): Buffer {
  const encoded = encodedBytes(inner.serialize(key, topic));
  if (encoded === null) throw new KafkaError('SERIALIZATION', 'a windowed key may not be null');
  const bytes = Buffer.allocUnsafe(encoded.length + room);
  bytes.set(encoded);
  return bytes;
}

function timesAt(bytes: Uint8Array, room: number): number {
  const at = bytes.length - room;
  if (at >= 0) return at;
  throw new KafkaError('SERIALIZATION', `a windowed key has ${room} bytes or more`);
}
