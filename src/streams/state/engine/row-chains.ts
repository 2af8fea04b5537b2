import { ByteTable } from './byte-table.ts';
import type { RowListener } from './row-listener.ts';

/** Reads from a row's key what it is ordered by. `keyEnd` is where the key's bytes end. */
export type OrderReader = (chunk: Buffer, keyEnd: number) => number;

/** How the key of a row in a chain ends: behind the key that the chain is of. */
export interface ChainForm {
  readonly suffixBytes: number;
  /** So many of them, the first ones, are times. */
  readonly timesBytes: number;
  readonly major: OrderReader;
  /** Decides between rows of one `major`. */
  readonly minor: OrderReader;
}

const NONE = -1;
const FIRST_ROWS = 8;
const NO_VALUE = new Uint8Array(0);

/**
 * The rows of each key in a chain, in the order of two numbers at the end of the rows' keys: start
 * of window and sequence, or end and start of a session. New rows mostly come last. The chains are
 * made when somebody asks for one: a store whose rows are only read one by one needs none.
 */
export class RowChains implements RowListener {
  readonly #table: ByteTable;
  readonly #form: ChainForm;
  /** A row for each key that has a chain. */
  readonly #keys = new ByteTable();
  /** By row of the keys: first and last row of the chain. */
  #ends = new Int32Array(FIRST_ROWS * 2);
  /** By row of the table: the row before, the next row, the row of the key. */
  #links = new Int32Array(FIRST_ROWS * 3);
  #majors = new Float64Array(FIRST_ROWS);
  #minors = new Float64Array(FIRST_ROWS);
  #isMade = false;

  constructor(table: ByteTable, form: ChainForm) {
    this.#table = table;
    this.#form = form;
    table.listen(this);
  }

  get suffixBytes(): number {
    return this.#form.suffixBytes;
  }

  get bytes(): number {
    return this.#keys.bytes + this.#ends.byteLength + this.#links.byteLength * 2;
  }

  major(row: number): number {
    if (this.#isMade) return this.#majors[row]!;
    return this.#form.major(this.#table.chunkOf(row), this.#keyEnd(row));
  }

  minor(row: number): number {
    if (this.#isMade) return this.#minors[row]!;
    return this.#form.minor(this.#table.chunkOf(row), this.#keyEnd(row));
  }

  /** Of any row, whose key without what follows it ends at `keyEnd`. */
  minorIn(chunk: Buffer, keyEnd: number): number {
    return this.#form.minor(chunk, keyEnd);
  }

  before(row: number): number {
    if (!this.#isMade) this.#make();
    return this.#links[row * 3]!;
  }

  after(row: number): number {
    if (!this.#isMade) this.#make();
    return this.#links[row * 3 + 1]!;
  }

  /** The last row in the chain of the key that ends at `end`; -1 without one. */
  last(bytes: Uint8Array, end: number): number {
    if (!this.#isMade) this.#make();
    const chain = this.#keys.findIn(bytes, 0, end);
    return chain < 0 ? NONE : this.#ends[chain * 2 + 1]!;
  }

  added(row: number): void {
    if (this.#isMade) this.#insert(row);
  }

  /** Rows without a value belong to their chains too, until their transaction is over. */
  #make(): void {
    this.#isMade = true;
    const table = this.#table;
    for (let row = 0; row < table.rowsEnd; row++) if (table.isRow(row)) this.#insert(row);
  }

  #keyEnd(row: number): number {
    const table = this.#table;
    return table.keyStart(row) + table.keyLength(row) - this.#form.suffixBytes;
  }

  #insert(row: number): void {
    this.#fitRow(row);
    const table = this.#table;
    const chunk = table.chunkOf(row);
    const start = table.keyStart(row);
    const keyEnd = start + table.keyLength(row) - this.#form.suffixBytes;
    this.#majors[row] = this.#form.major(chunk, keyEnd);
    this.#minors[row] = this.#form.minor(chunk, keyEnd);
    const chain = this.#chainOf(chunk, start, keyEnd);
    let before = this.#ends[chain * 2 + 1]!;
    while (before !== NONE && this.#isBehind(before, row)) before = this.#links[before * 3]!;
    const after = before === NONE ? this.#ends[chain * 2]! : this.#links[before * 3 + 1]!;
    this.#links[row * 3] = before;
    this.#links[row * 3 + 1] = after;
    this.#links[row * 3 + 2] = chain;
    this.#setAfter(before, chain, row);
    this.#setBefore(after, chain, row);
  }

  removed(row: number): void {
    if (!this.#isMade) return;
    const before = this.#links[row * 3]!;
    const after = this.#links[row * 3 + 1]!;
    const chain = this.#links[row * 3 + 2]!;
    this.#setAfter(before, chain, after);
    this.#setBefore(after, chain, before);
    if (before === NONE && after === NONE) this.#keys.drop(chain);
  }

  clear(): void {
    this.#isMade = false;
    this.#keys.clear();
    this.#ends = new Int32Array(FIRST_ROWS * 2);
    this.#links = new Int32Array(FIRST_ROWS * 3);
    this.#majors = new Float64Array(FIRST_ROWS);
    this.#minors = new Float64Array(FIRST_ROWS);
  }

  #isBehind(one: number, other: number): boolean {
    const difference = this.#majors[one]! - this.#majors[other]!;
    return difference > 0 || (difference === 0 && this.#minors[one]! > this.#minors[other]!);
  }

  #setAfter(row: number, chain: number, after: number): void {
    if (row === NONE) this.#ends[chain * 2] = after;
    else this.#links[row * 3 + 1] = after;
  }

  #setBefore(row: number, chain: number, before: number): void {
    if (row === NONE) this.#ends[chain * 2 + 1] = before;
    else this.#links[row * 3] = before;
  }

  #chainOf(bytes: Uint8Array, start: number, end: number): number {
    const known = this.#keys.findIn(bytes, start, end);
    if (known >= 0) return known;
    this.#keys.load(bytes.subarray(start, end), NO_VALUE, -1);
    const chain = this.#keys.findIn(bytes, start, end);
    while (chain * 2 >= this.#ends.length) {
      const grown = new Int32Array(this.#ends.length * 2);
      grown.set(this.#ends);
      this.#ends = grown;
    }
    this.#ends[chain * 2] = NONE;
    this.#ends[chain * 2 + 1] = NONE;
    return chain;
  }

  #fitRow(row: number): void {
    if (row < this.#majors.length) return;
    const length = Math.max(this.#majors.length * 2, row + 1);
    const links = new Int32Array(length * 3);
    links.set(this.#links);
    this.#links = links;
    const majors = new Float64Array(length);
    majors.set(this.#majors);
    this.#majors = majors;
    const minors = new Float64Array(length);
    minors.set(this.#minors);
    this.#minors = minors;
  }
}
