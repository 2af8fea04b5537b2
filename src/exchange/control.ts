/**
 * The rare commands, which travel as JSON. Each names its worker's partitions by slot. The answer
 * comes under the same ticket.
 */
import type { ERROR, ErrorCode } from '../base/kafka-errors.ts';
import type { PositionFields } from '../base/log-position.ts';
import type { LogSettings } from '../base/log-settings.ts';
import type { LimitFields } from '../base/read-limits.ts';
import type { RecordRejection } from '../base/record-rejection.ts';
import type { TransactionSettings } from '../base/transaction-settings.ts';
import type { GroupRules, GroupSummary, LoweredOffset, TopicChanges } from './group-messages.ts';
import type {
  DecidedInSync,
  FollowedLog,
  LeaderMark,
  LogTail,
  ProposedInSync,
  ReplicaAssignment,
  ReplicaBroker,
  ReplicaFetch,
} from './replica-messages.ts';
import type { MarkerOutcome, TransactionCensus, WantedMarker } from './transaction-messages.ts';

/** What an election has made of this node's replica. */
export type ElectedRole = 'leader' | 'follower';

export interface Election {
  readonly slot: number;
  readonly leaderEpoch: number;
  readonly role: ElectedRole;
  /** Absent where nobody else has a replica. */
  readonly assignment?: ReplicaAssignment;
}

export interface PartitionPlace {
  readonly slot: number;
  readonly index: number;
  /** The log directory that it lies in, or is to be made in. */
  readonly logDir: string;
  readonly leaderEpoch: number;
  /** Absent where nobody elects: the node leads, in the epoch that its log allows. */
  readonly role?: ElectedRole;
  readonly assignment?: ReplicaAssignment;
  /** From the checkpoints of the last run; 0 for a partition that is new. */
  readonly logStartOffset: number;
  readonly recoveryPoint: number;
  readonly highWatermark: number;
}

export interface TopicPlaces {
  readonly name: string;
  readonly id: string;
  readonly settings: LogSettings;
  readonly partitions: readonly PartitionPlace[];
}

/** An answer that says no more than that the command was carried out. */
type Nothing = object;

/**
 * The commands by kind. `ask` is what a command carries besides its kind, `answer` what is answered
 * where it was carried out. A command with a `slot` is about that one partition.
 */
