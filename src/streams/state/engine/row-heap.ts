import { RowList } from './row-list.ts';

/**
 * Rows of which the first in an order is at hand. Their order may not change while they are in it.
 */
export class RowHeap {
  readonly #compare: (one: number, other: number) => number;
  #rows = new RowList();

  constructor(compare: (one: number, other: number) => number) {
    this.#compare = compare;
  }

  get length(): number {
    return this.#rows.length;
  }

  get first(): number {
    return this.#rows.at(0);
  }

  push(row: number): void {
    const rows = this.#rows;
    let at = rows.length;
    rows.push(row);
    while (at > 0) {
      const parent = (at - 1) >>> 1;
      if (this.#compare(rows.at(parent), row) <= 0) break;
      rows.set(at, rows.at(parent));
      at = parent;
    }
    rows.set(at, row);
  }

  pop(): void {
    const rows = this.#rows;
    const row = rows.pop();
    const { length } = rows;
    if (length === 0) return;
    let at = 0;
    for (;;) {
      let child = at * 2 + 1;
      if (child >= length) break;
      const isRight = child + 1 < length && this.#compare(rows.at(child + 1), rows.at(child)) < 0;
      if (isRight) child++;
      if (this.#compare(row, rows.at(child)) <= 0) break;
      rows.set(at, rows.at(child));
      at = child;
    }
    rows.set(at, row);
  }

  clear(): void {
    this.#rows = new RowList();
  }
}
