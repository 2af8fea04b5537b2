/** A place in a topic: the next record to come has this offset or a higher one. */
export interface Position {
  readonly topic: string;
  /** '' where the client did not say. */
  readonly topicId: string;
  readonly partition: number;
  readonly offset: number;
  /** Of the last record before it; -1: unknown. */
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

/** Records that will not come, and why: see the README for what `from` and `to` mean by reason. */
export interface Gap {
  readonly topic: string;
  readonly partition: number;
  readonly from: number;
  readonly to: number;
  readonly reason: GapReason;
}
