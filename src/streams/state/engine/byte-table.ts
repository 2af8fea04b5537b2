import { StateError } from '../state-error.ts';
import { hashBytes } from './hash-bytes.ts';
import { Journal } from './journal.ts';
import { NO_VALUE, RowBlocks, STRIDE } from './row-blocks.ts';
import type { RowListener } from './row-listener.ts';
import type { RowTaker } from './row-taker.ts';

const FIRST_CAPACITY = 16;
const SLOT = 3;

/**
 * A hash table from bytes to bytes, with open addressing, at most half full. A slot is
 *
 *   0 hash   1 row + 1, 0 for none   2 the row's block as it was last seen
 *
 * Row and block mostly lie in memory that is not at hand. With the block in the slot the processor
 * fetches both at once: it need not wait for the row to learn where the block is.
 *
 * Writes of a transaction stand in the table at once. The journal keeps what was there before:
 * `settle` forgets it, `revert` puts it back. A row without a value lives on until then.
 */
export class ByteTable extends RowBlocks {
  readonly #listeners: RowListener[] = [];
  #slots = new Int32Array(FIRST_CAPACITY * SLOT);
  /** The number of the last slot. */
  #last = FIRST_CAPACITY - 1;
  #occupied = 0;
  /** Of the last search: the hash, and where in the slots it has ended. */
  #hash = 0;
  #at = 0;
  /** Rows that have a value. */
  count = 0;
  /** Moves whenever a row ends, since its number may become another's. */
  removals = 0;

  listen(listener: RowListener): void {
    this.#listeners.push(listener);
  }

  /** The row of the key, with a value or without; -1 for none. */
  find(key: Uint8Array): number {
    return this.findIn(key, 0, key.length);
  }

