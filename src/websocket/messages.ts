/** The parts of the gateway's protocol that an application meets: see src/gateway/README.md. */

export type StartPosition =
  | 'earliest'
  | 'latest'
  /** So many records before the end, over all partitions together. */
  | { readonly last: number }
  | { readonly offset: number }
  | { readonly offsets: Readonly<Record<string, Readonly<Record<string, number>>>> }
  | { readonly time: number }
  /** As a subscription tells them; with an `epoch` the broker finds out what was lost. */
  | { readonly positions: readonly PartitionPosition[] }
  | { readonly token: string };

/** Names, or a glob whose later topics join by themselves. */
export type TopicSelection = string | readonly string[] | { readonly pattern: string };

/** How keys and values are produced. `json`: any value, stored as its text. */
export type ValueFormat = 'text' | 'json' | 'base64';
/** `none` leaves them out. `bytes`, a Uint8Array, comes only over `millrace.batch`. */
export type ReadFormat = ValueFormat | 'none' | 'bytes';

/** What a key or a value is in each format. */
export interface ReadValues {
  text: string;
  json: unknown;
  base64: string;
  none: never;
  bytes: Uint8Array;
}

/** A path is `$` with `.name` and `[number]` steps into the value read as JSON. */
export type RecordFilter =
  | { readonly key: string }
  | { readonly header: readonly [name: string, value: string] }
  | { readonly path: string; readonly equals: unknown }
  | { readonly all: readonly RecordFilter[] };

export type PolicyName = 'wait' | 'latest' | 'conflate' | 'sample' | 'close';

/** What the broker does when the loop is over `behind` records behind. */
export interface Policy {
  readonly when: PolicyName;
  readonly behind?: number;
  /** Of so many records `sample` gives one. */
  readonly every?: number;
}

export interface GroupOptions {
  readonly id: string;
  /** Makes the member static: a reload within the session time-out keeps its partitions. */
  readonly instance?: string;
}

export interface SubscribeOptions<
  Keys extends ReadFormat = ReadFormat,
  Values extends ReadFormat = ReadFormat,
> {
  readonly from?: StartPosition;
  readonly partitions?: readonly number[];
  /** `text` where it is not said, as for `values`. */
  readonly keys?: Keys;
  readonly values?: Values;
  /** `false` leaves them out. */
  readonly headers?: boolean;
  readonly times?: boolean;
  readonly filter?: RecordFilter;
  readonly policy?: PolicyName | Policy;
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

export interface StreamRecord<Key = unknown, Value = unknown> {
  readonly topic: string;
  readonly partition: number;
  readonly offset: number;
  readonly time?: number;
  readonly key?: Key;
  /** null: a tombstone. */
  readonly value?: Value | null;
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
export interface StreamBatch<Key = unknown, Value = unknown> {
  readonly topic: string;
  readonly partition: number;
  /** The offset to go on from when all of these are done. */
  readonly next: number;
  /** The end of the partition when they were sent. */
  readonly high: number;
  readonly records: readonly StreamRecord<Key, Value>[];
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
  readonly headers?: readonly RecordHeader[];
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
