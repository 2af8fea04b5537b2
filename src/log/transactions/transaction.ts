const UNDECIDED = -1;
const UNKNOWN_SEGMENT = -1;

/** A producer's transaction in one partition, from its first record until readers may pass it. */
export class Transaction {
  readonly producerId: number;
  readonly firstOffset: number;
  /** The base offset of the segment that its first batch lies in; -1 where it must be looked up. */
  segmentBase: number;
  /** The byte in that segment at which its first batch starts. */
  position: number;
  /** The offset of the marker that ended it; -1 while it is open. */
  markerOffset = UNDECIDED;
  /** The neighbours by first offset. */
  previous: Transaction | null = null;
  next: Transaction | null = null;

  constructor(
    producerId: number,
    firstOffset: number,
    segmentBase = UNKNOWN_SEGMENT,
    position = 0,
  ) {
    this.producerId = producerId;
    this.firstOffset = firstOffset;
    this.segmentBase = segmentBase;
    this.position = position;
  }

  get isOpen(): boolean {
    return this.markerOffset === UNDECIDED;
  }
}