  /** The same for a key that stands in larger memory. */
  findIn(bytes: Uint8Array, start: number, end: number): number {
    const slots = this.#slots;
    const last = this.#last;
    const hash = hashBytes(bytes, start, end);
    this.#hash = hash;
    for (let number = hash & last; ; number = (number + 1) & last) {
      const at = number * SLOT;
      const row = slots[at + 1]! - 1;
      if (row >= 0 && (slots[at] !== hash || !this.#isAt(at, row, bytes, start, end))) continue;
      this.#at = at;
      return row;
    }
  }

  /** Whether the row, whose slot stands at `at`, has the key. */
  #isAt(at: number, row: number, bytes: Uint8Array, start: number, end: number): boolean {
    const slots = this.#slots;
    if (this.hasKey(row, slots[at + 2]!, bytes, start, end)) return true;
    const block = this.rows[row * STRIDE]!;
    if (block === slots[at + 2] || !this.hasKey(row, block, bytes, start, end)) return false;
    slots[at + 2] = block;
    return true;
  }

  /** Writes a value as part of the open transaction, and returns its row. */
  put(key: Uint8Array, value: Uint8Array, stamp: number): number {
    const found = this.find(key);
    if (found >= 0) {
      this.set(found, value, stamp);
      return found;
    }
    const row = this.#add(key, 0, key.length, value.length);
    this.rows[row * STRIDE + 3] = -(this.journal.add(row, 0, NO_VALUE) + 1);
    this.fill(this.blockOf(row), key.length, value, stamp);
    for (const listener of this.#listeners) listener.added(row);
    return row;
  }

  /** The same for a row that is there. */
  set(row: number, value: Uint8Array, stamp: number): void {
    const rows = this.rows;
    const cell = row * STRIDE;
    const before = rows[cell]!;
    const keyLength = rows[cell + 1]!;
    const lengthBefore = rows[cell + 2]!;
    const mark = rows[cell + 3]!;
    let block = before;
    if (mark >= 0 || !this.fits(keyLength, lengthBefore, value.length)) {
      block = this.allocate(keyLength + this.stampBytes + value.length);
      this.copyKey(before, block, keyLength);
      if (mark < 0) this.free(before, keyLength, lengthBefore);
      rows[cell] = block;
      if (this.#slots[this.#at + 1] === row + 1) this.#slots[this.#at + 2] = block;
      if (mark > 0) rows[cell + 3] = -mark;
      else if (mark === 0) rows[cell + 3] = -(this.journal.add(row, before, lengthBefore) + 1);
    }
    if (lengthBefore < 0) this.count++;
    rows[cell + 2] = value.length;
    this.fill(block, keyLength, value, stamp);
  }

  /** Takes a row's value away as part of the open transaction. */
  unset(row: number): void {
    const rows = this.rows;
    const cell = row * STRIDE;
    const block = rows[cell]!;
    const keyLength = rows[cell + 1]!;
    const length = rows[cell + 2]!;
    if (length < 0) return;
    const mark = rows[cell + 3]!;
    if (mark === 0) {
      rows[cell + 3] = this.journal.add(row, block, length) + 1;
    } else if (block !== this.journal.slots[this.slotOf(row) * Journal.STRIDE + 1]) {
      // The size of a block follows from its value's length, so the key alone gets its own block.
      const bare = this.allocate(keyLength + this.stampBytes);
      this.copyKey(block, bare, keyLength);
      if (mark < 0) this.free(block, keyLength, length);
      rows[cell] = bare;
      rows[cell + 3] = -Math.abs(mark);
    }
    rows[cell + 2] = NO_VALUE;
    this.count--;
  }

  /** Writes a row outside of any transaction: a restored one. */
  load(key: Uint8Array, value: Uint8Array | null, stamp: number): void {
    if (value !== null) {
      this.#settleLast(this.put(key, value, stamp));
      return;
    }
    const row = this.find(key);
    if (row >= 0) this.drop(row);
  }

  /** `load` of a key and a value that stand in larger memory. */
  loadFrom(
    bytes: Buffer,
    keyStart: number,
    keyEnd: number,
    valueStart: number,
    valueEnd: number,
    stamp: number,
  ): void {
    const keyLength = keyEnd - keyStart;
    const length = valueEnd - valueStart;
    const found = this.findIn(bytes, keyStart, keyEnd);
    if (found >= 0) {
      const block = this.#blockToLoad(found, keyLength, length);
      this.fillFrom(block, keyLength, bytes, valueStart, valueEnd, stamp);
      return;
    }
    const row = this.#add(bytes, keyStart, keyEnd, length);
    this.fillFrom(this.blockOf(row), keyLength, bytes, valueStart, valueEnd, stamp);
    for (const listener of this.#listeners) listener.added(row);
  }

  /** Removes a row that the open transaction has not touched, outside of it. */
  drop(row: number): void {
    this.unset(row);
    this.#settleLast(row);
  }

  /** The transaction is committed. `take` gets each row that it has touched before. */
  settle(take?: RowTaker): void {
    const { count, slots } = this.journal;
    for (let slot = 0; slot < count; slot++) {
      take?.(slots[slot * Journal.STRIDE]!);
      this.#settleSlot(slot);
    }
    this.journal.clear();
    this.held.age();
  }

  /** The transaction is aborted: everything is as it was before. */
  revert(): void {
    const { count, slots } = this.journal;
    for (let slot = 0; slot < count; slot++) {
      const at = slot * Journal.STRIDE;
      const row = slots[at]!;
      const cell = row * STRIDE;
      const before = slots[at + 1]!;
      if (this.isLive(row)) this.count--;
      if (before === 0) {
        this.#removeRow(row);
      } else {
        this.#freeOwn(row, at);
        this.rows[cell] = before;
        this.rows[cell + 2] = slots[at + 2]!;
        this.rows[cell + 3] = 0;
        if (slots[at + 2]! >= 0) this.count++;
      }
    }
    this.journal.clear();
    this.held.age();
  }

  /** The block with what the record cache last gave on of a touched row; 0 for nothing. */
  flushedBlock(row: number): number {
    return this.journal.slots[this.slotOf(row) * Journal.STRIDE + 3]!;
  }

  /** The length of the value in it; -1 for none. */
  flushedLength(row: number): number {
    return this.journal.slots[this.slotOf(row) * Journal.STRIDE + 4]!;
  }

  /** What the record cache gave on is now what the row has. */
  markFlushed(row: number): void {
    const { slots } = this.journal;
    const at = this.slotOf(row) * Journal.STRIDE;
    const block = this.blockOf(row);
    const flushed = slots[at + 3]!;
    if (flushed !== block && flushed !== slots[at + 1]) {
      this.free(flushed, this.keyLength(row), slots[at + 4]!);
    }
    slots[at + 3] = block;
    slots[at + 4] = this.valueLength(row);
    this.rows[row * STRIDE + 3] = this.slotOf(row) + 1;
  }

  clear(): void {
    this.clearRows();
    this.#slots = new Int32Array(FIRST_CAPACITY * SLOT);
    this.#last = FIRST_CAPACITY - 1;
    this.#occupied = 0;
    this.#at = 0;
    this.count = 0;
    this.removals++;
  }

  /**
   * A row for the key that the last search has not found, with room for a value of this length. No
   * journal knows it yet.
   */
  #add(key: Uint8Array, start: number, end: number, valueLength: number): number {
    const keyLength = end - start;
    const block = this.allocate(keyLength + this.stampBytes + valueLength);
    this.placeKey(block, key, start, end);
    const row = this.takeRow();
    const rows = this.rows;
    const cell = row * STRIDE;
    rows[cell] = block;
    rows[cell + 1] = keyLength;
    rows[cell + 2] = valueLength;
    rows[cell + 3] = 0;
    const slots = this.#slots;
    const at = this.#at;
    slots[at] = this.#hash;
    slots[at + 1] = row + 1;
    slots[at + 2] = block;
    this.count++;
    if (++this.#occupied * 2 > this.#last) this.#growSlots();
    return row;
  }

  /** The block for another value of this length, outside of any transaction. */
  #blockToLoad(row: number, keyLength: number, length: number): number {
    const rows = this.rows;
    const cell = row * STRIDE;
    if (rows[cell + 3] !== 0) throw belongsToOpen();
    const before = rows[cell]!;
    const lengthBefore = rows[cell + 2]!;
    rows[cell + 2] = length;
    if (this.fits(keyLength, lengthBefore, length)) return before;
    const block = this.allocate(keyLength + this.stampBytes + length);
    this.copyKey(before, block, keyLength);
    this.free(before, keyLength, lengthBefore);
    rows[cell] = block;
    return block;
  }

  #growSlots(): void {
    const before = this.#slots;
    const grown = new Int32Array(before.length * 2);
    const last = this.#last * 2 + 1;
    for (let from = 0; from < before.length; from += SLOT) {
      if (before[from + 1] === 0) continue;
      let number = before[from]! & last;
      while (grown[number * SLOT + 1] !== 0) number = (number + 1) & last;
      const at = number * SLOT;
      grown[at] = before[from]!;
      grown[at + 1] = before[from + 1]!;
      grown[at + 2] = before[from + 2]!;
    }
    this.#slots = grown;
    this.#last = last;
  }

  #settleLast(row: number): void {
    const slot = this.slotOf(row);
    if (slot !== this.journal.count - 1) throw belongsToOpen();
    this.#settleSlot(slot);
    this.journal.count--;
  }

  #settleSlot(slot: number): void {
    const { slots } = this.journal;
    const at = slot * Journal.STRIDE;
    const row = slots[at]!;
    const cell = row * STRIDE;
    const before = slots[at + 1]!;
    if (this.rows[cell + 2]! < 0) {
      this.#removeRow(row);
      return;
    }
    const keyLength = this.rows[cell + 1]!;
    const block = this.rows[cell]!;
    const flushed = slots[at + 3]!;
    if (before !== 0 && before !== block) this.free(before, keyLength, slots[at + 2]!);
    if (flushed !== before && flushed !== block) this.free(flushed, keyLength, slots[at + 4]!);
    this.rows[cell + 3] = 0;
  }

