import { KafkaError } from '../../client/errors/kafka-error.ts';
import type { Encoded } from '../../client/serde/serde.ts';
import { isDirect } from '../serde/direct-serde.ts';
import type { WindowedSerde } from '../serde/windowed.ts';
import { BytesWriter } from '../state/codec/bytes-writer.ts';
import type { AnySerde } from '../topology/store-spec.ts';
import type { WindowedKey } from '../topology/windowed-key.ts';

/** Makes bytes or text of a key or a value. They are valid until the next call. */
export type PartWriter = (part: unknown, topic: string) => Encoded;

/** Numbers and windowed keys are written into memory that is used again. */
export function partWriter(serde: AnySerde): PartWriter {
  if (isDirect(serde)) {
    const writer = new BytesWriter(serde);
    return (part, topic) => writer.write(part, topic);
  }
  const { suffix, inner } = serde as Partial<WindowedSerde<unknown>>;
  if (suffix === undefined || inner === undefined) {
    return (part, topic) => serde.serialize(part, topic);
  }
  const writer = new BytesWriter(inner, suffix.bytes);
  return (part, topic) => {
    const { key, window } = part as WindowedKey<unknown>;
    const bytes = writer.write(key, topic) as Buffer | null;
    if (bytes === null) throw new KafkaError('SERIALIZATION', 'a windowed key may not be null');
    suffix.write(window, bytes, bytes.length - suffix.bytes);
    return bytes;
  };
}
