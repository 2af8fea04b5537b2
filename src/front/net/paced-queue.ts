import type { Clock } from '../../base/clock.ts';

/** Done items are removed in bulk: moving a long queue in every turn would cost too much. */
const FORGET_AFTER = 1024;

/**
 * A queue for work that comes in floods. In each turn of the event loop it does a share of it, in
 * order. However long it is, other work waits no longer than that share.
 */
export class PacedQueue<Item> {
  readonly #shareMs: number;
  readonly #clock: Clock;
  readonly #act: (item: Item) => void;
  #items: Item[] = [];
  /** Items before this index are done. */
  #head = 0;
  #scheduled = false;
  readonly #onTurn = () => this.#turn();

  constructor(shareMs: number, clock: Clock, act: (item: Item) => void) {
    this.#shareMs = shareMs;
    this.#clock = clock;
    this.#act = act;
  }

  get length(): number {
    return this.#items.length - this.#head;
  }

  push(item: Item): void {
    this.#items.push(item);
    if (this.#scheduled) return;
    this.#scheduled = true;
    setImmediate(this.#onTurn);
  }

  #turn(): void {
    this.#scheduled = false;
    const endMs = this.#clock.monotonicMs() + this.#shareMs;
    // Items pushed meanwhile wait for the next turn: an item may push itself again.
    const end = this.#items.length;
    while (this.#head < end) {
      this.#act(this.#items[this.#head++]!);
      if (this.#clock.monotonicMs() >= endMs) break;
    }
    if (this.#head === this.#items.length) {
      this.#items = [];
      this.#head = 0;
    } else if (this.#head > FORGET_AFTER) {
      this.#items.splice(0, this.#head);
      this.#head = 0;
    }
    if (this.#items.length === 0 || this.#scheduled) return;
    this.#scheduled = true;
    setImmediate(this.#onTurn);
  }
}
