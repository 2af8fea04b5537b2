/** A partition that this node copies from its leader. */
export interface CopiedPartition {
  readonly topic: string;
  readonly index: number;
  readonly leaderId: number;
  /** How many records of the leader's below its high watermark are not here. */
  readonly lag: number;
}

/** What became of the replicas in sync that this node's leaders asked the controllers for. */
export interface InSyncCounts {
  readonly expansions: number;
  readonly shrinks: number;
  readonly refusals: number;
}

/** Heartbeats that the controllers answered. The longest times are those since the start. */
export interface HeartbeatCounts {
  readonly count: number;
  /** How long one left after its time. */
  readonly lateMsMax: number;
  readonly answerMsMax: number;
}

/** What a broker tells of its place in a cluster, beside what the metadata say. */
export interface ClusterReport {
  /** The controllers send no client here. */
  readonly isFenced: boolean;
  /** When the controllers wrote the last record of the metadata that is in force here. */
  readonly metadataTimeMs: number;
  readonly heartbeats: HeartbeatCounts;
  readonly inSyncCounts: InSyncCounts;
  copied(): Iterable<CopiedPartition>;
}
