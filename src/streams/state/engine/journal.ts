const FIRST_SLOTS = 16;
/** Above so many slots the memory is given back after a transaction that has used little of it. */
const KEPT_SLOTS = 1 << 14;
const LITTLE = 1 / 8;

/**
 * The rows that the open transaction has touched, each with what was there before: an abort puts it
 * back. Beside that it knows what last left the record cache. A slot is
 *
 *   0 row   1 block before, 0 for none   2 its value's length
 *   3 block last flushed   4 its value's length
 *
 * with -1 as the length of no value.
 */
export class Journal {
  static readonly STRIDE = 5;
  slots = new Int32Array(FIRST_SLOTS * Journal.STRIDE);
  count = 0;

  /** Returns the number of the slot. */
  add(row: number, block: number, valueLength: number): number {
    const at = this.count * Journal.STRIDE;
    if (at === this.slots.length) this.#grow();
    const { slots } = this;
    slots[at] = row;
    slots[at + 1] = block;
    slots[at + 2] = valueLength;
    slots[at + 3] = block;
    slots[at + 4] = valueLength;
    return this.count++;
  }

  clear(): void {
    const used = this.count * Journal.STRIDE;
    this.count = 0;
    const { length } = this.slots;
    if (length <= KEPT_SLOTS * Journal.STRIDE || used > length * LITTLE) return;
    this.slots = new Int32Array(FIRST_SLOTS * Journal.STRIDE);
  }

  #grow(): void {
    const grown = new Int32Array(this.slots.length * 2);
    grown.set(this.slots);
    this.slots = grown;
  }
}
