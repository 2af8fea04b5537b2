import type { Producer } from '../producer/producer.ts';
import type { ProducerRecord } from '../producer/producer-record.ts';
import type { Topic } from '../serde/topic.ts';
import { StreamSink } from './stream-sink.ts';

/**
 * A Web stream that sends `{ key, value, headers, … }` to a topic. A write waits where the producer
 * has no room. `close` resolves once all records have arrived; one that does not fails the stream.
 * `close` and `abort` close the producer.
 */
export function toWritableStream<Key, Value>(
  producer: Producer,
  topic: Topic<Key, Value, unknown, unknown>,
): WritableStream<ProducerRecord<Key, Value>> {
  let controller: WritableStreamDefaultController;
  const sink = new StreamSink(producer, topic, (error) => controller.error(error));
  return new WritableStream<ProducerRecord<Key, Value>>({
    start: (given) => {
      controller = given;
    },
    write: (record) => sink.write(record),
    close: async () => {
      try {
        await sink.end();
      } finally {
        await producer.close();
      }
    },
    abort: () => producer.close({ timeoutMs: 0 }),
  });
}
