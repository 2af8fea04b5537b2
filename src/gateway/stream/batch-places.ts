import type { RecordCursor } from '../../records/record-iterator.ts';

/** In batches of more records than this it is remembered where some of them begin. */
export const PLACED_FROM = 4096;
/** Every so many. To walk to the next place again takes a part of what a walk may take. */
const PLACE_STEP = 512;

/**
 * Where records of a large batch begin, as far as it was walked through: a frame out of its middle
 * need not walk over all that came before.
 */
export class BatchPlaces {
  readonly #count: number;
  readonly #starts: number[] = [];
  /** The largest offset before the record. */
  readonly #highest: number[] = [];

  constructor(count: number) {
    this.#count = count;
  }

  /** How many records are left behind the one that is to be noted next. */
  get nextLeft(): number {
    return this.#count - 1 - this.#starts.length * PLACE_STEP;
  }

  /** The record that the cursor stands on, when `nextLeft` are left behind it. */
  note(record: RecordCursor, batchStart: number, highestBefore: number): void {
    this.#starts.push(record.recordStart - batchStart);
    this.#highest.push(highestBefore);
  }

  /** As far ahead as all that lies before is below the offset; answers the largest one there. */
  goTo(offset: number, record: RecordCursor, batchStart: number): number {
    let i = this.#starts.length - 1;
    while (i > 0 && this.#highest[i]! >= offset) i--;
    if (i <= 0) return -1;
    record.goTo(batchStart + this.#starts[i]!, this.#count - 1 - i * PLACE_STEP);
    return this.#highest[i]!;
  }
}
