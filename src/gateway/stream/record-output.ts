import type { RecordCursor } from '../../records/record-iterator.ts';
import type { Frame, Stretch } from './frame.ts';
import { JsonBytes } from './json-bytes.ts';
import type { OpenedBatches } from './opened-batches.ts';
import type { RecordSelection } from './record-selection.ts';
import { RecordWalk } from './record-walk.ts';

/** A frame ends behind the record that brings it past this. */
export const OUTPUT_BYTES_MAX = 256 * 1024;
const INITIAL_BYTES = 64 * 1024;

/** Writes the cursor's record. `index` counts the records of this output. */
export type WriteRecord = (out: JsonBytes, record: RecordCursor, index: number) => void;

/**
 * Writes the records of a stretch one by one, for all formats that open batches. The fields tell
 * the result and are valid until the next `write`.
 */
export class RecordOutput {
  readonly out = new JsonBytes(INITIAL_BYTES);
  recordCount = 0;
  skippedCount = 0;
  isLimited = false;
  readonly #batches: OpenedBatches;
  readonly #walk: RecordWalk;

  constructor(batches: OpenedBatches) {
    this.#batches = batches;
    this.#walk = new RecordWalk(batches);
  }

  get next(): number {
    return this.#walk.next;
  }

  get epoch(): number {
    return this.#walk.epoch;
  }

  /** Appends the records to `out`. */
  write(
    stretch: Stretch,
    recordsMax: number,
    selection: RecordSelection,
    writeRecord: WriteRecord,
  ): void {
    const out = this.out;
    const takesAll = selection.takesAll;
    this.recordCount = 0;
    this.skippedCount = 0;
    this.isLimited = false;
    selection.prepare(this.#batches, stretch);
    let written = out.length;
    this.#walk.run(stretch, (record) => {
      if (this.recordCount === recordsMax || out.length > OUTPUT_BYTES_MAX) {
        this.isLimited = this.recordCount === recordsMax;
        return false;
      }
      if (takesAll) {
        writeRecord(out, record, this.recordCount++);
        written = out.length;
        return true;
      }
      if (selection.endsBefore(record)) return false;
      if (selection.keeps(record)) {
        writeRecord(out, record, this.recordCount++);
        written = out.length;
      } else {
        this.skippedCount++;
      }
      return true;
    });
    if (out.length === written) return;
    // The last record is incomplete.
    out.length = written;
    this.recordCount--;
  }

  /** Makes a frame of the last `write`. */
  frame(bytes: Buffer, position: number): Frame {
    const { recordCount, skippedCount, isLimited } = this;
    const { next, epoch, damagedTo, waitsFor } = this.#walk;
    return {
      bytes,
      isBinary: false,
      position,
      next,
      epoch,
      recordCount,
      skippedCount,
      damagedTo,
      isLimited,
      waitsFor,
    };
  }
}
