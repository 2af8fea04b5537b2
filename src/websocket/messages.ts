/** The parts of the gateway's protocol that an application meets: see src/gateway/README.md. */

export type StartPosition =
  | 'earliest'
  | 'latest'
  | { readonly offset: number }
  | { readonly offsets: Readonly<Record<string, Readonly<Record<string, number>>>> }
  | { readonly time: number }
  | { readonly token: string };

/** Names, or a glob whose later topics join by themselves. */
export type TopicSelection = string | readonly string[] | { readonly pattern: string };

export type ValueFormat = 'text' | 'json' | 'base64' | 'none';
/** `bytes`, a Uint8Array, comes only over `millrace.batch`. */
export type ReadFormat = ValueFormat | 'bytes';

export interface GroupOptions {
  readonly id: string;
  /** Makes the member static: a reload within the session time-out keeps its partitions. */
  readonly instance?: string;
  readonly sessionTimeoutMs?: number;
}

export interface SubscribeOptions {
  readonly from?: StartPosition;
  readonly partitions?: readonly number[];
  readonly keys?: ReadFormat;
  readonly values?: ReadFormat;
  /** `false` leaves them out. */
  readonly headers?: boolean;
  readonly times?: boolean;
  readonly filter?: object;
  readonly policy?: string | object;
  readonly group?: GroupOptions;
  /** Records that may be on their way, wait in memory or be in the loop's hands. */
  readonly window?: number;
  /** The same in bytes. One batch may go over it. */
  readonly windowBytes?: number;
  /** Ends the loop with the signal's reason. */
  readonly signal?: AbortSignal;
  /** Told of each stretch of records that will not come, and why, in order with the records. */
  readonly onGap?: (gap: Gap) => void;
  /** Told of each reconnect, once the subscription goes on. */
  readonly onResume?: (resume: Resume) => void;
  /** In a group: these partitions are this member's now, and no others. */
  readonly onAssigned?: (positions: readonly PartitionPosition[]) => void;
  readonly onRevoked?: (positions: readonly PartitionPosition[], reason: string) => void;
}

export interface StreamRecord {
  readonly topic: string;
  readonly partition: number;
  readonly offset: number;
  readonly time?: number;
  readonly key?: unknown;
  readonly value?: unknown;
  /** Base64, instead of `key` or `value`, of what is not valid in the format asked for. */
  readonly key64?: string;
  readonly value64?: string;
  readonly headers?: readonly RecordHeader[];
  /** It may have been given to a member of the group, or to this stream, before. */
  readonly redelivered?: true;
}

/** Name and text; a third item is the value in base64 where it is no text. */
export type RecordHeader = readonly [string, string | null] | readonly [string, null, string];

/** Records of one partition that came together. */
export interface StreamBatch {
  readonly topic: string;
  readonly partition: number;
  /** The offset to go on from when all of these are done. */
  readonly next: number;
  /** The end of the partition when they were sent. */
  readonly high: number;
  readonly records: readonly StreamRecord[];
}

export interface PartitionPosition {
  readonly topic: string;
  readonly topicId: string;
  readonly partition: number;
  readonly offset: number;
  readonly epoch: number;
  /** Records below it may have been given to a member of the group, or to this stream, before. */
  readonly redelivered?: number;
}

export interface Gap {
  readonly topic: string;
  readonly partition: number;
  readonly from: number;
  readonly to: number;
  readonly reason: string;
}

export interface Resume {
  /** Whether everything from where the loop stood comes. */
  readonly recovered: boolean;
  readonly gaps: readonly Gap[];
}

export interface ProduceRecord {
  readonly key?: unknown;
  readonly value?: unknown;
  readonly headers?: readonly (readonly [string, string])[];
  readonly time?: number;
  readonly partition?: number;
}

export interface ProduceOptions {
  readonly acks?: 0 | 1 | 'all';
  readonly partition?: number;
  readonly keys?: ValueFormat;
  readonly values?: ValueFormat;
  /**
   * Repeats the command over reconnects and passing failures until it is appended, once: the broker
   * knows what it has by producer and sequence.
   */
  readonly idempotent?: boolean;
  readonly signal?: AbortSignal;
}

export interface ProducedOffset {
  readonly partition: number;
  readonly base: number;
  readonly count: number;
}

export interface TopicInfo {
  readonly topic: string;
  readonly topicId: string;
  readonly internal: boolean;
  readonly partitions: readonly {
    readonly partition: number;
    readonly start: number;
    readonly end: number;
    readonly epoch: number;
  }[];
}
