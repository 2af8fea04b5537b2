import {
  ATTRIBUTES,
  attributes,
  BATCH_HEADER_SIZE,
  CODEC_MASK,
  CONTROL_FLAG,
  LOG_OVERHEAD,
  lastOffset,
  partitionLeaderEpoch,
  setAttributes,
  setBatchLength,
  setCrc,
  setRecordCount,
  wholeBatchSize,
} from '../../records/batch-layout.ts';
import { crc32c } from '../../records/crc32c.ts';
import { RecordCursor } from '../../records/record-iterator.ts';
import { addressBatchFrame, allocateFrame, FLAG_REWRITTEN, fillHeader } from './batch-format.ts';
import { isCorrupt } from './corrupt.ts';
import type { Frame, FrameFormat, Stretch } from './frame.ts';
import type { JsonBytes } from './json-bytes.ts';
import type { OpenedBatches } from './opened-batches.ts';
import type { RecordSelection } from './record-selection.ts';

const STRETCH_BYTES = 256 * 1024;

/**
 * Frames of `millrace.batch` with some of the records only: each batch is written anew, without
 * compression, with the records that are kept at their old offsets, as compaction would.
 */
export class SelectedBatchFormat implements FrameFormat {
  readonly stretchBytes = STRETCH_BYTES;
  readonly isShared = true;
  readonly #batches: OpenedBatches;
  readonly #selection: RecordSelection;
  /** Used by others between two frames. */
  readonly #out: JsonBytes;
  readonly #record = new RecordCursor();
  #count = 0;
  #skipped = 0;

  constructor(out: JsonBytes, batches: OpenedBatches, selection: RecordSelection) {
    this.#out = out;
    this.#batches = batches;
    this.#selection = selection;
  }

  encode(stretch: Stretch, recordsMax: number, isKept: boolean): Frame {
    const { bytes, start, end, position } = stretch;
    this.#out.clear();
    this.#count = 0;
    this.#skipped = 0;
    this.#selection.prepare(this.#batches, bytes, start, end);
    let { next } = stretch;
    let at = start;
    let epoch = -1;
    let damagedTo = -1;
    let isLimited = false;
    for (;;) {
      const size = wholeBatchSize(bytes, at, end);
      if (size <= 0) break;
      isLimited = this.#count >= recordsMax;
      if (isLimited) break;
      if ((attributes(bytes, at) & CONTROL_FLAG) === 0 && !this.#addBatch(bytes, at, position)) {
        damagedTo = lastOffset(bytes, at) + 1;
        break;
      }
      epoch = partitionLeaderEpoch(bytes, at);
      next = lastOffset(bytes, at) + 1;
      at += size;
    }
    if (damagedTo >= 0 && at === start) next = position;
    else if (damagedTo < 0 && !isLimited) next = stretch.next;
    const frame = allocateFrame(stretch, this.#out.length, isKept);
    this.#out.bytes.copy(frame, frame.length - this.#out.length, 0, this.#out.length);
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
    };
  }

  address(frame: Frame, sub: number): void {
    addressBatchFrame(frame, sub);
  }

  /** False where its records cannot be read; nothing of it is left then. */
  #addBatch(bytes: Buffer, at: number, position: number): boolean {
    const out = this.#out;
    const record = this.#record;
    const begin = out.length;
    let count = 0;
    let skipped = 0;
    try {
      if (!this.#batches.open(bytes, at, record)) return false;
      out.copy(bytes, at, at + BATCH_HEADER_SIZE);
      while (record.next()) {
        if (record.offset < position) continue;
        if (this.#selection.keeps(record)) {
          out.copy(record.bytes, record.recordStart, record.recordEnd);
          count++;
        } else {
          skipped++;
        }
      }
    } catch (thrown) {
      if (!isCorrupt(thrown)) throw thrown;
      out.length = begin;
      return false;
    }
    this.#count += count;
    this.#skipped += skipped;
    if (count === 0) out.length = begin;
    else this.#seal(begin, count);
    return true;
  }

  #seal(begin: number, count: number): void {
    const { bytes, length } = this.#out;
    setAttributes(bytes, begin, attributes(bytes, begin) & ~CODEC_MASK);
    setBatchLength(bytes, begin, length - begin - LOG_OVERHEAD);
    setRecordCount(bytes, begin, count);
    setCrc(bytes, begin, crc32c(bytes, begin + ATTRIBUTES, length));
  }
}
