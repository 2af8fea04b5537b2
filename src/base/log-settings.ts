/**
 * What a topic's configuration means to the log of its partitions; the metadata room resolves it.
 */
export interface LogSettings {
  readonly segmentBytes: number;
  readonly segmentMs: number;
  readonly segmentJitterMs: number;
  readonly segmentIndexBytes: number;
  readonly indexIntervalBytes: number;
  readonly retentionMs: number;
  readonly retentionBytes: number;
  readonly fileDeleteDelayMs: number;
  readonly maxMessageBytes: number;
  readonly logAppendTime: boolean;
  readonly timestampBeforeMaxMs: number;
  readonly timestampAfterMaxMs: number;
  readonly delete: boolean;
  readonly compact: boolean;
  /** The log is synced in the background after this many records and after this time. */
  readonly flushMessages: number;
  readonly flushMs: number;
  /** acks=all waits for the disk. */
  readonly groupCommit: boolean;
  /** acks=all is taken while so many replicas are in sync. */
  readonly minInSyncReplicas: number;
}
