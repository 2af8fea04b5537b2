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
 * loop that leaves it. One that is dropped unread ends with the garbage collector.
 */
export class HeldBlocks {
  readonly #arena: Arena;
  #views: WeakRef<View>[] = [];
  /** Pairs of address and size. */
  #freed: number[] = [];
  #sweepAt = FIRST_SWEEP;

  constructor(arena: Arena) {
    this.#arena = arena;
  }

  /** While it is, no block may be overwritten where it lies. */
  get isViewed(): boolean {
    return this.#views.length > 0;
  }

  add(view: View): void {
    this.#views.push(new WeakRef(view));
  }

  free(address: number, bytes: number): void {
    if (this.#views.length === 0) {
      this.#arena.free(address, bytes);
      return;
    }
    this.#freed.push(address, bytes);
    if (this.#freed.length >= this.#sweepAt) this.sweep();
  }

  /** Called when a view has ended. */
  sweep(): void {
    this.#views = this.#views.filter((view) => view.deref()?.isOpen === true);
    this.#sweepAt = Math.max(FIRST_SWEEP, this.#freed.length * 2);
    if (this.#views.length > 0) return;
    const freed = this.#freed;
    for (let at = 0; at < freed.length; at += 2) this.#arena.free(freed[at]!, freed[at + 1]!);
    this.#freed = [];
  }

  clear(): void {
    for (const view of this.#views) view.deref()?.end();
    this.#views = [];
    this.#freed = [];
    this.#sweepAt = FIRST_SWEEP;
  }
}
