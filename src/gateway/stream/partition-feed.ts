import type { PartitionMirror, PartitionWatcher } from '../../front/partitions/partition-mirror.ts';
import { OUTCOME } from '../../log/outcome.ts';
import { AbortedBatches, NONE_ABORTED } from './aborted-batches.ts';
import { CURSOR_IDLE, CURSOR_PARKED, type Cursor } from './cursor.ts';
import type { Frame, FrameFormat } from './frame.ts';
import { FrameShelf } from './frame-shelf.ts';
import type { Pump } from './pump.ts';

/**
 * With this many cursors serving a round is expensive. Rounds then begin at least `ROUND_MS` apart,
 * so that records that come close together go to all cursors in one frame.
 */
const MANY_CURSORS = 32;
const ROUND_MS = 1;

/** All cursors in one partition, and the frames that they share. */
export class PartitionFeed implements PartitionWatcher {
  readonly mirror: PartitionMirror;
  /** The outcome of the last `frameAt` that answered null; OK if there was nothing new. */
  outcome: number = OUTCOME.OK;
  readonly #pump: Pump;
  readonly #cursors: Cursor[] = [];
  readonly #shelves = new Map<FrameFormat, FrameShelf>();
  readonly #budget: { bytes: number; readonly bytesMax: number };
  #roundAtMs = 0;
  #nextRound: NodeJS.Timeout | undefined;

  constructor(
    mirror: PartitionMirror,
    pump: Pump,
    budget: { bytes: number; readonly bytesMax: number },
  ) {
    this.mirror = mirror;
    this.#pump = pump;
    this.#budget = budget;
    mirror.watch(this);
  }

  get cursorCount(): number {
    return this.#cursors.length;
  }

  add(cursor: Cursor): void {
    cursor.indexInFeed = this.#cursors.length;
    this.#cursors.push(cursor);
  }

  remove(cursor: Cursor): void {
    const last = this.#cursors.pop()!;
    if (last === cursor) return;
    this.#cursors[cursor.indexInFeed] = last;
    last.indexInFeed = cursor.indexInFeed;
  }

  close(): void {
    this.mirror.unwatch(this);
    clearTimeout(this.#nextRound);
    this.clearShelves(Number.POSITIVE_INFINITY);
  }

  onPartitionsChanged(): void {
    if (this.#nextRound !== undefined) return;
    const isFew = this.#cursors.length < MANY_CURSORS;
    if (isFew || performance.now() - this.#roundAtMs >= ROUND_MS) this.#wakeCursors();
    else this.#nextRound = setTimeout(() => this.#wakeCursors(), ROUND_MS);
  }

  #wakeCursors(): void {
    this.#nextRound = undefined;
    this.#roundAtMs = performance.now();
    const { mirror } = this;
    const cursors = this.#cursors;
    for (let i = 0; i < cursors.length; i++) {
      const cursor = cursors[i]!;
      if (cursor.state === CURSOR_IDLE) this.#pump.enqueue(cursor);
      else if (cursor.state !== CURSOR_PARKED) continue;
      else if (mirror.removed || cursor.subscription.mustClose(cursor)) this.#pump.enqueue(cursor);
    }
  }

  /**
   * The frame that begins at `position`, with at most `recordsMax` records, made of at most
   * `bytesMax` of the log or of one batch. Answers null if there is none; then `outcome` says why.
   */
  frameAt(
    position: number,
    format: FrameFormat,
    recordsMax: number,
    bytesMax: number,
  ): Frame | null {
    const isShared = format.isShared && this.#cursors.length > 1;
    const shelf = isShared ? this.#shelfOf(format) : undefined;
    const found = shelf?.find(position);
    if (found !== undefined && found.recordCount <= recordsMax && found.bytes.length <= bytesMax) {
      return found;
    }
    const stretchBytes = Math.min(format.stretchBytes, bytesMax);
    this.outcome = readOutcome(this.mirror, position, stretchBytes, format.readsCommitted);
    if (this.outcome !== OUTCOME.OK) return null;
    this.#pump.madeCount++;
    const isKept = shelf !== undefined;
    let frame = frameOf(this.mirror, position, format, recordsMax, isKept);
    if (frame === null) return null;
    const { bytes, recordCount } = frame;
    if (bytes.length > bytesMax && recordCount > 1 && !frame.isBinary) {
      // The text is longer than the part of the log it was made of. It is made again with fewer
      // records.
      const fitting = Math.max(1, Math.floor((recordCount * bytesMax) / bytes.length));
      frame = frameOf(this.mirror, position, format, fitting, isKept)!;
    }
    const isWhole =
      stretchBytes === format.stretchBytes && !frame.isLimited && frame.waitsFor === null;
    if (shelf !== undefined && isWhole) shelf.put(frame);
    return frame;
  }

  #shelfOf(format: FrameFormat): FrameShelf {
    let shelf = this.#shelves.get(format);
    if (shelf === undefined) {
      shelf = new FrameShelf(this.#budget);
      this.#shelves.set(format, shelf);
    }
    shelf.usedAtMs = this.#pump.nowMs;
    return shelf;
  }

  /** Drops the frames that nobody has asked for since. */
  clearShelves(sinceMs: number): void {
    for (const [format, shelf] of this.#shelves) {
      if (shelf.usedAtMs >= sinceMs) continue;
      shelf.clear();
      this.#shelves.delete(format);
    }
  }
}

/**
 * Reads the log at `position`. The partition's reader then holds the result. Answers one of
 * OUTCOME.
 */
export function readOutcome(
  mirror: PartitionMirror,
  position: number,
  bytesMax: number,
  readsCommitted: boolean,
): number {
  const { reader, limits } = mirror;
  if (reader === null) return OUTCOME.STORAGE_FAILED;
  const limit = limits.boundOf(readsCommitted);
  const outcome = reader.readTouched(position, bytesMax, true, limit);
  const mayHoldAborted = readsCommitted && reader.length > 0;
  return outcome === OUTCOME.OK && mayHoldAborted ? reader.readAborted(position) : outcome;
}

/** Makes a frame of what was read last; null if nothing was read. */
export function frameOf(
  mirror: PartitionMirror,
  position: number,
  format: FrameFormat,
  recordsMax: number,
  isKept: boolean,
): Frame | null {
  const { reader } = mirror;
  if (reader === null || reader.length === 0) return null;
  return format.encode(
    {
      topic: mirror.topic,
      partition: mirror.index,
      bytes: reader.bytes,
      start: reader.start,
      end: reader.start + reader.length,
      position,
      next: reader.nextOffset,
      aborted: format.readsCommitted ? AbortedBatches.of(reader.aborted) : NONE_ABORTED,
      readableEnd: mirror.endFor(format.readsCommitted),
    },
    recordsMax,
    isKept,
  );
}
