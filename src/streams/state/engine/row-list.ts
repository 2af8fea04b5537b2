const FIRST_LENGTH = 16;
const EMPTY = new Int32Array(0);

/** Row numbers one behind the other. */
export class RowList {
  #rows: Int32Array;
  length = 0;

  constructor(capacity = 0) {
    this.#rows = capacity === 0 ? EMPTY : new Int32Array(capacity);
  }

  /** As it is now: a later `push` may not be seen in it. */
  get rows(): Int32Array {
    return this.#rows.subarray(0, this.length);
  }

  at(index: number): number {
    return this.#rows[index]!;
  }

  set(index: number, row: number): void {
    this.#rows[index] = row;
  }

  push(row: number): void {
    if (this.length === this.#rows.length) {
      const grown = new Int32Array(Math.max(this.#rows.length * 2, FIRST_LENGTH));
      grown.set(this.#rows);
      this.#rows = grown;
    }
    this.#rows[this.length++] = row;
  }

  pop(): number {
    return this.#rows[--this.length]!;
  }

  removeAt(index: number): void {
    this.#rows.copyWithin(index, index + 1, this.length);
    this.length--;
  }
}
