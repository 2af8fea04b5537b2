/**
 * Windowed keys on topics, as Kafka's WindowedSerdes write them:
 *
 *   time windows      key   start (int64)
 *   session windows   key   end (int64)   start (int64)
 */
import { KafkaError } from '../../client/errors/kafka-error.ts';
import type { Serde } from '../../client/serde/serde.ts';
import type { Window, WindowedKey } from '../topology/windowed-key.ts';
import { asBuffer, encodedBytes } from './encoded-bytes.ts';
import { readInt64, writeInt64 } from './int64-bytes.ts';

const TIME_BYTES = 8;

/** A serde of windowed keys. Records go to the partition of the key inside, whatever the window. */
export interface WindowedSerde<K> extends Serde<WindowedKey<K> | null, WindowedKey<K>> {
  /** Of the keys inside. */
  readonly inner: Serde<K, K>;
  /** What stands behind the key, for those who write it into memory of their own. */
  readonly suffix?: WindowSuffix;
}

/** How the bytes of a window stand behind those of its key. */
export interface WindowSuffix {
  readonly bytes: number;
  write(window: Window, target: Buffer, at: number): void;
}

const START: WindowSuffix = {
  bytes: TIME_BYTES,
  write: ({ start }, target, at) => writeInt64(target, start, at),
};

const END_AND_START: WindowSuffix = {
  bytes: 2 * TIME_BYTES,
  write({ start, end }, target, at) {
    writeInt64(target, end, at);
    writeInt64(target, start, at + TIME_BYTES);
  },
};

/** Keys of time windows of one size. The end is not on the wire, so the size must be known. */
export function timeWindowed<K>(inner: Serde<K, K>, windowMs: number): WindowedSerde<K> {
  return {
    inner,
    suffix: START,
    serialize: (windowed, topic) => keyAndWindow(inner, START, windowed, topic),
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
    suffix: END_AND_START,
    serialize: (windowed, topic) => keyAndWindow(inner, END_AND_START, windowed, topic),
    deserialize(bytes, topic) {
      const at = timesAt(bytes, 2 * TIME_BYTES);
      const buffer = asBuffer(bytes);
      const window = { start: readInt64(buffer, at + TIME_BYTES), end: readInt64(buffer, at) };
      return { key: inner.deserialize(bytes.subarray(0, at), topic), window };
    },
  };
}

function keyAndWindow<K>(
  inner: Serde<K, K>,
  suffix: WindowSuffix,
  windowed: WindowedKey<K> | null,
  topic: string,
): Buffer | null {
  if (windowed === null) return null;
  const encoded = encodedBytes(inner.serialize(windowed.key, topic));
  if (encoded === null) throw new KafkaError('SERIALIZATION', 'a windowed key may not be null');
  const bytes = Buffer.allocUnsafe(encoded.length + suffix.bytes);
  bytes.set(encoded);
  suffix.write(windowed.window, bytes, encoded.length);
  return bytes;
}

function timesAt(bytes: Uint8Array, room: number): number {
  const at = bytes.length - room;
  if (at >= 0) return at;
  throw new KafkaError('SERIALIZATION', `a windowed key has ${room} bytes or more`);
}
