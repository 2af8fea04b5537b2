import {
  attributes,
  baseOffset,
  CONTROL_FLAG,
  lastOffset,
  partitionLeaderEpoch,
  wholeBatchSize,
} from '../../records/batch-layout.ts';
import { RecordCursor } from '../../records/record-iterator.ts';
import { isCorrupt } from './corrupt.ts';
import type { Frame, Stretch } from './frame.ts';
import { JsonBytes } from './json-bytes.ts';
import type { OpenedBatches } from './opened-batches.ts';
import type { RecordSelection } from './record-selection.ts';

/** A frame ends behind the record that brings it past this. */
const OUTPUT_BYTES_MAX = 256 * 1024;
const INITIAL_BYTES = 64 * 1024;

const GO_ON = 0;
const FULL = 1;
const DAMAGED = 2;

/** Writes the record that the cursor stands on; `index` counts those of this output. */
export type WriteRecord = (out: JsonBytes, record: RecordCursor, index: number) => void;

/**
 * Writes the records of a stretch, one by one, for all formats that take batches apart. What became
 * of it is in the fields, valid until the next `write`.
 */
export class RecordOutput {
  readonly out = new JsonBytes(INITIAL_BYTES);
  next = 0;
  epoch = -1;
  recordCount = 0;
  skippedCount = 0;
  damagedTo = -1;
  isLimited = false;
  readonly #batches: OpenedBatches;
  readonly #record = new RecordCursor();
  #recordsMax = 0;

  constructor(batches: OpenedBatches) {
    this.#batches = batches;
  }

  /** Appends to `out`. */
  write(
    stretch: Stretch,
    recordsMax: number,
    selection: RecordSelection,
    writeRecord: WriteRecord,
  ): void {
    const { bytes, start, end } = stretch;
    this.next = stretch.next;
    this.epoch = -1;
    this.recordCount = 0;
    this.skippedCount = 0;
    this.damagedTo = -1;
    this.isLimited = false;
    this.#recordsMax = recordsMax;
    selection.prepare(this.#batches, bytes, start, end);
    let at = start;
    for (;;) {
      const size = wholeBatchSize(bytes, at, end);
      if (size <= 0) break;
      this.epoch = partitionLeaderEpoch(bytes, at);
      if ((attributes(bytes, at) & CONTROL_FLAG) === 0) {
        const outcome = this.#writeBatch(stretch, at, selection, writeRecord);
        if (outcome !== GO_ON) break;
      }
      at += size;
    }
    this.#record.bytes = this.out.bytes; // lets go of the segment
  }

  /** What the last `write` made, as a frame. */
  frame(bytes: Buffer, position: number): Frame {
    const { next, epoch, recordCount, skippedCount, damagedTo, isLimited } = this;
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
    };
  }

  #writeBatch(
    stretch: Stretch,
    at: number,
    selection: RecordSelection,
    writeRecord: WriteRecord,
  ): number {
    const { bytes, position } = stretch;
    let done = Math.max(position, baseOffset(bytes, at));
    try {
      const record = this.#record;
      if (!this.#batches.open(bytes, at, record)) return this.#damaged(bytes, at, done);
      const out = this.out;
      const takesAll = selection.takesAll;
      while (record.next()) {
        if (record.offset < position) continue;
        if (this.recordCount === this.#recordsMax || out.length > OUTPUT_BYTES_MAX) {
          this.isLimited = this.recordCount === this.#recordsMax;
          this.next = record.offset;
          return FULL;
        }
        if (takesAll || selection.keeps(record)) {
          writeRecord(out, record, this.recordCount);
          this.recordCount++;
        } else {
          this.skippedCount++;
        }
        done = record.offset + 1;
      }
      return GO_ON;
    } catch (thrown) {
      if (!isCorrupt(thrown)) throw thrown;
      return this.#damaged(bytes, at, done);
    }
  }

  /** Frames and CRC are right, so the client wrote it so: the rest of the batch is passed over. */
  #damaged(bytes: Buffer, at: number, done: number): number {
    this.next = done;
    this.damagedTo = lastOffset(bytes, at) + 1;
    return DAMAGED;
  }
}