export interface ControlTable {
  /** Create the directories of new partitions and serve them. */
  create: { ask: { readonly topic: TopicPlaces }; answer: Nothing };
  configure: {
    ask: { readonly slots: readonly number[]; readonly settings: LogSettings };
    answer: Nothing;
  };
  /** Elections were held: lead these partitions, or lead them no more. */
  elect: { ask: { readonly elections: readonly Election[] }; answer: Nothing };
  /** This node in its cluster, and the brokers that may hold replicas. */
  replication: {
    ask: {
      readonly nodeId: number;
      readonly lagTimeMaxMs: number;
      readonly brokers: readonly ReplicaBroker[];
    };
    answer: Nothing;
  };
  /** Followers have fetched. The answer has an error code each. */
  'replicas-fetched': {
    ask: { readonly fetches: readonly ReplicaFetch[] };
    answer: { readonly errors: readonly number[] };
  };
  /** What the controllers made of a proposal. */
  'in-sync-answered': {
    ask: {
      readonly slot: number;
      /** Of the proposal. */
      readonly leaderEpoch: number;
      readonly partitionEpoch: number;
      readonly errorCode: number;
      /** Null where there is an error. */
      readonly decision: DecidedInSync | null;
    };
    answer: { readonly sendAgain: boolean };
  };
  /**
   * Open these logs if they are not open, and say where they end. Null where the node has another
   * role or epoch by now, or where the log does not open.
   */
  follow: {
    ask: { readonly followed: readonly FollowedLog[] };
    answer: { readonly tails: readonly (LogTail | null)[] };
  };
  'leader-said': { ask: { readonly marks: readonly LeaderMark[] }; answer: Nothing };
  /** Leader and follower last agreed in `epoch`. No reader of this log may be there meanwhile. */
  cut: {
    ask: {
      readonly slot: number;
      readonly leaderEpoch: number;
      readonly epoch: number;
      readonly endOffset: number;
    };
    answer: LogTail;
  };
  /** The leader's log ends there. The same holds for readers. */
  'cut-at': {
    ask: { readonly slot: number; readonly leaderEpoch: number; readonly offset: number };
    answer: LogTail;
  };
  /** The leader's log begins behind the end of this one. The same holds for readers. */
  'begin-anew': {
    ask: { readonly slot: number; readonly leaderEpoch: number; readonly offset: number };
    answer: LogTail;
  };
  /** Copy the log into another log directory, in place of a copy that is being made. */
  'copy-begin': { ask: { readonly slot: number; readonly logDir: string }; answer: Nothing };
  /** So much the worker's copies may take together from now on. */
  'copy-pace': { ask: { readonly bytesPerSecond: number }; answer: Nothing };
  /** Give up the copy, if there is one. */
  'copy-end': { ask: { readonly slot: number }; answer: Nothing };
  /** The copy takes the place of the log, which is removed. No reader of it may be there. */
  'copy-finish': { ask: { readonly slot: number }; answer: Nothing };
  /** The disk with that log directory failed: what lies in it is touched no more. */
  'lose-directory': {
    ask: { readonly logDir: string; readonly reason: string };
    answer: Nothing;
  };
  /** Stop serving these partitions and remove their directories. */
  remove: { ask: { readonly slots: readonly number[] }; answer: Nothing };
  /** Open the log if it is not open; the answer has its segments and where it stands now. */
  load: {
    ask: { readonly slot: number };
    answer: { readonly segments: readonly SegmentPlace[]; readonly state: PartitionState };
  };
  'offset-for-time': {
    ask: { readonly slot: number; readonly timestampMs: number; readonly fromOffset: number };
    answer: FoundByTime;
  };
  'offset-of-max-time': { ask: { readonly slot: number }; answer: FoundByTime };
  /** The largest epoch not above this one and its end; -1 and -1 where the log knows none. */
  'end-of-epoch': {
    ask: { readonly slot: number; readonly leaderEpoch: number };
    answer: { readonly leaderEpoch: number; readonly offset: number };
  };
  /** The epoch that covers the log's start. */
  'first-epoch': { ask: { readonly slot: number }; answer: { readonly leaderEpoch: number } };
  /** The answer has the new start of the log. */
  'delete-records': {
    ask: { readonly slot: number; readonly offset: number };
    answer: { readonly offset: number };
  };
  /** The answer has the start that the logs of all replicas have on brokers that live. */
  'low-watermark': {
    ask: { readonly slot: number };
    answer: { readonly offset: number };
  };
  sizes: {
    ask: { readonly slots: readonly number[] };
    answer: { readonly sizes: readonly LogSize[] };
  };
  producers: {
    ask: { readonly slot: number };
    answer: { readonly producers: readonly ProducerPlace[] };
  };
  /** The transaction that readers of committed records wait for; null where there is none. */
  'transaction-holder': {
    ask: { readonly slot: number };
    answer: { readonly holder: TransactionHolder | null };
  };
  /**
   * Before a coordinator is asked whether a producer's transaction is open (KIP-890). The answer
   * has the guard to append with once it agrees, or NO_GUARD where nobody must be asked.
   */
  'request-verification': {
    ask: {
      readonly slot: number;
      readonly producerId: number;
      readonly producerEpoch: number;
      readonly sequence: number;
      /** The client knows transactions of version 2. */
      readonly bumpsEpoch: boolean;
    };
    answer: { readonly guard: number };
  };
  /** The front met a failure of the disk. */
  'take-offline': { ask: { readonly slot: number; readonly reason: string }; answer: Nothing };
  /** The front could not open a file: the worker looks whether it is there. */
  'check-files': { ask: { readonly slot: number }; answer: Nothing };
  /** The answer has a CleaningPlan of the log room: what compaction may read of a log. */
  'plan-cleaning': { ask: { readonly slot: number }; answer: { readonly cleaning: object } };
  /** Swap in the segments that the helper pool wrote aside. */
  'finish-cleaning': {
    ask: { readonly slot: number; readonly cleaned: readonly object[] };
    /** Some of what was cleaned had gone meanwhile, and is not swapped in. */
    answer: { readonly outdated: boolean };
  };
  /** The client of a request to a coordinator went away before it was answered. */
  'drop-coordination': {
    ask: { readonly slot: number; readonly ticket: number };
    answer: Nothing;
  };
  /** Topics that group coordinators must know of. */
  'topics-changed': { ask: { readonly changes: TopicChanges }; answer: Nothing };
  /** Of the coordinators that are loaded. */
  'transaction-census': { ask: object; answer: { readonly census: TransactionCensus } };
  'transaction-rules': { ask: { readonly rules: TransactionSettings }; answer: Nothing };
  /** Producer ids that the worker's coordinators may give out; none where it could not be. */
  'producer-ids': { ask: { readonly first: number; readonly end: number }; answer: Nothing };
  /** What became of markers that the worker's coordinators asked for. */
  'markers-written': { ask: { readonly outcomes: readonly MarkerOutcome[] }; answer: Nothing };
  'group-rules': { ask: { readonly rules: GroupRules }; answer: Nothing };
  /** Settings of the broker that hold for every log, as they changed. */
  'log-rules': {
    ask: { readonly producerExpiryMs: number; readonly freeBytesMin: number };
    answer: Nothing;
  };
  /** The groups that are loaded; with `load` all are loaded first. */
  groups: {
    ask: { readonly load: boolean };
    answer: { readonly groups: readonly GroupSummary[] };
  };
  /** A power loss has cut logs below these commits. */
  'lower-offsets': { ask: { readonly offsets: readonly LoweredOffset[] }; answer: Nothing };
  /** How far the open logs are, for the checkpoint files. */
  checkpoint: { ask: object; answer: { readonly checkpoints: readonly PartitionCheckpoint[] } };
  /** The high watermarks of open logs that moved since this was asked last. */
  'moved-watermarks': { ask: object; answer: { readonly moved: readonly MovedWatermark[] } };
  /** How far the open logs are, after closing all of them; the worker ends when it has answered. */
  stop: { ask: object; answer: { readonly checkpoints: readonly PartitionCheckpoint[] } };
}

