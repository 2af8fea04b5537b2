const HASH_BITS = 14;
const EPOCH_MAX = 2 ** 30;

/** The hash of four bytes: their product with a multiplier, shifted right by this many bits. */
export const SLOT_SHIFT = 32 - HASH_BITS;

/**
 * Where an encoder saw four bytes last. Positions are offset by an epoch, so that what is left of
 * the blocks before lies before the start of this one, and nothing need be cleared.
 */
export class MatchTable {
  readonly slots = new Int32Array(1 << HASH_BITS);
  #epoch = 1;

  /** For a block: what is to be added to its positions in `slots`. */
  biasFor(start: number, end: number): number {
    if (this.#epoch > EPOCH_MAX) {
      this.slots.fill(0);
      this.#epoch = 1;
    }
    const bias = this.#epoch - start;
    this.#epoch += end - start;
    return bias;
  }
}
