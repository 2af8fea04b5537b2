/** The end of a producer's transaction, as the control record in a partition states it. */
export interface EndMarker {
  readonly producerId: number;
  readonly producerEpoch: number;
  readonly isCommit: boolean;
  readonly coordinatorEpoch: number;
  /** From 2 on the end of a transaction has an epoch of its own, above that of its records. */
  readonly transactionVersion: number;
}

/** A marker that a coordinator wants in a partition which belongs to any worker. */
export interface MarkerWrite extends EndMarker {
  readonly topic: string;
  readonly partition: number;
}
