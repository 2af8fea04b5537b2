import { LogPosition, type PositionFields } from './log-position.ts';

export interface LimitFields {
  readonly highWatermark: PositionFields;
  readonly lastStable: PositionFields;
}

/** How far consumers may read a partition. */
export class ReadLimits implements LimitFields {
  /** All below it is acknowledged and stays. */
  readonly highWatermark = new LogPosition();
  /** The start of the first open transaction; the high watermark where there is none. */
  readonly lastStable = new LogPosition();

  /** Moves both: no transaction is open. */
  moveTo(position: PositionFields): void {
    this.highWatermark.copy(position);
    this.lastStable.copy(position);
  }

  copy(from: LimitFields): void {
    this.highWatermark.copy(from.highWatermark);
    this.lastStable.copy(from.lastStable);
  }

  /** What a read of one of Kafka's two isolation levels is bounded by. */
  boundOf(readCommitted: boolean): LogPosition {
    return readCommitted ? this.lastStable : this.highWatermark;
  }
}
