import {
  ATTRIBUTES,
  attributes,
  BATCH_HEADER_SIZE,
  baseOffset,
  CODEC_MASK,
  LOG_OVERHEAD,
  setAttributes,
  setBatchLength,
  setCrc,
  setLastOffsetDelta,
  setRecordCount,
} from '../../records/batch-layout.ts';
import { crc32c } from '../../records/crc32c.ts';
import type { RecordCursor } from '../../records/record-iterator.ts';
import { addressBatchFrame, allocateFrame, FLAG_REWRITTEN, fillHeader } from './batch-format.ts';
import type { Frame, FrameFormat, Stretch } from './frame.ts';
import type { JsonBytes } from './json-bytes.ts';
import type { OpenedBatches } from './opened-batches.ts';
import { OUTPUT_BYTES_MAX } from './record-output.ts';
import type { RecordSelection } from './record-selection.ts';
import { RecordWalk } from './record-walk.ts';

const STRETCH_BYTES = 256 * 1024;
const NONE = -1;

/**
 * Frames of `millrace.batch` with a selection of the records. Each batch is written again without
 * compression, and its records keep their offsets, as in compaction. A batch with many records may
 * go out in several parts.
 */
export class SelectedBatchFormat implements FrameFormat {
  readonly stretchBytes = STRETCH_BYTES;
  readonly isShared = true;
  readonly readsCommitted: boolean;
  readonly #batches: OpenedBatches;
  readonly #walk: RecordWalk;
  readonly #selection: RecordSelection;
  /** Others use it between two frames. */
  readonly #out: JsonBytes;
  /** The batch that is being read, and where it begins in `out`. */
  #batchAt = NONE;
  #begin = 0;
  #batchCount = 0;
  #count = 0;
  #skipped = 0;

  constructor(
    out: JsonBytes,
    batches: OpenedBatches,
    selection: RecordSelection,
    readsCommitted: boolean,
  ) {
    this.readsCommitted = readsCommitted;
    this.#out = out;
    this.#batches = batches;
    this.#walk = new RecordWalk(batches);
    this.#selection = selection;
  }

  encode(stretch: Stretch, recordsMax: number, isKept: boolean): Frame {
    const out = this.#out;
    const walk = this.#walk;
    const { position } = stretch;
    out.clear();
    this.#batchAt = NONE;
    this.#count = 0;
    this.#skipped = 0;
    let isLimited = false;
    this.#selection.prepare(this.#batches, stretch);
    walk.run(stretch, (record) => {
      if (walk.at !== this.#batchAt) {
        this.#seal();
        isLimited = this.#count >= recordsMax;
        if (isLimited) return false;
        this.#beginBatch(stretch.bytes);
      }
      return out.length <= OUTPUT_BYTES_MAX && this.#take(record);
    });
    if (walk.isCut && this.#batchAt === walk.at && this.#batchCount > 0) {
      const { bytes } = out;
      setLastOffsetDelta(bytes, this.#begin, walk.next - 1 - baseOffset(bytes, this.#begin));
    }
    this.#seal();
    const { next, epoch, damagedTo, waitsFor } = walk;
    const frame = allocateFrame(stretch, out.length, isKept);
    out.bytes.copy(frame, frame.length - out.length, 0, out.length);
    fillHeader(frame, stretch, FLAG_REWRITTEN, epoch, next, this.#count, this.#skipped);
    return {
      bytes: frame,
      isBinary: true,
      position,
      next,
      epoch,
      recordCount: this.#count,
      skippedCount: this.#skipped,
      damagedTo,
      isLimited,
      waitsFor,
    };
  }

  address(frame: Frame, sub: number): void {
    addressBatchFrame(frame, sub);
  }

  #beginBatch(bytes: Buffer): void {
    const { at } = this.#walk;
    this.#batchAt = at;
    this.#begin = this.#out.length;
    this.#batchCount = 0;
    this.#out.copy(bytes, at, at + BATCH_HEADER_SIZE);
  }

  #take(record: RecordCursor): boolean {
    if (this.#selection.endsBefore(record)) return false;
    if (this.#selection.keeps(record)) {
      this.#out.copy(record.bytes, record.recordStart, record.recordEnd);
      this.#batchCount++;
    } else {
      this.#skipped++;
    }
    return true;
  }

  /** Ends the batch that was begun, if any. A batch without records is removed. */
  #seal(): void {
    if (this.#batchAt === NONE) return;
    const out = this.#out;
    const begin = this.#begin;
    this.#count += this.#batchCount;
    this.#batchAt = NONE;
    if (this.#batchCount === 0) {
      out.length = begin;
      return;
    }
    const { bytes, length } = out;
    setAttributes(bytes, begin, attributes(bytes, begin) & ~CODEC_MASK);
    setBatchLength(bytes, begin, length - begin - LOG_OVERHEAD);
    setRecordCount(bytes, begin, this.#batchCount);
    setCrc(bytes, begin, crc32c(bytes, begin + ATTRIBUTES, length));
  }
}