  /** Of a touched row, with all of its blocks. */
  #removeRow(row: number): void {
    for (const listener of this.#listeners) listener.removed(row);
    const at = this.slotOf(row) * Journal.STRIDE;
    const before = this.journal.slots[at + 1]!;
    this.#leaveSlots(row);
    this.#freeOwn(row, at);
    if (before !== 0) this.free(before, this.keyLength(row), this.journal.slots[at + 2]!);
    this.giveRow(row);
    this.removals++;
  }

  /** Frees the blocks of a touched row but for the one from before the transaction. */
  #freeOwn(row: number, at: number): void {
    const { slots } = this.journal;
    const keyLength = this.keyLength(row);
    const block = this.blockOf(row);
    const before = slots[at + 1]!;
    const flushed = slots[at + 3]!;
    if (block !== before) this.free(block, keyLength, this.valueLength(row));
    if (flushed !== before && flushed !== block) this.free(flushed, keyLength, slots[at + 4]!);
  }

  /** Rows behind it move up, so that a search still ends at the first empty slot. */
  #leaveSlots(row: number): void {
    const slots = this.#slots;
    const last = this.#last;
    const start = this.keyStart(row);
    const hash = hashBytes(this.chunkOf(row), start, start + this.keyLength(row));
    let hole = hash & last;
    while (slots[hole * SLOT + 1] !== row + 1) hole = (hole + 1) & last;
    for (let number = (hole + 1) & last; ; number = (number + 1) & last) {
      const at = number * SLOT;
      if (slots[at + 1] === 0) break;
      const home = slots[at]! & last;
      if (((number - home) & last) < ((number - hole) & last)) continue;
      slots[hole * SLOT] = slots[at]!;
      slots[hole * SLOT + 1] = slots[at + 1]!;
      slots[hole * SLOT + 2] = slots[at + 2]!;
      hole = number;
    }
    slots[hole * SLOT + 1] = 0;
    this.#occupied--;
  }
}

function belongsToOpen(): StateError {
  return new StateError('STATE_ARGUMENT', 'the row belongs to an open transaction');
}
