import type { LogPosition, PositionFields } from '../base/log-position.ts';

const FIELDS = 3;
const SEGMENT_BASE = 1;
const POSITION = 2;
const COUNT_FIRST = 16;
/** A replica that lags by more has its place looked up in the log. */
const COUNT_MAX = 1024;

/**
 * Where the batches end that were appended and are not under the high watermark yet, oldest first.
 * It goes from one of these ends to the next, so that nothing must be read from the disk for it.
 */
export class BatchEnds {
  /** A ring whose length is a power of two: three numbers an end. Null before the first. */
  #fields: Float64Array | null = null;
  #first = 0;
  #count = 0;

  /** The log ends there now. Beyond COUNT_MAX the oldest end is forgotten. */
  add({ offset, segmentBase, position }: PositionFields): void {
    const fields = this.#roomy();
    const capacity = fields.length / FIELDS;
    const at = ((this.#first + this.#count) & (capacity - 1)) * FIELDS;
    fields[at] = offset;
    fields[at + SEGMENT_BASE] = segmentBase;
    fields[at + POSITION] = position;
    if (this.#count < capacity) this.#count++;
    else this.#first = (this.#first + 1) & (capacity - 1);
  }

  /** Forgets all ends up to `offset`. True where one of them is there, which `into` is set to. */
  take(offset: number, into: LogPosition): boolean {
    const fields = this.#fields;
    if (fields === null) return false;
    const mask = fields.length / FIELDS - 1;
    while (this.#count > 0) {
      const at = this.#first * FIELDS;
      const known = fields[at]!;
      if (known > offset) return false;
      this.#first = (this.#first + 1) & mask;
      this.#count--;
      if (known < offset) continue;
      into.set(offset, fields[at + SEGMENT_BASE]!, fields[at + POSITION]!);
      return true;
    }
    return false;
  }

  /** The log was cut. */
  clear(): void {
    this.#count = 0;
  }

  #roomy(): Float64Array {
    const fields = this.#fields;
    if (fields === null) {
      this.#fields = new Float64Array(COUNT_FIRST * FIELDS);
      return this.#fields;
    }
    const capacity = fields.length / FIELDS;
    if (this.#count < capacity || capacity === COUNT_MAX) return fields;
    const larger = new Float64Array(2 * fields.length);
    const head = this.#first * FIELDS;
    larger.set(fields.subarray(head));
    larger.set(fields.subarray(0, head), fields.length - head);
    this.#first = 0;
    this.#fields = larger;
    return larger;
  }
}
