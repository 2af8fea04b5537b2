import type { HandedRecords } from './handed-records.ts';
import type { ShareCore } from './share-core.ts';
import type { ShareRecord } from './share-record.ts';

const ENDED = { value: undefined, done: true } as const;

/** The records one after the other, until the consumer closes or the signal fires. */
export class ShareLoop<K, V> implements AsyncIterableIterator<ShareRecord<K, V>> {
  readonly #core: ShareCore<K, V>;
  readonly #hand: HandedRecords<K, V>;
  readonly #signal: AbortSignal | undefined;
  #isOver = false;

  constructor(core: ShareCore<K, V>, hand: HandedRecords<K, V>, signal?: AbortSignal) {
    this.#core = core;
    this.#hand = hand;
    this.#signal = signal;
  }

  async next(): Promise<IteratorResult<ShareRecord<K, V>>> {
    this.#hand.leave();
    for (;;) {
      if (this.#isOver || this.#core.isClosed || this.#signal?.aborted === true) return ENDED;
      const taken = this.#core.take(1);
      if (taken.length > 0) {
        this.#hand.hand(taken);
        return { value: taken[0]!, done: false };
      }
      if (this.#hand.isExplicit) this.#hand.requireNone();
      await this.#core.wait(this.#signal);
    }
  }

  /** The record in hand is released, unless something was said of it. */
  return(): Promise<IteratorResult<ShareRecord<K, V>>> {
    this.#isOver = true;
    this.#hand.giveBack();
    return Promise.resolve(ENDED);
  }

  [Symbol.asyncIterator](): this {
    return this;
  }
}
