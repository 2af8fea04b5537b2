/** A boundary between two batches of a log. */
export interface PositionFields {
  /** Of the first record behind the boundary. */
  readonly offset: number;
  /** The base offset of the segment that the boundary lies in. */
  readonly segmentBase: number;
  /** The byte in that segment's file. */
  readonly position: number;
}

/** A boundary that moves: its owner changes it in place, so that an append allocates nothing. */
export class LogPosition implements PositionFields {
  offset = 0;
  segmentBase = 0;
  position = 0;

  set(offset: number, segmentBase: number, position: number): void {
    this.offset = offset;
    this.segmentBase = segmentBase;
    this.position = position;
  }

  copy(from: PositionFields): void {
    this.offset = from.offset;
    this.segmentBase = from.segmentBase;
    this.position = from.position;
  }
}
