import type { ConsumerCore, Taken } from './consumer-core.ts';
import type { ConsumerRecord } from './records/consumer-record.ts';

const ENDED = { value: undefined, done: true } as const;

/**
 * The records one after the other. A record counts as left behind once the next one is asked for.
 * Records of one batch cost no wait.
 */
export class RecordLoop<K, V> implements AsyncIterableIterator<ConsumerRecord<K, V>> {
  readonly #core: ConsumerCore<K, V>;
  readonly #signal: AbortSignal | undefined;
  #taken: Taken<K, V> | null = null;
  #next = 0;
  #isOver = false;

  constructor(core: ConsumerCore<K, V>, signal?: AbortSignal) {
    this.#core = core;
    this.#signal = signal;
  }

  next(): Promise<IteratorResult<ConsumerRecord<K, V>>> {
    const record = this.#fromBatch();
    if (record === null) return this.#fromCore();
    return Promise.resolve({ value: record, done: false });
  }

  /**
   * What was not handed out comes again in the next loop. The last record does not count as left
   * behind: the loop may have ended because it failed.
   */
  return(): Promise<IteratorResult<ConsumerRecord<K, V>>> {
    this.#isOver = true;
    this.#putBackRest();
    return Promise.resolve(ENDED);
  }

  [Symbol.asyncIterator](): this {
    return this;
  }

  #fromBatch(): ConsumerRecord<K, V> | null {
    const taken = this.#taken;
    if (taken === null) return null;
    const { state, batch, turn } = taken;
    state.leave();
    const i = this.#next;
    const isVoid = state.turn !== turn || state.isRevoked || state.isPaused;
    if (isVoid || i >= batch.length || this.#core.isClosed || this.#signal?.aborted === true) {
      this.#letGo();
      return null;
    }
    this.#next = i + 1;
    const nextOffset = this.#next === batch.length ? batch.nextOffset : batch.offset(i) + 1;
    state.handTo(nextOffset, batch.origin.leaderEpoch);
    return batch.record(i);
  }

  async #fromCore(): Promise<IteratorResult<ConsumerRecord<K, V>>> {
    for (;;) {
      if (this.#isOver || this.#core.isClosed || this.#signal?.aborted === true) return ENDED;
      this.#taken = this.#core.take();
      this.#next = 0;
      const record = this.#fromBatch();
      if (record !== null) return { value: record, done: false };
      if (this.#taken === null) await this.#core.wait(this.#signal);
    }
  }

  #letGo(): void {
    this.#taken?.state.leave();
    this.#putBackRest();
  }

  #putBackRest(): void {
    const taken = this.#taken;
    this.#taken = null;
    if (taken === null || taken.state.turn !== taken.turn) return;
    if (this.#next < taken.batch.length) taken.state.putBack(taken.batch.from(this.#next));
  }
}
