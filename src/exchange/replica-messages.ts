/** What front and workers tell each other about the replicas on other brokers. */

/** The replicas of a partition, as the controllers decided last. */
export interface ReplicaAssignment {
  /** Counts every change of the partition. */
  readonly partitionEpoch: number;
  readonly replicas: readonly number[];
  readonly inSyncReplicas: readonly number[];
}

export interface ReplicaBroker {
  readonly id: number;
  /** Of its registration. */
  readonly epoch: number;
  readonly isFenced: boolean;
  /** It is fenced or about to stop. */
  readonly isLeaving: boolean;
}

/** A follower asks for what is behind `offset`, and begins at `startOffset`. */
export interface ReplicaFetch {
  readonly slot: number;
  readonly replicaId: number;
  readonly brokerEpoch: number;
  readonly offset: number;
  readonly startOffset: number;
}

/** What a leader said in its answer to this node's fetch in that leader epoch. */
export interface LeaderMark {
  readonly slot: number;
  readonly leaderEpoch: number;
  readonly highWatermark: number;
  readonly logStartOffset: number;
}

/** A partition that this node follows in that leader epoch. */
export interface FollowedLog {
  readonly slot: number;
  readonly leaderEpoch: number;
}

/** A change of the replicas in sync, which the controllers are asked for. */
export interface ProposedInSync {
  readonly leaderEpoch: number;
  readonly partitionEpoch: number;
  readonly replicas: readonly { readonly id: number; readonly brokerEpoch: number }[];
}

export interface DecidedInSync {
  readonly leaderEpoch: number;
  readonly partitionEpoch: number;
  readonly inSyncReplicas: readonly number[];
}

/** Where a follower's log ends. */
export interface LogTail {
  readonly logEndOffset: number;
  /** Of its last batch; -1 where there is none. */
  readonly latestEpoch: number;
}
