import { toKafkaError } from '../../errors/kafka-error.ts';
import { type Topic, topic as typedTopic } from '../../serde/topic.ts';
import type { ConsumerRecord } from '../records/consumer-record.ts';
import type { NullableBytes } from '../records/record-readers.ts';

type Bytes = Uint8Array | null;
type Headers = (readonly [string, string | Uint8Array | null])[];

/** What is needed of a Producer to send records that nobody could handle. */
export interface DeadLetterProducer {
  send(
    topic: Topic<Bytes, Bytes, unknown, unknown>,
    record: { readonly key: Bytes; readonly value: Bytes; readonly headers: Headers },
  ): PromiseLike<unknown>;
}

const SUFFIX = '-dlt';

function int32(value: number): Uint8Array {
  const bytes = Buffer.alloc(4);
  bytes.writeInt32BE(value);
  return bytes;
}

function int64(value: number): Uint8Array {
  const bytes = Buffer.alloc(8);
  bytes.writeBigInt64BE(BigInt(value));
  return bytes;
}

/** The headers of a dead letter, named and encoded as Spring for Apache Kafka does. */
export function deadLetterHeaders<K, V>(
  record: ConsumerRecord<K, V>,
  groupId: string | null,
  thrown: unknown,
): Headers {
  const error = thrown instanceof Error ? thrown : toKafkaError(thrown);
  const { topic, partition, offset, timestamp } = record;
  const { appendTimeMs } = record.batch.origin;
  const headers: Headers = [
    ...record.headers,
    ['kafka_dlt-original-topic', topic],
    ['kafka_dlt-original-partition', int32(partition)],
    ['kafka_dlt-original-offset', int64(offset)],
    ['kafka_dlt-original-timestamp', int64(timestamp)],
    ['kafka_dlt-original-timestamp-type', appendTimeMs < 0 ? 'CreateTime' : 'LogAppendTime'],
    ['kafka_dlt-exception-fqcn', error.name],
    ['kafka_dlt-exception-message', error.message],
    ['kafka_dlt-exception-stacktrace', error.stack ?? ''],
  ];
  if (groupId !== null) headers.push(['kafka_dlt-original-consumer-group', groupId]);
  const { cause } = error;
  if (cause instanceof Error) headers.push(['kafka_dlt-exception-cause-fqcn', cause.name]);
  return headers;
}

/** Resolves once the dead letter is stored. */
export async function sendDeadLetter<K, V>(
  producer: DeadLetterProducer,
  record: ConsumerRecord<K, V>,
  groupId: string | null,
  thrown: unknown,
): Promise<void> {
  const topic = typedTopic<NullableBytes, NullableBytes>(record.topic + SUFFIX);
  const headers = deadLetterHeaders(record, groupId, thrown);
  await producer.send(topic, { key: record.keyBytes, value: record.valueBytes, headers });
}
