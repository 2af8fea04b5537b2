import { Writable } from 'node:stream';
import { inBackground } from '../../base/in-background.ts';
import { toKafkaError } from '../errors/kafka-error.ts';
import type { Producer } from '../producer/producer.ts';
import type { ProducerRecord } from '../producer/producer-record.ts';
import type { Topic } from '../serde/topic.ts';
import { StreamSink } from './stream-sink.ts';

type Callback = (error?: Error | null) => void;

class ProducerWritable<Key, Value> extends Writable {
  readonly #producer: Producer;
  readonly #sink: StreamSink<Key, Value>;

  constructor(producer: Producer, topic: Topic<Key, Value, unknown, unknown>) {
    super({ objectMode: true });
    this.#producer = producer;
    this.#sink = new StreamSink(producer, topic, (error) => this.destroy(error));
  }

  override _write(record: ProducerRecord<Key, Value>, _: unknown, callback: Callback): void {
    settle(this.#sink.write(record), callback);
  }

  override _final(callback: Callback): void {
    settle(this.#sink.end(), callback);
  }

  override _destroy(error: Error | null, callback: Callback): void {
    // What was written before a failure elsewhere may be on its way; nothing new waits for it.
    const closing = this.#producer.close(error === null ? {} : { timeoutMs: 0 });
    settle(closing, (failure) => callback(error ?? failure ?? null));
  }
}

function settle(work: Promise<void>, callback: Callback): void {
  inBackground(
    work.then(() => callback()),
    (thrown) => callback(toKafkaError(thrown)),
  );
}

/**
 * A Node stream in object mode that sends `{ key, value, headers, … }` to a topic. `write` returns
 * false where the producer has no room. `finish` comes once all records have arrived; one that does
 * not destroys the stream. Its end and `destroy` close the producer.
 */
export function toNodeWritable<Key, Value>(
  producer: Producer,
  topic: Topic<Key, Value, unknown, unknown>,
): Writable {
  return new ProducerWritable(producer, topic);
}
