import type { Consumer } from '../consumer/consumer.ts';
import type { ConsumerRecord } from '../consumer/records/consumer-record.ts';
import type { RecordBatch } from '../consumer/records/record-batch.ts';
import { type BatchSourceOptions, loopOf, type SourceOptions } from './stream-source.ts';

/**
 * The records of a consumer as a Web stream, one at a time. Automatic commits cover what the stream
 * has handed on before. Its end, its failure and `cancel` close the consumer.
 */
export function toReadableStream<K, V>(
  consumer: Consumer<K, V>,
  options: BatchSourceOptions,
): ReadableStream<RecordBatch<K, V>>;
export function toReadableStream<K, V>(
  consumer: Consumer<K, V>,
  options?: SourceOptions,
): ReadableStream<ConsumerRecord<K, V>>;
export function toReadableStream<K, V>(
  consumer: Consumer<K, V>,
  options: SourceOptions | BatchSourceOptions = {},
): ReadableStream<unknown> {
  const loop = loopOf(consumer, options);
  const pull = async (controller: ReadableStreamDefaultController<unknown>): Promise<void> => {
    try {
      const { value, done } = await loop.next();
      if (done !== true) {
        controller.enqueue(value);
        return;
      }
      controller.close();
    } catch (thrown) {
      controller.error(thrown);
    }
    await consumer.close();
  };
  const cancel = async (): Promise<void> => {
    await loop.return?.();
    await consumer.close();
  };
  // Without a mark of zero the stream would take one record ahead of its reader.
  return new ReadableStream({ pull, cancel }, { highWaterMark: 0 });
}
