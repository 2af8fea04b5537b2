import { KafkaError } from '../errors/kafka-error.ts';
import type { Encoded, Serde } from '../serde/serde.ts';
import type { Topic } from '../serde/topic.ts';
import type { ProducerRecord } from './producer-record.ts';

/** The bytes or text of a key or value. */
export function encode(serde: Serde<unknown, unknown>, part: unknown, topic: string): Encoded {
  if (part === null || part === undefined) return null;
  const encoded = serde.serialize(part, topic);
  if (typeof encoded === 'string' || encoded instanceof Uint8Array) return encoded;
  if (encoded === null) return null;
  throw new KafkaError('SERIALIZATION', `expected text, bytes or null, got ${typeof encoded}`);
}

/** What compiles in JavaScript alone: a topic by its name, or one object with all in it. */
function requireParts(topic: unknown, record: unknown): void {
  if (isObject(topic) && isObject(topic.key) && isObject(record)) return;
  const text = "send() takes topic('name', { key, value }) and a record { key, value, … }";
  throw new KafkaError('BAD_ARGUMENT', text);
}

function isObject(value: unknown): value is { key?: unknown } {
  return typeof value === 'object' && value !== null;
}

/** The checks of key and value that must be waited for, null where there are none. */
export function validation<Key, Value>(
  topic: Topic<Key, Value, unknown, unknown>,
  record: ProducerRecord<Key, Value>,
): Promise<unknown> | null {
  requireParts(topic, record);
  const { key, value } = record;
  const ofKey = key === null || key === undefined ? undefined : topic.key.validate?.(key);
  const ofValue = topic.value.validate?.(record.value);
  if (ofKey === undefined && ofValue === undefined) return null;
  return Promise.all([ofKey, ofValue]).then(() => value);
}
