import type { TopicPartition } from '../topic-partition.ts';
import { BatchLoop } from './batch-loop.ts';
import type { ConsumerCore } from './consumer-core.ts';
import type { PartitionState } from './fetch/partition-state.ts';
import type { ConsumerRecord } from './records/consumer-record.ts';
import type { RecordBatch } from './records/record-batch.ts';

const ENDED = { value: undefined, done: true } as const;

/** The batches of one partition. It ends once the partition is revoked. */
export interface AssignedPartition<K, V> extends TopicPartition {
  /** Its batches as producers made them, until it is revoked. */
  batches(): AsyncIterableIterator<RecordBatch<K, V>>;
  /** Its records one after the other, until it is revoked. */
  records(): AsyncGenerator<ConsumerRecord<K, V>>;
}

/** Gives each partition once, as soon as it is assigned. */
export class PartitionStream<K, V> implements AsyncIterableIterator<AssignedPartition<K, V>> {
  readonly #core: ConsumerCore<K, V>;
  readonly #signal: AbortSignal | undefined;
  readonly #given = new WeakSet<PartitionState<K, V>>();
  #isOver = false;

  constructor(core: ConsumerCore<K, V>, signal?: AbortSignal) {
    this.#core = core;
    this.#signal = signal;
  }

  async next(): Promise<IteratorResult<AssignedPartition<K, V>>> {
    const core = this.#core;
    for (;;) {
      if (this.#isOver || core.isClosed || this.#signal?.aborted === true) return ENDED;
      core.throwFailure();
      const state = [...core.states.values()].find((each) => !this.#given.has(each));
      if (state !== undefined) {
        this.#given.add(state);
        return { value: this.#streamOf(state), done: false };
      }
      await core.wait(this.#signal);
    }
  }

  return(): Promise<IteratorResult<AssignedPartition<K, V>>> {
    this.#isOver = true;
    return Promise.resolve(ENDED);
  }

  [Symbol.asyncIterator](): this {
    return this;
  }

  #streamOf(state: PartitionState<K, V>): AssignedPartition<K, V> {
    const { topic, partition } = state;
    const batches = () => new BatchLoop(this.#core, this.#signal, state);
    return { topic, partition, batches, records: () => recordsOf(batches()) };
  }
}

async function* recordsOf<K, V>(
  batches: AsyncIterable<RecordBatch<K, V>>,
): AsyncGenerator<ConsumerRecord<K, V>> {
  for await (const batch of batches) yield* batch;
}
