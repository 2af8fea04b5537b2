import { toKafkaError } from '../../errors/kafka-error.ts';

/** How the bytes of a topic's records become keys and values. */
export interface RecordReaders<K, V> {
  key(bytes: Uint8Array | null): K;
  value(bytes: Uint8Array | null): V;
}

export type NullableBytes = Uint8Array | null;

interface Deserializer<T> {
  deserialize(bytes: Uint8Array, topic: string): T;
}

/** A topic with the types of its keys and values. */
export interface TypedTopic<K, V> {
  readonly name: string;
  readonly key: Deserializer<K>;
  readonly value: Deserializer<V>;
}

function same(bytes: NullableBytes): NullableBytes {
  return bytes;
}

/** Keys and values as they are. */
export const RAW_READERS: RecordReaders<NullableBytes, NullableBytes> = { key: same, value: same };

/** As the topic's types say; null stays null. */
export function readersOf<K, V>({
  name,
  key,
  value,
}: TypedTopic<K, V>): RecordReaders<K | null, V | null> {
  const read = <T>(part: Deserializer<T>, bytes: NullableBytes): T | null => {
    if (bytes === null) return null;
    try {
      return part.deserialize(bytes, name);
    } catch (thrown) {
      throw toKafkaError(thrown, 'SERIALIZATION');
    }
  };
  return { key: (bytes) => read(key, bytes), value: (bytes) => read(value, bytes) };
}
