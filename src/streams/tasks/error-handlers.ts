import type { RecordHeaders } from '../../client/consumer/records/record-headers.ts';

/** Where a record came from that something went wrong with. */
export interface ErrorContext {
  /** Such as `0_3`. */
  readonly task: string;
  readonly node: string;
  readonly topic: string;
  readonly partition: number;
  readonly offset: number;
  readonly timestamp: number;
  readonly headers: RecordHeaders;
  /** Of the record as it was read from its topic. */
  readonly keyBytes: Uint8Array | null;
  readonly valueBytes: Uint8Array | null;
}

/** A record for those who look into errors later. */
export interface DeadLetter {
  readonly topic: string;
  readonly key: Uint8Array | null;
  readonly value: Uint8Array | null;
  readonly timestamp: number;
  readonly headers: RecordHeaders;
}

/** `resume` leaves the record out and goes on. */
export interface ErrorResponse {
  readonly result: 'fail' | 'resume';
  readonly deadLetters?: readonly DeadLetter[];
}

/** What is done about records that fail. Each is called on the task's turn. */
export interface ErrorHandlers {
  /** Of keys and values that cannot be read. */
  deserialization(context: ErrorContext, error: unknown): ErrorResponse;
  /** Of what a node threw. */
  processing(
    context: ErrorContext,
    record: { readonly key: unknown; readonly value: unknown },
    error: unknown,
  ): ErrorResponse;
  /** Of keys and values that cannot be written. */
  production(
    context: ErrorContext,
    record: { readonly topic: string; readonly key: unknown; readonly value: unknown },
    error: unknown,
  ): ErrorResponse;
}
