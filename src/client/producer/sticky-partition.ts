/** What a choice looks at of each partition. */
export interface PartitionLoad {
  readonly partition: number;
  readonly hasLeader: boolean;
  /** Batches that wait. */
  readonly queued: number;
  /** Whether its broker takes nothing off it for longer than is allowed. */
  readonly isStuck: boolean;
}

/**
 * The partition for records without a key (KIP-794): the same until it has got `batch.size` bytes,
 * then another by chance. A partition whose queue is long is chosen less often.
 */
export class StickyPartition {
  readonly #isAdaptive: boolean;
  readonly #switchBytes: number;
  readonly #random: () => number;
  #partition = -1;
  #bytes = 0;

  constructor(switchBytes: number, isAdaptive: boolean, random: () => number = Math.random) {
    this.#switchBytes = switchBytes;
    this.#isAdaptive = isAdaptive;
    this.#random = random;
  }

  /** -1 where a choice is due. */
  get current(): number {
    return this.#partition;
  }

  choose(loads: readonly PartitionLoad[]): number {
    this.#bytes = 0;
    this.#partition = this.#draw(loads);
    return this.#partition;
  }

  /**
   * Counts what the partition got. It is left when it has enough, but not with a batch half full,
   * unless it has had twice that.
   */
  add(bytes: number, isBatchFull: boolean): void {
    this.#bytes += bytes;
    const isDue = this.#bytes >= this.#switchBytes && isBatchFull;
    if (isDue || this.#bytes >= 2 * this.#switchBytes) this.#partition = -1;
  }

  #draw(loads: readonly PartitionLoad[]): number {
    let pool = loads.filter(({ hasLeader }) => hasLeader);
    const moving = pool.filter(({ isStuck }) => !isStuck);
    if (moving.length > 0) pool = moving;
    if (pool.length === 0) pool = [...loads];
    let longest = 0;
    for (const { queued } of pool) longest = Math.max(longest, queued);
    const isEven = !this.#isAdaptive || pool.every(({ queued }) => queued === longest);
    if (isEven) return pool[Math.floor(this.#random() * pool.length)]!.partition;
    let total = 0;
    for (const { queued } of pool) total += longest + 1 - queued;
    let drawn = this.#random() * total;
    for (const { partition, queued } of pool) {
      drawn -= longest + 1 - queued;
      if (drawn < 0) return partition;
    }
    return pool.at(-1)!.partition;
  }
}
