/** A position in a partition. The next record to come has this offset or a higher one. */
export interface Position {
  readonly topic: string;
  /** '' if the client did not name it. */
  readonly topicId: string;
  readonly partition: number;
  readonly offset: number;
  /** The leader epoch of the last record before it; -1 if unknown. */
  readonly epoch: number;
}

export type GapReason =
  | 'retention'
  | 'truncation'
  | 'recreated'
  | 'deleted'
  | 'behind'
  | 'offset'
  | 'corrupt';

/**
 * Records that will not come, and why. The README says what `from` and `to` mean for each reason.
 */
export interface Gap {
  readonly topic: string;
  readonly partition: number;
  readonly from: number;
  readonly to: number;
  readonly reason: GapReason;
}
