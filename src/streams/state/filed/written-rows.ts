import type { RowChanges } from '../../topology/row-file.ts';
import { CHECK_BYTES, checkOf } from './checked-row.ts';
import { keyText, SPACE } from './file-keys.ts';

const FIRST_BYTES = 4096;
/** Memory beyond it is given back after a commit. */
const KEPT_BYTES = 4 << 20;
/** Start of the key, end of the key, end of the value with its check: -1 for a removed row. */
const PLACE = 3;
const REMOVED = -1;

/** What a commit writes into a file of rows: keys and checked values in one memory. */
export class WrittenRows implements RowChanges {
  #memory = Buffer.allocUnsafeSlow(FIRST_BYTES);
  #used = 0;
  #places: number[] = [];
  /** Keys of rows that it removes. Who holds the set sees no later commit in it. */
  #removing = new Set<string>();
  removed: ReadonlySet<string> = this.#removing;

  get count(): number {
    return this.#places.length / PLACE;
  }

  key(change: number): Uint8Array {
    const at = change * PLACE;
    return this.#memory.subarray(this.#places[at], this.#places[at + 1]);
  }

  value(change: number): Uint8Array | null {
    const at = change * PLACE;
    const end = this.#places[at + 2]!;
    return end === REMOVED ? null : this.#memory.subarray(this.#places[at + 1], end);
  }

  clear(): void {
    this.#used = 0;
    this.#places = [];
    this.#removing = new Set();
    this.removed = this.#removing;
    if (this.#memory.length > KEPT_BYTES) this.#memory = Buffer.allocUnsafeSlow(FIRST_BYTES);
  }

  /** Whether it removes the row of this key. */
  removes(key: Uint8Array): boolean {
    return this.removed.size > 0 && this.removed.has(keyText(key));
  }

  /** A row whose key and value stand one behind the other. */
  putRow(chunk: Buffer, keyStart: number, keyEnd: number, valueEnd: number): void {
    this.#put(SPACE.ROWS, chunk, keyStart, keyEnd, valueEnd);
  }

  removeRow(chunk: Buffer, keyStart: number, keyEnd: number): void {
    this.#remove(SPACE.ROWS, chunk, keyStart, keyEnd);
    this.#removing.add(chunk.toString('latin1', keyStart, keyEnd));
  }

  /** That there is a row of these times. */
  putTimes(order: Buffer): void {
    this.#put(SPACE.TIMES, order, 0, order.length, order.length);
  }

  removeTimes(order: Buffer): void {
    this.#remove(SPACE.TIMES, order, 0, order.length);
  }

  putProgress(text: Buffer): void {
    this.#put(SPACE.PROGRESS, text, 0, 0, text.length);
  }

  #put(space: number, chunk: Buffer, keyStart: number, keyEnd: number, valueEnd: number): void {
    const start = this.#begin(1 + valueEnd - keyStart + CHECK_BYTES);
    const memory = this.#memory;
    memory[start] = space;
    chunk.copy(memory, start + 1, keyStart, valueEnd);
    const ownKeyEnd = start + 1 + keyEnd - keyStart;
    const end = start + 1 + valueEnd - keyStart;
    memory.writeUInt32LE(checkOf(memory, start, ownKeyEnd, end), end);
    this.#places.push(start, ownKeyEnd, end + CHECK_BYTES);
  }

  #remove(space: number, chunk: Buffer, keyStart: number, keyEnd: number): void {
    const start = this.#begin(1 + keyEnd - keyStart);
    this.#memory[start] = space;
    chunk.copy(this.#memory, start + 1, keyStart, keyEnd);
    this.#places.push(start, start + 1 + keyEnd - keyStart, REMOVED);
  }

  /** Returns where so many bytes begin. */
  #begin(bytes: number): number {
    const start = this.#used;
    this.#used += bytes;
    if (this.#used > this.#memory.length) {
      const grown = Buffer.allocUnsafeSlow(Math.max(this.#memory.length * 2, this.#used));
      this.#memory.copy(grown, 0, 0, start);
      this.#memory = grown;
    }
    return start;
  }
}
