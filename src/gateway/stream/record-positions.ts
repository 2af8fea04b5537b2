import type { RecordCursor } from '../../records/record-iterator.ts';

/** Record positions are remembered for batches with more records than this. */
export const POSITIONS_FROM = 4096;
/**
 * One position is remembered for so many records. Walking to the next one takes a small part of a
 * walk's time.
 */
const POSITION_STEP = 512;

/**
 * Remembers where records of a large batch begin, as far as the batch was walked. A frame from the
 * middle of the batch then need not walk from its start.
 */
export class RecordPositions {
  readonly #count: number;
  readonly #starts: number[] = [];
  /** The largest offset before each remembered record. */
  readonly #highest: number[] = [];

  constructor(count: number) {
    this.#count = count;
  }

  /** How many records follow the next one to be remembered. */
  get nextLeft(): number {
    return this.#count - 1 - this.#starts.length * POSITION_STEP;
  }

  /** Remembers the cursor's record if `nextLeft` records follow it. */
  note(record: RecordCursor, batchStart: number, highestBefore: number): void {
    this.#starts.push(record.recordStart - batchStart);
    this.#highest.push(highestBefore);
  }

  /**
   * Moves the cursor as far ahead as possible without passing the offset. Answers the largest
   * offset before it.
   */
  goTo(offset: number, record: RecordCursor, batchStart: number): number {
    let i = this.#starts.length - 1;
    while (i > 0 && this.#highest[i]! >= offset) i--;
    if (i <= 0) return -1;
    record.goTo(batchStart + this.#starts[i]!, this.#count - 1 - i * POSITION_STEP);
    return this.#highest[i]!;
  }
}
