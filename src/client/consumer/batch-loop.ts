import type { ConsumerCore } from './consumer-core.ts';
import type { PartitionState } from './fetch/partition-state.ts';
import type { RecordBatch } from './records/record-batch.ts';

const ENDED = { value: undefined, done: true } as const;

/** The batches one after the other. A batch counts as left behind once the next is asked for. */
export class BatchLoop<K, V> implements AsyncIterableIterator<RecordBatch<K, V>> {
  readonly #core: ConsumerCore<K, V>;
  readonly #signal: AbortSignal | undefined;
  /** Null for all partitions; else the loop ends once this one is revoked. */
  readonly #only: PartitionState<K, V> | null;
  #hand: PartitionState<K, V> | null = null;
  #isOver = false;

  constructor(
    core: ConsumerCore<K, V>,
    signal?: AbortSignal,
    only: PartitionState<K, V> | null = null,
  ) {
    this.#core = core;
    this.#signal = signal;
    this.#only = only;
  }

  async next(): Promise<IteratorResult<RecordBatch<K, V>>> {
    const core = this.#core;
    this.#leave();
    for (;;) {
      if (this.#isOver || core.isClosed || this.#signal?.aborted === true) return ENDED;
      if (this.#only?.isRevoked === true) return ENDED;
      const batch = this.#take();
      if (batch !== null) return { value: batch, done: false };
      await core.wait(this.#signal);
    }
  }

  /** The last batch does not count as left behind: the loop may have ended because it failed. */
  return(): Promise<IteratorResult<RecordBatch<K, V>>> {
    this.#isOver = true;
    return Promise.resolve(ENDED);
  }

  [Symbol.asyncIterator](): this {
    return this;
  }

  #take(): RecordBatch<K, V> | null {
    const only = this.#only;
    const taken = only === null ? this.#core.take() : this.#takeOf(only);
    if (taken === null) return null;
    const { state, batch } = taken;
    state.handTo(batch.nextOffset, batch.origin.leaderEpoch);
    this.#hand = state;
    return batch;
  }

  #takeOf(state: PartitionState<K, V>) {
    const batch = this.#core.takeOf(state);
    return batch === null ? null : { state, batch };
  }

  #leave(): void {
    this.#hand?.leave();
    this.#hand = null;
  }
}
