import { StateError } from '../state-error.ts';
import { Arena } from './arena.ts';
import { copyBytes } from './copy-bytes.ts';
import { HeldBlocks } from './held-blocks.ts';
import { Journal } from './journal.ts';

export const STRIDE = 4;
export const NO_VALUE = -1;
const FIRST_ROWS = 8;
const STAMP_BYTES = 8;
const FREE_ROW = -1;
const NO_ROWS = -1;
/** Up to so many bytes a loop is quicker than the call into the engine. */
const SHORT_BYTES = 48;
const SHORT_WORDS = 1024;

export interface RowOptions {
  /** Whether each row keeps a timestamp. */
  readonly stamped?: boolean;
  readonly bytesMax?: number | undefined;
}

/**
 * The rows of a table. A row has a number that stays its own while it exists. Its block holds key,
 * timestamp (in stamped tables, as a double) and value one behind the other.
 *
 *   0 block (of a free row: the next free one)   1 length of the key, -1 in a free row
 *   2 length of the value, -1 without            3 slot of the journal + 1, 0 for none; negative
 *                                                   where nobody but the open transaction knows
 *                                                   the block
 */
export class RowBlocks {
  readonly arena = new Arena();
  readonly held = new HeldBlocks(this.arena);
  readonly journal = new Journal();
  protected readonly stampBytes: number;
  protected rows = new Int32Array(FIRST_ROWS * STRIDE);
  readonly #bytesMax: number;
  #rowCount = 0;
  #firstFree = NO_ROWS;

  constructor(options: RowOptions = {}) {
    this.stampBytes = options.stamped === true ? STAMP_BYTES : 0;
    this.#bytesMax = options.bytesMax ?? Number.POSITIVE_INFINITY;
  }

  get isStamped(): boolean {
    return this.stampBytes > 0;
  }

  /** Row numbers are below it. */
  get rowsEnd(): number {
    return this.#rowCount;
  }

  /** Of memory, free blocks included. */
  get bytes(): number {
    return this.arena.reservedBytes + this.rows.byteLength;
  }

  isLive(row: number): boolean {
    const rows = this.rows;
    return rows[row * STRIDE + 1]! >= 0 && rows[row * STRIDE + 2]! >= 0;
  }

  isRow(row: number): boolean {
    return this.rows[row * STRIDE + 1]! >= 0;
  }

  /** Whether the open transaction has written it. */
  isTouched(row: number): boolean {
    return this.rows[row * STRIDE + 3] !== 0;
  }

  /** The journal's slot of a row that is touched. */
  slotOf(row: number): number {
    return Math.abs(this.rows[row * STRIDE + 3]!) - 1;
  }

  blockOf(row: number): number {
    return this.rows[row * STRIDE]!;
  }

  keyLength(row: number): number {
    return this.rows[row * STRIDE + 1]!;
  }

  /** -1 without a value. */
  valueLength(row: number): number {
    return this.rows[row * STRIDE + 2]!;
  }

  chunkOf(row: number): Buffer {
    return this.arena.chunkOf(this.rows[row * STRIDE]!);
  }

  keyStart(row: number): number {
    return Arena.offsetOf(this.rows[row * STRIDE]!);
  }

  valueStart(row: number): number {
    const cell = row * STRIDE;
    return Arena.offsetOf(this.rows[cell]!) + this.rows[cell + 1]! + this.stampBytes;
  }

  /** The timestamp beside the value; -1 in tables without. */
  stampOf(row: number): number {
    return this.stampIn(this.rows[row * STRIDE]!, this.rows[row * STRIDE + 1]!);
  }

  /** The timestamp in a block whose key has so many bytes. */
  stampIn(block: number, keyLength: number): number {
    if (this.stampBytes === 0) return -1;
    return this.arena.viewOf(block).getFloat64(Arena.offsetOf(block) + keyLength, true);
  }

  /** Where in its chunk a block begins, with its key. */
  startOf(block: number): number {
    return Arena.offsetOf(block);
  }

  /** Where in a block with so long a key the value begins. */
  valueStartIn(block: number, keyLength: number): number {
    return Arena.offsetOf(block) + keyLength + this.stampBytes;
  }

