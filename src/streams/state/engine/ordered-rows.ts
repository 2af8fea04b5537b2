import type { ByteTable } from './byte-table.ts';
import { RowList } from './row-list.ts';
import type { RowListener } from './row-listener.ts';
import { compareRows, compareRowToKey, sortRows } from './sort-rows.ts';

const HOLE = -1;
const RECENT_MIN = 1024;
/** Recent rows are merged into the base when they are more than this share of it. */
const RECENT_SHARE = 1 / 16;
const HOLES_SHARE = 1 / 4;

/**
 * The rows of a table in the order of their keys. It is made when it is first asked for, and kept
 * from then on: a sorted base in which removed rows are holes, a small sorted list of rows that
 * came since, and rows that nobody has asked for yet.
 */
export class OrderedRows implements RowListener {
  readonly #table: ByteTable;
  #isMade = false;
  #base: Int32Array = new Int32Array(0);
  #holes = 0;
  #recent = new RowList();
  #pending = new RowList();

  constructor(table: ByteTable) {
    this.#table = table;
    table.listen(this);
  }

  added(row: number): void {
    if (this.#isMade) this.#pending.push(row);
  }

  removed(row: number): void {
    if (!this.#isMade) return;
    const base = this.#base;
    const at = this.#searchRow(base, base.length, row);
    if (base[at] === row) {
      base[at] = HOLE;
      this.#holes++;
      return;
    }
    const recent = this.#recent;
    const recentAt = this.#searchRow(recent.rows, recent.length, row);
    if (recentAt < recent.length && recent.at(recentAt) === row) recent.removeAt(recentAt);
    // A row that is still pending is left out when it is looked at.
  }

  clear(): void {
    this.#isMade = false;
    this.#base = new Int32Array(0);
    this.#holes = 0;
    this.#recent = new RowList();
    this.#pending = new RowList();
  }

  /**
   * Rows with a value from one key to another, null for open ends, in order. `withGone` gives those
   * too whose value the open transaction has taken away.
   */
  between(
    from: Uint8Array | null,
    to: Uint8Array | null,
    toInclusive = true,
    withGone = false,
  ): Int32Array {
    this.#bringUpToDate();
    const { rows: recent } = this.#recent;
    const base = this.#base;
    let one = from === null ? 0 : this.#search(base, base.length, from, false);
    let other = from === null ? 0 : this.#search(recent, recent.length, from, false);
    const oneEnd = to === null ? base.length : this.#search(base, base.length, to, toInclusive);
    const otherEnd =
      to === null ? recent.length : this.#search(recent, recent.length, to, toInclusive);
    const found = new RowList(oneEnd - one + otherEnd - other);
    for (;;) {
      while (one < oneEnd && base[one] === HOLE) one++;
      if (one >= oneEnd && other >= otherEnd) return found.rows;
      const takeRecent =
        one >= oneEnd ||
        (other < otherEnd && compareRows(this.#table, recent[other]!, base[one]!) < 0);
      const row = takeRecent ? recent[other++]! : base[one++]!;
      if (withGone || this.#table.isLive(row)) found.push(row);
    }
  }

  #bringUpToDate(): void {
    if (!this.#isMade) this.#make();
    else if (this.#pending.length > 0) this.#takePending();
    const most = Math.max(RECENT_MIN, this.#base.length * RECENT_SHARE);
    if (this.#recent.length > most || this.#holes > RECENT_MIN + this.#base.length * HOLES_SHARE) {
      this.#base = this.#merge(this.#base, this.#recent.rows);
      this.#holes = 0;
      this.#recent = new RowList();
    }
  }

  #make(): void {
    const rows = new RowList(this.#table.rowsEnd);
    for (let row = 0; row < this.#table.rowsEnd; row++) {
      if (this.#table.isRow(row)) rows.push(row);
    }
    this.#base = sortRows(this.#table, rows.rows);
    this.#isMade = true;
  }

  #takePending(): void {
    const pending = this.#pending.rows.filter((row) => this.#table.isRow(row));
    const rows = sortRows(this.#table, pending);
    // A row number that was freed and given again stands there twice.
    const once = rows.filter((row, at) => at === 0 || row !== rows[at - 1]);
    const merged = this.#merge(this.#recent.rows, once);
    this.#recent = new RowList(merged.length);
    for (const row of merged) this.#recent.push(row);
    this.#pending = new RowList();
  }

  /** Two sorted lists as one, without holes. */
  #merge(ones: Int32Array, others: Int32Array): Int32Array {
    const merged = new RowList(ones.length + others.length);
    let other = 0;
    for (const one of ones) {
      if (one === HOLE) continue;
      while (other < others.length && compareRows(this.#table, others[other]!, one) < 0) {
        merged.push(others[other++]!);
      }
      merged.push(one);
    }
    while (other < others.length) merged.push(others[other++]!);
    return merged.rows.slice();
  }

  #searchRow(rows: Int32Array, length: number, row: number): number {
    return this.#lowerBound(rows, length, (each) => compareRows(this.#table, each, row) < 0);
  }

  /** The first place whose key is not below `key`, or with `behind` the first above it. */
  #search(rows: Int32Array, length: number, key: Uint8Array, behind: boolean): number {
    const table = this.#table;
    return this.#lowerBound(rows, length, (row) => {
      const order = compareRowToKey(table, row, key);
      return order < 0 || (behind && order === 0);
    });
  }

  #lowerBound(rows: Int32Array, length: number, isBelow: (row: number) => boolean): number {
    let low = 0;
    let high = length;
    while (low < high) {
      const middle = (low + high) >>> 1;
      let at = middle;
      while (at < high && rows[at] === HOLE) at++;
      if (at < high && isBelow(rows[at]!)) low = at + 1;
      else high = middle;
    }
    while (low < length && rows[low] === HOLE) low++;
    return low;
  }
}
