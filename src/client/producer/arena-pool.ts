/**
 * Memory for batches. It comes in three sizes: a partition with little data takes the smallest, and
 * a batch that outgrows its arena moves to the next (KIP-1332). What comes back is used again.
 */
export class ArenaPool {
  readonly #sizes: readonly number[];
  readonly #free: Buffer[][];
  readonly #limitBytes: number;
  #freeBytes = 0;

  constructor(largest: number, limitBytes: number) {
    this.#sizes = [largest >> 4, largest >> 2, largest].map((size) => Math.max(size, SMALLEST));
    this.#free = this.#sizes.map(() => []);
    this.#limitBytes = limitBytes;
  }

  /** At least so much, at most the largest size unless more is needed. */
  take(bytes: number): Buffer {
    const size = this.#sizes.findIndex((each) => each >= bytes);
    if (size < 0) return Buffer.allocUnsafeSlow(bytes);
    const free = this.#free[size]!.pop();
    if (free === undefined) return Buffer.allocUnsafeSlow(this.#sizes[size]!);
    this.#freeBytes -= free.length;
    return free;
  }

  give(arena: Buffer): void {
    const size = this.#sizes.indexOf(arena.length);
    if (size < 0 || this.#freeBytes + arena.length > this.#limitBytes) return;
    this.#free[size]!.push(arena);
    this.#freeBytes += arena.length;
  }
}

const SMALLEST = 512;
