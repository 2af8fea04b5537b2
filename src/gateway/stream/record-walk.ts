import { isCorrupt } from '../../base/errors.ts';
import {
  baseOffset,
  codecId,
  isControl,
  lastOffset,
  partitionLeaderEpoch,
  wholeBatchSize,
} from '../../records/batch-layout.ts';
import { CODEC } from '../../records/codec-ids.ts';
import { RecordCursor } from '../../records/record-iterator.ts';
import type { Stretch } from './frame.ts';
import { DAMAGED, LATER, type OpenedBatches } from './opened-batches.ts';
import type { RecordPositions } from './record-positions.ts';

/** After this long a walk stops and continues in another turn, because the front has other work. */
const WALK_MS = 2;
/** The clock is read once for so many bytes. A record counts for some bytes more. */
const BYTES_BETWEEN_LOOKS = 64 * 1024;
const RECORD_BYTES = 64;
/** A larger record of a compressed batch is skipped, as is one with more headers. */
const OPENED_RECORD_MAX = 4 * 1024 * 1024;
const HEADERS_MAX = 50_000;

/** Answers false to stop the walk before this record. */
export type Visit = (record: RecordCursor) => boolean;

/**
 * Walks over the records of a stretch from its position, but for those that were aborted, for as
 * long as one turn may take. The fields tell the result and are valid until the next `run`.
 */
export class RecordWalk {
  next = 0;
  epoch = -1;
  damagedTo = -1;
  /** The start of the current batch. */
  at = 0;
  /** Whether the walk ended before the stretch. */
  isCut = false;
  /** Set if the walk did not pass the position: it may go on when the promise resolves. */
  waitsFor: Promise<void> | null = null;
  readonly #batches: OpenedBatches;
  readonly #record = new RecordCursor();
  #position = 0;
  #done = 0;
  #visitedCount = 0;
  #unlookedBytes = 0;
  #deadlineMs = 0;

  constructor(batches: OpenedBatches) {
    this.#batches = batches;
  }

  run(stretch: Stretch, visit: Visit): void {
    const { bytes, start, end, position, aborted } = stretch;
    this.next = stretch.next;
    this.epoch = -1;
    this.damagedTo = -1;
    this.at = start;
    this.isCut = false;
    this.waitsFor = null;
    this.#position = position;
    this.#done = position;
    this.#visitedCount = 0;
    this.#unlookedBytes = 0;
    this.#deadlineMs = performance.now() + WALK_MS;
    for (;;) {
      const size = wholeBatchSize(bytes, this.at, end);
      if (size <= 0) break;
      if (isControl(bytes, this.at) || aborted.has(bytes, this.at)) {
        this.epoch = partitionLeaderEpoch(bytes, this.at);
      } else if (!this.#walkSafely(stretch, visit)) {
        break;
      }
      this.at += size;
    }
    this.#record.bytes = NOTHING; // releases the segment
  }

  /** Answers false if the walk ends. */
  #walkSafely(stretch: Stretch, visit: Visit): boolean {
    const { bytes } = stretch;
    const { at } = this;
    const done = Math.max(this.#done, baseOffset(bytes, at));
    const isPacked = codecId(bytes, at) !== CODEC.NONE;
    if (isPacked && done > this.#position && this.#isLate) return this.#cut(done);
    this.#done = done;
    try {
      const outcome = this.#batches.open(stretch, at, this.#record);
      if (outcome === DAMAGED) return this.#passOver(lastOffset(bytes, at) + 1);
      if (outcome === LATER) return this.#cut(done, this.#batches.opening);
      this.epoch = partitionLeaderEpoch(bytes, at);
      return this.#walkBatch(this.#batches.positions, isPacked, visit);
    } catch (thrown) {
      if (!isCorrupt(thrown)) throw thrown;
      return this.#passOver(lastOffset(bytes, at) + 1);
    }
  }

  #walkBatch(positions: RecordPositions | null, isPacked: boolean, visit: Visit): boolean {
    const record = this.#record;
    const position = this.#position;
    const batchStart = isPacked ? 0 : this.at;
    let nextLeft = positions === null ? -1 : positions.nextLeft;
    let highest = positions === null ? -1 : positions.goTo(position, record, batchStart);
    let isFurther = false;
    while (record.next()) {
      const { offset } = record;
      const size = record.recordEnd - record.recordStart;
      if (record.left === nextLeft) {
        positions!.note(record, batchStart, highest);
        nextLeft = positions!.nextLeft;
        isFurther = true;
      }
      if (offset > highest) highest = offset;
      this.#unlookedBytes += RECORD_BYTES + size;
      if (this.#unlookedBytes > BYTES_BETWEEN_LOOKS && (isFurther || this.#visitedCount > 0)) {
        this.#unlookedBytes = 0;
        if (this.#isLate) return this.#cut(Math.max(this.#done, offset));
      }
      if (offset < position) continue;
      if ((isPacked && size > OPENED_RECORD_MAX) || record.headerCount > HEADERS_MAX) {
        return this.#passOver(offset + 1);
      }
      if (!visit(record)) return this.#cut(Math.max(this.#done, offset));
      this.#visitedCount++;
      this.#done = Math.max(this.#done, offset + 1);
    }
    return true;
  }

  get #isLate(): boolean {
    return performance.now() >= this.#deadlineMs;
  }

  #cut(next: number, waitsFor: Promise<void> | null = null): boolean {
    this.isCut = true;
    this.next = next;
    if (next <= this.#position) this.waitsFor = waitsFor ?? Promise.resolve();
    return false;
  }

  /** Skips what cannot be read. Lengths and CRC are right, so the client wrote it like this. */
  #passOver(to: number): boolean {
    this.isCut = true;
    this.next = this.#done;
    this.damagedTo = to;
    return false;
  }
}

const NOTHING = Buffer.alloc(0);
