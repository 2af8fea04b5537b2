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

/**
 * `resume` leaves the record out and goes on. `retry` is for records that were refused by a fault
 * that may pass: all begins again from the last commit. Elsewhere it is `fail`.
 */
export interface ErrorResponse {
  readonly result: 'fail' | 'resume' | 'retry';
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
  /**
   * Of what cannot be written, and of what a broker refused: key and value are bytes or text then.
   * Those of changelogs are not asked about: a store must be what its changelog says.
   */
  production(
    context: ErrorContext,
    record: { readonly topic: string; readonly key: unknown; readonly value: unknown },
    error: unknown,
  ): ErrorResponse;
}
