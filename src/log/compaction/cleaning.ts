/** What the owner of a log, the scheduler and the cleaner tell each other, as plain data. */
import type { SegmentFacts } from '../segment.ts';

export interface CleanableSegment {
  readonly baseOffset: number;
  readonly sizeBytes: number;
  readonly maxTimestamp: number;
  readonly firstTimestamp: number;
  readonly modifiedMs: number;
}

/** A log as a cleaning may find it: everything but the active segment. */
export interface CleaningPlan {
  readonly directory: string;
  readonly segments: readonly CleanableSegment[];
  readonly logStartOffset: number;
  /** Where the last of the segments ends. Above it lie the active one and what is not stable. */
  readonly endOffset: number;
  /** The last batch of each producer stays, even empty: its sequence is still needed. */
  readonly producers: readonly LastBatch[];
  /** The segments with a transaction index, those behind `endOffset` too. */
  readonly indexes: readonly AbortedIndex[];
  /** How often this process had cut the log before. */
  readonly truncations: number;
}

export interface LastBatch {
  readonly producerId: number;
  readonly producerEpoch: number;
  /** -1 where a marker is all that is known of this epoch. */
  readonly lastOffset: number;
}

export interface AbortedIndex {
  readonly baseOffset: number;
  readonly abortedCount: number;
}

export interface CleaningTask extends CleaningPlan {
  /** Where the cleaning before this one ended. */
  readonly cleanedTo: number;
  /** Where this one ends at the latest. */
  readonly cleanableTo: number;
  readonly segmentBytes: number;
  readonly segmentIndexBytes: number;
  readonly indexIntervalBytes: number;
  readonly deleteRetentionMs: number;
  readonly dedupeBytesMax: number;
  readonly loadFactor: number;
  /** Read and written; 0 is no bound. */
  readonly bytesPerSecondMax: number;
  readonly wallMs: number;
}

/** One segment written aside, and the old ones that it takes the place of. */
export interface CleanedSegment {
  readonly facts: SegmentFacts;
  readonly replaces: readonly number[];
  /** Of the plan. */
  readonly truncations: number;
}

export interface CleaningResult {
  readonly cleaned: readonly CleanedSegment[];
  readonly cleanedTo: number;
  readonly keys: number;
  readonly keyMapBytes: number;
  readonly bytesRead: number;
  readonly bytesWritten: number;
}
