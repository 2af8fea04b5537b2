import { Readable } from 'node:stream';
import { inBackground } from '../../base/in-background.ts';
import type { Consumer } from '../consumer/consumer.ts';
import { toKafkaError } from '../errors/kafka-error.ts';
import {
  type BatchSourceOptions,
  loopOf,
  type SourceOptions,
  type StreamItem,
} from './stream-source.ts';

/** Reads ahead of nobody: a record is taken from the consumer when the stream is asked for it. */
class ConsumerReadable<K, V> extends Readable {
  readonly #consumer: Consumer<K, V>;
  readonly #loop: AsyncIterableIterator<StreamItem<K, V>>;

  constructor(consumer: Consumer<K, V>, options: SourceOptions | BatchSourceOptions) {
    super({ objectMode: true, highWaterMark: 0 });
    this.#consumer = consumer;
    this.#loop = loopOf(consumer, options);
  }

  override _read(): void {
    const next = this.#loop.next().then(({ value, done }) => {
      this.push(done === true ? null : value);
    });
    inBackground(next, (thrown) => this.destroy(toKafkaError(thrown)));
  }

  override _destroy(error: Error | null, callback: (error?: Error | null) => void): void {
    const closing = Promise.resolve(this.#loop.return?.()).then(() => this.#consumer.close());
    inBackground(
      closing.then(() => callback(error)),
      (thrown) => callback(error ?? toKafkaError(thrown)),
    );
  }
}

/**
 * The records of a consumer as a Node stream in object mode, one at a time. Automatic commits cover
 * what the stream has handed on before. Its end, its failure and `destroy` close the consumer.
 */
export function toNodeReadable<K, V>(
  consumer: Consumer<K, V>,
  options: SourceOptions | BatchSourceOptions = {},
): Readable {
  return new ConsumerReadable(consumer, options);
}
