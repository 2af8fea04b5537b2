/**
 * The rare commands, which travel as JSON. Each names its worker's partitions by slot. The answer
 * is a ControlAnswer under the same ticket.
 */
import type { PositionFields } from '../base/log-position.ts';
import type { LogSettings } from '../base/log-settings.ts';
import type { LimitFields } from '../base/read-limits.ts';
import type { GroupRules, GroupSummary, LoweredOffset, TopicNews } from './coordinator-news.ts';

export interface PartitionPlace {
  readonly slot: number;
  readonly index: number;
  readonly leaderEpoch: number;
  /** From the checkpoints of the last run; 0 for a partition that is new. */
  readonly logStartOffset: number;
  readonly recoveryPoint: number;
}

export interface TopicPlaces {
  readonly name: string;
  readonly id: string;
  readonly settings: LogSettings;
  readonly partitions: readonly PartitionPlace[];
}

export type ControlCommand =
  /** Create the directories of new partitions and serve them. */
  | { readonly kind: 'create'; readonly topic: TopicPlaces }
  | {
      readonly kind: 'configure';
      readonly slots: readonly number[];
      readonly settings: LogSettings;
    }
  /** Stop serving these partitions and remove their directories. */
  | { readonly kind: 'remove'; readonly slots: readonly number[] }
  /** Open the log if it is not, and say which segments it has. */
  | { readonly kind: 'load'; readonly slot: number }
  | {
      readonly kind: 'offset-for-time';
      readonly slot: number;
      readonly timestampMs: number;
      readonly fromOffset: number;
    }
  | { readonly kind: 'offset-of-max-time'; readonly slot: number }
  | { readonly kind: 'end-of-epoch'; readonly slot: number; readonly leaderEpoch: number }
  /** The epoch that covers the log's start. */
  | { readonly kind: 'first-epoch'; readonly slot: number }
  | { readonly kind: 'delete-records'; readonly slot: number; readonly offset: number }
  | { readonly kind: 'sizes'; readonly slots: readonly number[] }
  | { readonly kind: 'producers'; readonly slot: number }
  /** The front met what the disk does not give. */
  | { readonly kind: 'take-offline'; readonly slot: number; readonly reason: string }
  /** The front could not open a file: is it there? */
  | { readonly kind: 'check-files'; readonly slot: number }
  /** What compaction may read of a log. */
  | { readonly kind: 'plan-cleaning'; readonly slot: number }
  /** The helper pool wrote these aside: swap them in. */
  | {
      readonly kind: 'finish-cleaning';
      readonly slot: number;
      readonly cleaned: readonly object[];
    }
  /** The client of a request to a coordinator went away before it was answered. */
  | { readonly kind: 'drop-coordination'; readonly slot: number; readonly ticket: number }
  /** What coordinators must know of topics and groups; see coordinator-news.ts. */
  | { readonly kind: 'topic-news'; readonly news: TopicNews }
  | { readonly kind: 'group-rules'; readonly rules: GroupRules }
  /** Settings of the broker that hold for every log, as they changed. */
  | {
      readonly kind: 'log-rules';
      readonly producerExpiryMs: number;
      readonly freeBytesMin: number;
    }
  /** All groups that the worker coordinates and has loaded; those that it has not, too. */
  | { readonly kind: 'groups'; readonly load: boolean }
  /** Commits beyond the end of a log that a power loss has cut. */
  | { readonly kind: 'lower-offsets'; readonly offsets: readonly LoweredOffset[] }
  /** How far the open logs are, for the checkpoint files. */
  | { readonly kind: 'checkpoint' }
  /** The same, after closing all logs; the worker ends when it has answered. */
  | { readonly kind: 'stop' };

export interface SegmentPlace {
  readonly baseOffset: number;
  readonly sizeBytes: number;
}

/** The state of a partition as its worker tells it with every reply. */
export interface PartitionState {
  readonly slot: number;
  readonly logStartOffset: number;
  readonly logEnd: PositionFields;
  readonly limits: LimitFields;
}

export interface ProducerPlace {
  readonly producerId: number;
  readonly producerEpoch: number;
  readonly lastSequence: number;
  readonly lastTimestamp: number;
  readonly currentTxnStartOffset: number;
}

export interface ControlAnswer {
  /** 0, or the Kafka error code of what went wrong, with the reason in words. */
  readonly error: number;
  readonly reason?: string;
  /** With `error`: the system lacks something for the moment, and the partition is as it was. */
  readonly passing?: boolean;
  readonly segments?: readonly SegmentPlace[];
  /** With `segments`: where the log stands at the instant of the answer. */
  readonly state?: PartitionState;
  readonly offset?: number;
  readonly timestampMs?: number;
  readonly leaderEpoch?: number;
  /** The record is in the batch at `offset`: which one it is takes longer to find. */
  readonly isBatch?: boolean;
  readonly sizes?: readonly { readonly slot: number; readonly sizeBytes: number }[];
  readonly producers?: readonly ProducerPlace[];
  readonly checkpoints?: readonly PartitionCheckpoint[];
  readonly groups?: readonly GroupSummary[];
  /** A CleaningPlan of the log room, as it is. */
  readonly cleaning?: object;
  /** Some of what was cleaned had gone meanwhile, and is not swapped in. */
  readonly outdated?: boolean;
}

export interface PartitionCheckpoint {
  readonly slot: number;
  readonly logStartOffset: number;
  readonly recoveryPoint: number;
  readonly highWatermark: number;
}

/** What a worker tells without being asked. */
export type PartitionEvent =
  | {
      readonly kind: 'segment-added';
      readonly slot: number;
      readonly baseOffset: number;
      /** Where the segment before it ended. */
      readonly previousSizeBytes: number;
    }
  /** The log stamps a higher epoch than the metadata says, since a crash may have cut its tail. */
  | { readonly kind: 'leader-epoch'; readonly slot: number; readonly leaderEpoch: number }
  | { readonly kind: 'segment-removed'; readonly slot: number; readonly baseOffset: number }
  | { readonly kind: 'offline'; readonly slot: number; readonly reason: string }
  /** Files that nobody needs: the front removes them in its own time. */
  | { readonly kind: 'remove-path'; readonly slot: -1; readonly path: string };
