import { channel } from '#diagnostics-channel';
import type { KafkaError } from '../errors/kafka-error.ts';

interface Partition {
  readonly topic: string;
  readonly partition: number;
}

/** A record that the application gives to `send`. Subscribers may add to its headers. */
export interface SendMessage {
  readonly clientId: string;
  readonly topic: string;
  readonly key: unknown;
  readonly value: unknown;
  /** In their order. What is added here is sent with the record. */
  readonly headers: [name: string, value: string | Uint8Array | null][];
}

/** What became of such a record. `message` is the one that its `send` was told with. */
export interface SentMessage {
  readonly message: SendMessage;
  readonly partition: number;
  /** -1 where the broker did not say. */
  readonly offset: number;
  readonly error: KafkaError | null;
}

/** A batch that is done: acknowledged, or failed for good. */
export interface BatchMessage extends Partition {
  readonly clientId: string;
  readonly baseOffset: number;
  readonly records: number;
  readonly bytes: number;
  readonly attempts: number;
  /** From its first record to its end. */
  readonly durationMs: number;
  readonly error: KafkaError | null;
}

/** A fetch that was answered. */
export interface FetchMessage {
  readonly clientId: string;
  readonly nodeId: number;
  /** Of partitions that brought records. */
  readonly partitions: number;
  readonly bytes: number;
  readonly durationMs: number;
}

/** A batch that the application takes. */
export interface PollMessage extends Partition {
  readonly clientId: string;
  readonly groupId: string | null;
  /** The `RecordBatch` itself. */
  readonly batch: Iterable<ReceivedRecord> & { readonly length: number };
  /** For how long the application waited for it. */
  readonly durationMs: number;
}

/** What subscribers may read of a record. */
export interface ReceivedRecord extends Partition {
  readonly offset: number;
  readonly keyBytes: Uint8Array | null;
  readonly valueBytes: Uint8Array | null;
  readonly headers: Iterable<readonly [string, Uint8Array | null]>;
}

/**
 * A record that `run` hands to the application. A subscriber may put a function of its own around
 * `handle`, for example to run it in a context.
 */
export interface ProcessMessage {
  readonly clientId: string;
  readonly groupId: string | null;
  readonly record: ReceivedRecord;
  /** 1 for the first. */
  readonly attempt: number;
  handle: () => unknown;
}

/** Offsets that were committed, or could not be. */
export interface CommitMessage {
  readonly clientId: string;
  readonly groupId: string;
  readonly offsets: readonly (Partition & { readonly offset: number })[];
  readonly durationMs: number;
  readonly error: KafkaError | null;
}

/** Partitions that a member of a group got, gave back or lost. */
export interface RebalanceMessage {
  readonly clientId: string;
  readonly groupId: string;
  readonly memberId: string;
  readonly change: 'assigned' | 'revoked' | 'lost';
  readonly partitions: readonly Partition[];
  /** The time of the listener. */
  readonly durationMs: number;
}

/** A connection that was opened, was closed, or could not be opened. */
export interface ConnectionMessage {
  readonly clientId: string;
  readonly state: 'open' | 'closed' | 'failed';
  /** `host:port`. */
  readonly address: string;
  /** -1 for a bootstrap server. */
  readonly nodeId: number;
  /** Of opening it; 0 where it was closed. */
  readonly durationMs: number;
  readonly error: KafkaError | null;
}

/** A request that was answered, or that was lost with its connection. */
export interface RequestMessage {
  readonly clientId: string;
  readonly address: string;
  readonly nodeId: number;
  /** `Produce`, `Fetch`, … */
  readonly api: string;
  readonly durationMs: number;
  /** Of the answer. */
  readonly bytes: number;
  readonly error: KafkaError | null;
}

/** The channels of the client. Without subscribers nothing is made for them. */
export const CHANNELS = {
  send: channel<SendMessage>('millrace:producer:send'),
  sent: channel<SentMessage>('millrace:producer:sent'),
  batch: channel<BatchMessage>('millrace:producer:batch'),
  fetch: channel<FetchMessage>('millrace:consumer:fetch'),
  poll: channel<PollMessage>('millrace:consumer:poll'),
  process: channel<ProcessMessage>('millrace:consumer:process'),
  commit: channel<CommitMessage>('millrace:consumer:commit'),
  rebalance: channel<RebalanceMessage>('millrace:consumer:rebalance'),
  connection: channel<ConnectionMessage>('millrace:client:connection'),
  request: channel<RequestMessage>('millrace:client:request'),
} as const;