  /** A copy. */
  keyBytes(row: number): Buffer {
    const start = this.keyStart(row);
    return Buffer.from(this.chunkOf(row).subarray(start, start + this.keyLength(row)));
  }

  /** Whether `block` is the row's, and has the key. */
  protected hasKey(
    row: number,
    block: number,
    bytes: Uint8Array,
    start: number,
    end: number,
  ): boolean {
    const rows = this.rows;
    const length = end - start;
    const cell = row * STRIDE;
    if (rows[cell] !== block || rows[cell + 1] !== length) return false;
    const chunk = this.arena.chunkOf(block);
    const at = Arena.offsetOf(block);
    for (let i = 0; i < length; i++) {
      if (chunk[at + i] !== bytes[start + i]) return false;
    }
    return true;
  }

  protected takeRow(): number {
    const free = this.#firstFree;
    if (free !== NO_ROWS) {
      this.#firstFree = this.rows[free * STRIDE]!;
      return free;
    }
    if (this.#rowCount * STRIDE === this.rows.length) {
      const grown = new Int32Array(this.rows.length * 2);
      grown.set(this.rows);
      this.rows = grown;
    }
    return this.#rowCount++;
  }

  protected fits(keyLength: number, lengthBefore: number, length: number): boolean {
    if (this.held.isViewed) return false;
    const rest = keyLength + this.stampBytes;
    return Arena.isSameClass(rest + Math.max(lengthBefore, 0), rest + length);
  }

  protected allocate(bytes: number): number {
    if (this.arena.usedBytes + bytes > this.#bytesMax) {
      throw new StateError('STATE_FULL', `a store may hold at most ${this.#bytesMax} bytes`);
    }
    return this.arena.allocate(bytes);
  }

  protected free(block: number, keyLength: number, valueLength: number): void {
    this.held.free(block, keyLength + this.stampBytes + Math.max(valueLength, 0));
  }

  protected placeKey(block: number, bytes: Uint8Array, start: number, end: number): void {
    const chunk = this.arena.chunkOf(block);
    const at = Arena.offsetOf(block) - start;
    for (let i = start; i < end; i++) chunk[at + i] = bytes[i]!;
  }

  protected copyKey(from: number, to: number, keyLength: number): void {
    const target = this.arena.chunkOf(to);
    const source = this.arena.chunkOf(from);
    const targetAt = Arena.offsetOf(to);
    const sourceAt = Arena.offsetOf(from);
    for (let i = 0; i < keyLength; i++) target[targetAt + i] = source[sourceAt + i]!;
  }

  protected fill(block: number, keyLength: number, value: Uint8Array, stamp: number): void {
    const at = this.#stamp(block, keyLength, stamp);
    const chunk = this.arena.chunkOf(block);
    const { length } = value;
    if (length > SHORT_BYTES) chunk.set(value, at);
    else for (let i = 0; i < length; i++) chunk[at + i] = value[i]!;
  }

  /** The same with a value that stands in larger memory. */
  protected fillFrom(
    block: number,
    keyLength: number,
    bytes: Buffer,
    start: number,
    end: number,
    stamp: number,
  ): void {
    const at = this.#stamp(block, keyLength, stamp);
    if (end - start > SHORT_WORDS) bytes.copy(this.arena.chunkOf(block), at, start, end);
    else copyBytes(bytes, start, end, this.arena.viewOf(block), at);
  }

  /** Returns where the value goes. */
  #stamp(block: number, keyLength: number, stamp: number): number {
    const at = Arena.offsetOf(block) + keyLength;
    if (this.stampBytes > 0) this.arena.viewOf(block).setFloat64(at, stamp, true);
    return at + this.stampBytes;
  }

  /** The row is free for another key. */
  protected giveRow(row: number): void {
    const cell = row * STRIDE;
    this.rows[cell] = this.#firstFree;
    this.rows[cell + 1] = FREE_ROW;
    this.rows[cell + 2] = NO_VALUE;
    this.rows[cell + 3] = 0;
    this.#firstFree = row;
  }

  protected clearRows(): void {
    this.arena.clear();
    this.held.clear();
    this.journal.clear();
    this.rows = new Int32Array(FIRST_ROWS * STRIDE);
    this.#rowCount = 0;
    this.#firstFree = NO_ROWS;
  }
}
