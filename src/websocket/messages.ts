/** The parts of the gateway's protocol that an application meets: see src/gateway/README.md. */

export type StartPosition =
  | 'earliest'
  | 'latest'
  | { readonly offset: number }
  | { readonly offsets: Readonly<Record<string, Readonly<Record<string, number>>>> }
  | { readonly time: number }
  | { readonly token: string };

export type ValueFormat = 'text' | 'json' | 'base64' | 'none';

export interface GroupOptions {
  readonly id: string;
  /** Makes the member static: a reload within the session time-out keeps its partitions. */
  readonly instance?: string;
  readonly sessionTimeoutMs?: number;
}

export interface SubscribeOptions {
  readonly from?: StartPosition;
  readonly partitions?: readonly number[];
  readonly keys?: ValueFormat;
  readonly values?: ValueFormat;
  readonly filter?: object;
  readonly policy?: string | object;
  readonly group?: GroupOptions;
  /** Records that may be on their way or wait in memory. */
  readonly window?: number;
  /** Told of each stretch of records that will not come, and why. */
  readonly onGap?: (gap: Gap) => void;
}

export interface StreamRecord {
  readonly topic: string;
  readonly partition: number;
  readonly offset: number;
  readonly time?: number;
  readonly key?: unknown;
  readonly value: unknown;
  readonly headers?: readonly (readonly [string, string | null])[];
}

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

export interface Gap {
  readonly topic: string;
  readonly partition: number;
  readonly from: number;
  readonly to: number;
  readonly reason: string;
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
}

export interface ProducedOffset {
  readonly partition: number;
  readonly base: number;
  readonly count: number;
}

/** What the server said no to. */
export class GatewayError extends Error {
  readonly code: string;
  readonly retry: boolean;

  constructor(code: string, message: string, retry: boolean) {
    super(message);
    this.name = 'GatewayError';
    this.code = code;
    this.retry = retry;
  }
}
