import type { Arena } from './arena.ts';

/** An iteration that shows blocks as they were when it began. */
export interface View {
  readonly isOpen: boolean;
  /** The blocks are gone: there is no further entry. */
  end(): void;
}

/** At so many freed blocks it is looked for views that nobody holds any more. */
const FIRST_SWEEP = 1024;

/**
 * Blocks that were freed while iterations stand on them. A view ends by its last entry or by the
 * loop that leaves it. One that is dropped unread ends with the garbage collector: it is held until
 * the transaction is over, and only weakly from then on. Most views end long before, so weak
 * references, which cost the collector time, are rare.
 */
export class HeldBlocks {
  readonly #arena: Arena;
  #young: View[] = [];
  #old: WeakRef<View>[] = [];
  /** Pairs of address and size. */
  #freed: number[] = [];
  #sweepAt = FIRST_SWEEP;

  constructor(arena: Arena) {
    this.#arena = arena;
  }

  /** While it is, no block may be overwritten where it lies. */
  get isViewed(): boolean {
    return this.#young.length > 0 || this.#old.length > 0;
  }

  add(view: View): void {
    this.#young.push(view);
  }

  free(address: number, bytes: number): void {
    if (!this.isViewed) {
      this.#arena.free(address, bytes);
      return;
    }
    this.#freed.push(address, bytes);
    if (this.#freed.length >= this.#sweepAt) this.#sweep();
  }

  /** A view has ended. */
  ended(view: View): void {
    const young = this.#young;
    if (young.at(-1) === view) young.pop();
    else this.#young = young.filter((each) => each !== view);
    this.#sweep();
  }

  /** The transaction is over. */
  age(): void {
    if (this.#young.length === 0) return;
    for (const view of this.#young) this.#old.push(new WeakRef(view));
    this.#young = [];
  }

  clear(): void {
    this.age();
    for (const view of this.#old) view.deref()?.end();
    this.#old = [];
    this.#freed = [];
    this.#sweepAt = FIRST_SWEEP;
  }

  #sweep(): void {
    if (this.#old.length > 0) {
      this.#old = this.#old.filter((view) => view.deref()?.isOpen === true);
    }
    this.#sweepAt = Math.max(FIRST_SWEEP, this.#freed.length * 2);
    if (this.isViewed || this.#freed.length === 0) return;
    const freed = this.#freed;
    for (let at = 0; at < freed.length; at += 2) this.#arena.free(freed[at]!, freed[at + 1]!);
    this.#freed = [];
  }
}
