import type { AbortedBatches } from './aborted-batches.ts';

/** Records as they are sent. A frame is made once and sent to all cursors at `position`. */
export interface Frame {
  readonly bytes: Buffer;
  readonly isBinary: boolean;
  readonly position: number;
  readonly next: number;
  /** The leader epoch of the frame's last batch. */
  readonly epoch: number;
  readonly recordCount: number;
  readonly skippedCount: number;
  /** The records from `next` to this offset cannot be read; -1 if all can. */
  readonly damagedTo: number;
  /** Whether a limit of its maker cut it short. Then it is of no use to others. */
  readonly isLimited: boolean;
  /**
   * Set if the frame ends at `position`. The frame is to be asked for again when the promise
   * resolves.
   */
  readonly waitsFor: Promise<void> | null;
}

/** Whole record batches from the log, and their offsets. */
export interface Stretch {
  readonly topic: string;
  readonly partition: number;
  readonly bytes: Buffer;
  readonly start: number;
  readonly end: number;
  /** The first offset that is wanted. The first batch may begin before it. */
  readonly position: number;
  /** The first offset behind the stretch. */
  readonly next: number;
  /** The batches that readers of committed records must not see. */
  readonly aborted: AbortedBatches;
  /** The end of what the reader may see of the partition: see `PartitionMirror.endFor`. */
  readonly readableEnd: number;
}

/** A way to write records. Subscriptions with the same format object share frames. */
export interface FrameFormat {
  /** How many bytes of the log one frame is made of. */
  readonly stretchBytes: number;
  /** Whether it leaves out open and aborted transactions. */
  readonly readsCommitted: boolean;
  /** False for the format of a single client. Its frames are not kept for others. */
  readonly isShared: boolean;
  /**
   * Makes a frame of at most `recordsMax` records, or of the first batch if batches go out whole.
   * The bytes of a frame that is not kept are valid until any format makes the next frame.
   */
  encode(stretch: Stretch, recordsMax: number, isKept: boolean): Frame;
  /** Writes the subscription's number into the frame just before it is sent. */
  address(frame: Frame, sub: number): void;
}
