/** Records in the form in which they go out: made once, sent to all who stand at `position`. */
export interface Frame {
  readonly bytes: Buffer;
  readonly isBinary: boolean;
  readonly position: number;
  readonly next: number;
  /** Leader epoch of the last batch in it. */
  readonly epoch: number;
  readonly recordCount: number;
  readonly skippedCount: number;
  /** The records from `next` up to here cannot be read; -1: no damage was met. */
  readonly damagedTo: number;
  /** Cut short by the limit that its maker was given: of no use to others. */
  readonly isLimited: boolean;
  /** Set where it goes no further than `position` yet: to be asked for again when this is done. */
  readonly waitsFor: Promise<void> | null;
}

/** Whole record batches from the log, and where they stand. */
export interface Stretch {
  readonly topic: string;
  readonly partition: number;
  readonly bytes: Buffer;
  readonly start: number;
  readonly end: number;
  /** The first offset that is wanted: batches may begin before it. */
  readonly position: number;
  /** The first offset behind the stretch. */
  readonly next: number;
  readonly highWatermark: number;
}

/** A way to write records; subscriptions with the same format object share frames. */
export interface FrameFormat {
  /** How much of the log one frame is made of. */
  readonly stretchBytes: number;
  /** False for a format of one client: its frames are not kept for others. */
  readonly isShared: boolean;
  /**
   * No more records than `recordsMax`, or the first batch where batches go out whole. The bytes of
   * a frame that is not kept are good until the next frame of any format.
   */
  encode(stretch: Stretch, recordsMax: number, isKept: boolean): Frame;
  /** Writes the number of the subscription into the frame, just before it is sent. */
  address(frame: Frame, sub: number): void;
}
