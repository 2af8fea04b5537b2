import type { Topic } from '../serde/topic.ts';
import type { HeldRecords } from './held-records.ts';
import type { ProducerInterceptors } from './producer-interceptors.ts';
import type { RecordHeaders } from './record-headers.ts';
import type { TopicRoute } from './topic-route.ts';
import { TopicWriter, type WriterHost, type WriterOptions } from './topic-writer.ts';

/** A writer whose records go through interceptors first. */
export class InterceptedWriter<Key, Value> extends TopicWriter<Key, Value> {
  readonly #interceptors: ProducerInterceptors;
  readonly #name: string;

  constructor(
    interceptors: ProducerInterceptors,
    topic: Topic<Key, Value, unknown, unknown>,
    route: TopicRoute,
    held: HeldRecords,
    host: WriterHost,
    options: WriterOptions,
  ) {
    super(topic, route, held, host, options);
    this.#interceptors = interceptors;
    this.#name = topic.name;
  }

  override enqueue(
    key: Key,
    value: Value,
    headers?: RecordHeaders,
    timestamp?: number,
    partition?: number,
  ): boolean {
    const given = {
      key,
      value,
      ...(headers === undefined ? {} : { headers }),
      ...(timestamp === undefined ? {} : { timestamp }),
      ...(partition === undefined ? {} : { partition }),
    };
    const record = this.#interceptors.onSend(given, this.#name);
    const { headers: ownHeaders, timestamp: ownTime, partition: ownPartition } = record;
    return super.enqueue(record.key, record.value, ownHeaders, ownTime, ownPartition);
  }
}
