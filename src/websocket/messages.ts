/** The parts of the gateway's protocol that applications use: see src/gateway/README.md. */

/** Where to begin to read. */
export type StartPosition =
  | 'earliest'
  | 'latest'
  /** So many records before the end, over all partitions together. */
  | { readonly last: number }
  | { readonly offset: number }
  | { readonly offsets: Readonly<Record<string, Readonly<Record<string, number>>>> }
  | { readonly time: number }
  /** Positions that a subscription told. With an `epoch` the broker finds out what was lost. */
  | { readonly positions: readonly PartitionPosition[] }
  | { readonly token: string };

/** Names, or a glob. Later topics that match the glob join by themselves. */
export type TopicSelection = string | readonly string[] | { readonly pattern: string };

/** How keys and values are produced. `json` stores any value as its JSON text. */
export type ValueFormat = 'text' | 'json' | 'base64';
/** `none` leaves them out. `bytes` is a Uint8Array and needs `millrace.batch`. */
export type ReadFormat = ValueFormat | 'none' | 'bytes';

/** The type of a key or value in each format. */
export interface ReadValues {
  text: string;
  json: unknown;
  base64: string;
  none: never;
  bytes: Uint8Array;
}

/** A path is `$` with steps `.name` and `[number]` into the value read as JSON. */
export type RecordFilter =
  | { readonly key: string }
  | { readonly header: readonly [name: string, value: string] }
  | { readonly path: string; readonly equals: unknown }
  | { readonly all: readonly RecordFilter[] };

/**
 * What becomes of a loop that is too slow: it waits, jumps to the newest records, gets the newest
 * of each key, some of them, or is closed.
 */
export type PolicyName = 'wait' | 'latest' | 'conflate' | 'sample' | 'close';

/** What the broker does when the loop is over `behind` records late. */
export interface Policy {
  readonly when: PolicyName;
  readonly behind?: number;
  /** `sample` delivers one of so many records. */
  readonly every?: number;
}

/** Whether records of transactions come when these are committed, or at once. */
export type Isolation = 'read_committed' | 'read_uncommitted';

/** The group whose members share the partitions. */
export interface GroupOptions {
  /** The group's name; committed offsets are kept under it. */
  readonly id: string;
  /** Makes the member static: it keeps its partitions over a reload within the session time-out. */
  readonly instance?: string;
}

/** What of the topics comes, from where on, and at which pace. */
export interface SubscribeOptions<
  Keys extends ReadFormat = ReadFormat,
  Values extends ReadFormat = ReadFormat,
> {
  /** `latest` by default, and in a group what it has committed. */
  readonly from?: StartPosition;
  /** Only these; all by default. */
  readonly partitions?: readonly number[];
  /** `text` by default, as for `values`. */
  readonly keys?: Keys;
  /** `text` by default. */
  readonly values?: Values;
  /** `false` leaves them out. */
  readonly headers?: boolean;
  /** Whether records carry their `time`. */
  readonly times?: boolean;
  /** The broker sends only records that match. */
  readonly filter?: RecordFilter;
  /** `wait` by default: nothing is left out. */
  readonly policy?: PolicyName | Policy;
  /** `read_committed` by default: open and aborted transactions are left out. */
  readonly isolation?: Isolation;
  /** Shares the partitions with the group's other members. */
  readonly group?: GroupOptions;
  /** How many records may be on their way, wait in memory or be in use by the loop. */
  readonly window?: number;
  /** The same in bytes. One batch may go over it. */
  readonly windowBytes?: number;
  /** Ends the loop with the signal's reason. */
  readonly signal?: AbortSignal;
  /** Called for each range of records that will not come, in order with the records. */
  readonly onGap?: (gap: Gap) => void;
  /** Called after each reconnect when the subscription goes on. */
  readonly onResume?: (resume: Resume) => void;
  /** In a group: called with all partitions that this member has now. */
  readonly onAssigned?: (positions: readonly PartitionPosition[]) => void;
  /** In a group: called with partitions that this member has no more. */
  readonly onRevoked?: (positions: readonly PartitionPosition[], reason: string) => void;
}

/** A record as its subscription asked for it: parts left out there are missing. */
export interface StreamRecord<Key = unknown, Value = unknown> {
  readonly topic: string;
  readonly partition: number;
  readonly offset: number;
  readonly time?: number;
  readonly key?: Key;
  /** null is a tombstone. */
  readonly value?: Value | null;
  /** Base64 in place of `key` or `value` if the bytes are not valid in the chosen format. */
  readonly key64?: string;
  readonly value64?: string;
  readonly headers?: readonly RecordHeader[];
  /** It may have been delivered to the group, or to this stream, before. */
  readonly redelivered?: true;
}

/** Name and text. A value that is not text is the third item, in base64. */
export type RecordHeader = readonly [string, string | null] | readonly [string, null, string];

/** Records of one partition that came in one frame. */
export interface StreamBatch<Key = unknown, Value = unknown> {
  readonly topic: string;
  readonly partition: number;
  /** The offset to go on from after these records. */
  readonly next: number;
  /**
   * The end of what the loop could read of the partition when they were sent: the last stable
   * offset, or the high watermark if it reads uncommitted records.
   */
  readonly high: number;
  readonly records: readonly StreamRecord<Key, Value>[];
}

/** Where a reader stands in a partition: `offset` is the next one to read. */
export interface PartitionPosition {
  readonly topic: string;
  readonly topicId: string;
  readonly partition: number;
  readonly offset: number;
  readonly epoch: number;
  /** Records below it may have been delivered to the group, or to this stream, before. */
  readonly redelivered?: number;
}

/** Offsets of a partition that will not come, from `from` up to before `to`. */
export interface Gap {
  readonly topic: string;
  readonly partition: number;
  readonly from: number;
  readonly to: number;
  readonly reason: string;
}

/** How a subscription goes on over a new connection. */
export interface Resume {
  /** Whether everything after the loop's position comes. */
  readonly recovered: boolean;
  readonly gaps: readonly Gap[];
}

/** A record to append. Without `time` it has that of the broker. */
export interface ProduceRecord {
  readonly key?: unknown;
  readonly value?: unknown;
  readonly headers?: readonly RecordHeader[];
  readonly time?: number;
  readonly partition?: number;
}

/** How records are appended. */
export interface ProduceOptions {
  /** 1 by default. With 0 no offset is told. */
  readonly acks?: 0 | 1 | 'all';
  /** For records that name none; by default the key decides. */
  readonly partition?: number;
  /** `text` by default, as for `values`. */
  readonly keys?: ValueFormat;
  /** How the values given are to be read. */
  readonly values?: ValueFormat;
  /**
   * Repeats the command over reconnects and passing failures until the records are appended, once.
   * The broker recognises repeated records by producer and sequence.
   */
  readonly idempotent?: boolean;
  /** Ends the wait. Records that were sent may still be appended. */
  readonly signal?: AbortSignal;
}

/** Where records of one command went: `count` offsets from `base` on. */
export interface ProducedOffset {
  readonly partition: number;
  readonly base: number;
  readonly count: number;
}

/** A topic with the first and the next offset of each partition. */
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
