import {
  isControl,
  lastOffset,
  partitionLeaderEpoch,
  recordCount,
  wholeBatchSize,
} from '../../records/batch-layout.ts';
import type { Frame, FrameFormat, Stretch } from './frame.ts';

/** The kind of a frame with records. Its layout: see the README. */
const KIND_RECORDS = 1;
const KIND_AT = 0;
const FLAGS_AT = 1;
const TOPIC_BYTES_AT = 2;
const SUB_AT = 4;
const PARTITION_AT = 8;
const EPOCH_AT = 12;
const POSITION_AT = 16;
const NEXT_AT = 24;
const HIGH_AT = 32;
const COUNT_AT = 40;
const SKIPPED_AT = 44;
export const FRAME_HEADER_BYTES = 48;
export const FLAG_REWRITTEN = 1;

const STRETCH_BYTES = 256 * 1024;
const WORD = 2 ** 32;

/**
 * Frames of `millrace.batch`: a header and the batches as they are stored. Readers of committed
 * records get neither aborted batches nor control batches.
 */
export class BatchFormat implements FrameFormat {
  readonly stretchBytes = STRETCH_BYTES;
  readonly isShared = true;
  readonly readsCommitted: boolean;
  /** Where the bytes that go out begin and end, one pair for what lies together. */
  readonly #runs: number[] = [];

  constructor(readsCommitted: boolean) {
    this.readsCommitted = readsCommitted;
  }

  encode(stretch: Stretch, recordsMax: number, isKept: boolean): Frame {
    const { bytes } = stretch;
    const runs = this.#runs;
    runs.length = 0;
    let at = stretch.start;
    let count = 0;
    let keptBytes = 0;
    let epoch = -1;
    let { next } = stretch;
    let isLimited = false;
    for (;;) {
      const size = wholeBatchSize(bytes, at, stretch.end);
      if (size <= 0) break;
      if (!this.#leavesOut(stretch, at)) {
        if (count >= recordsMax) {
          isLimited = true;
          break;
        }
        count += recordCount(bytes, at);
        keptBytes += size;
        if (runs.at(-1) === at) runs.pop();
        else runs.push(at);
        runs.push(at + size);
      }
      epoch = partitionLeaderEpoch(bytes, at);
      next = lastOffset(bytes, at) + 1;
      at += size;
    }
    if (!isLimited) next = stretch.next;
    const frame = allocateFrame(stretch, keptBytes, isKept);
    let to = frame.length - keptBytes;
    for (let i = 0; i < runs.length; i += 2) {
      to += bytes.copy(frame, to, runs[i]!, runs[i + 1]!);
    }
    const { position } = stretch;
    fillHeader(frame, stretch, 0, epoch, next, count, 0);
    return {
      bytes: frame,
      isBinary: true,
      position,
      next,
      epoch,
      recordCount: count,
      skippedCount: 0,
      damagedTo: -1,
      isLimited,
      waitsFor: null,
    };
  }

  #leavesOut({ bytes, aborted }: Stretch, at: number): boolean {
    return this.readsCommitted && (isControl(bytes, at) || aborted.has(bytes, at));
  }

  address(frame: Frame, sub: number): void {
    addressBatchFrame(frame, sub);
  }
}

export function addressBatchFrame(frame: Frame, sub: number): void {
  frame.bytes.writeUInt32BE(sub, SUB_AT);
}

/** The memory of frames that are not kept. Each overwrites the last one. */
let scratch: Buffer = Buffer.alloc(0);

/** Makes a frame with the topic name behind its header and room for the batches. */
export function allocateFrame(stretch: Stretch, batchBytes: number, isKept: boolean): Buffer {
  const topicBytes = Buffer.byteLength(stretch.topic);
  const size = FRAME_HEADER_BYTES + topicBytes + batchBytes;
  const frame = isKept ? Buffer.allocUnsafeSlow(size) : scratchOf(size);
  frame.writeUInt16BE(topicBytes, TOPIC_BYTES_AT);
  frame.write(stretch.topic, FRAME_HEADER_BYTES);
  return frame;
}

function scratchOf(size: number): Buffer {
  if (size > scratch.length) scratch = Buffer.allocUnsafeSlow(size * 2);
  return scratch.subarray(0, size);
}

export function fillHeader(
  frame: Buffer,
  stretch: Stretch,
  flags: number,
  epoch: number,
  next: number,
  count: number,
  skipped: number,
): void {
  frame[KIND_AT] = KIND_RECORDS;
  frame[FLAGS_AT] = flags;
  frame.writeUInt32BE(0, SUB_AT);
  frame.writeInt32BE(stretch.partition, PARTITION_AT);
  frame.writeInt32BE(epoch, EPOCH_AT);
  writeOffset(frame, stretch.position, POSITION_AT);
  writeOffset(frame, next, NEXT_AT);
  writeOffset(frame, stretch.readableEnd, HIGH_AT);
  frame.writeUInt32BE(count, COUNT_AT);
  frame.writeUInt32BE(skipped, SKIPPED_AT);
}

function writeOffset(frame: Buffer, offset: number, at: number): void {
  frame.writeUInt32BE(Math.floor(offset / WORD), at);
  frame.writeUInt32BE(offset % WORD, at + 4);
}