export interface MovedWatermark {
  readonly slot: number;
  readonly highWatermark: number;
}

export type ControlKind = keyof ControlTable;

export type ControlCommand<Kind extends ControlKind = ControlKind> = {
  [K in Kind]: { readonly kind: K } & ControlTable[K]['ask'];
}[Kind];

/** Why a command was not carried out: the wire error and the reason in words. */
export interface ControlRefusal {
  readonly error: Exclude<ErrorCode, typeof ERROR.NONE>;
  readonly reason: string;
  /** The system lacks something for the moment, and the partition is as it was. */
  readonly passing?: true;
}

export type ControlAnswer<Kind extends ControlKind = ControlKind> =
  | ControlRefusal
  | { [K in Kind]: { readonly error: typeof ERROR.NONE } & ControlTable[K]['answer'] }[Kind];

/** A record that was searched by time. */
export interface FoundRecord {
  readonly offset: number;
  readonly timestampMs: number;
  readonly leaderEpoch: number;
  /** The record is in the batch at `offset`: which one it is takes longer to find. */
  readonly isBatch?: boolean;
}

export interface LogSize {
  readonly slot: number;
  readonly sizeBytes: number;
  /** Null where the log is not being moved. */
  readonly copy: {
    readonly logDir: string;
    readonly sizeBytes: number;
    readonly lag: number;
  } | null;
}

/** Null where no record is that young, or none has a time. */
interface FoundByTime {
  readonly found: FoundRecord | null;
}

export interface SegmentPlace {
  readonly baseOffset: number;
  readonly sizeBytes: number;
  /** The entries of its transaction index. */
  readonly abortedCount: number;
}

/** The state of a partition, which its worker sends with every reply. */
export interface PartitionState {
  readonly slot: number;
  readonly logStartOffset: number;
  readonly logEnd: PositionFields;
  readonly limits: LimitFields;
  /** The transactions whose abort marker lies in the active segment. */
  readonly abortedCount: number;
}

export interface TransactionHolder {
  readonly producerId: number;
  readonly producerEpoch: number;
  readonly firstOffset: number;
}

export interface ProducerPlace {
  readonly producerId: number;
  readonly producerEpoch: number;
  readonly lastSequence: number;
  readonly lastTimestamp: number;
  /** -1 where no transaction marker was ever written for the producer. */
  readonly coordinatorEpoch: number;
  readonly currentTxnStartOffset: number;
}

export interface PartitionCheckpoint {
  readonly slot: number;
  readonly logStartOffset: number;
  readonly recoveryPoint: number;
  readonly highWatermark: number;
}

/** What a worker sends without being asked. */
export type PartitionEvent =
  | {
      readonly kind: 'segment-added';
      readonly slot: number;
      readonly baseOffset: number;
      /** Where the segment before it ended. */
      readonly previousSizeBytes: number;
      readonly previousAborted: number;
    }
  /** The log stamps a higher epoch than the metadata says, since a crash may have cut its tail. */
  | { readonly kind: 'leader-epoch'; readonly slot: number; readonly leaderEpoch: number }
  /** It leads beside replicas of others, and its log ended there when it was elected. */
  | { readonly kind: 'epoch-start'; readonly slot: number; readonly offset: number }
  /** The controllers are to be asked for these replicas in sync, until they answer. */
  | {
      readonly kind: 'in-sync-proposed';
      readonly slot: number;
      readonly proposal: ProposedInSync;
    }
  /** All that a log held is in its copy, in this directory. More may have come since. */
  | { readonly kind: 'copy-caught-up'; readonly slot: number; readonly directory: string }
  | {
      readonly kind: 'copy-failed';
      readonly slot: number;
      readonly reason: string;
      readonly isOfDisk: boolean;
    }
  | { readonly kind: 'segment-removed'; readonly slot: number; readonly baseOffset: number }
  | {
      readonly kind: 'offline';
      readonly slot: number;
      readonly reason: string;
      /** The disk failed, not only what is stored of this partition. */
      readonly isOfDisk: boolean;
    }
  /** Comes before the outcome of the append that waits under this ticket. */
  | {
      readonly kind: 'records-refused';
      readonly slot: number;
      readonly ticket: number;
      /** Of the partition in its request. */
      readonly index: number;
      readonly rejection: RecordRejection;
    }
  /** Coordinators of transactions ask for these markers. */
  | {
      readonly kind: 'write-markers';
      readonly slot: -1;
      readonly markers: readonly WantedMarker[];
    }
  /** Coordinators of transactions are about to run out of producer ids. */
  | { readonly kind: 'producer-ids-wanted'; readonly slot: -1 }
  /** Files that nobody needs any more. The front removes them in the background. */
  | { readonly kind: 'remove-path'; readonly slot: -1; readonly path: string };
