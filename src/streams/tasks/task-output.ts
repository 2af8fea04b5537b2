import type { RecordHeaders } from '../../client/consumer/records/record-headers.ts';
import type { Encoded } from '../../client/serde/serde.ts';
import type { ErrorContext } from './error-handlers.ts';
import type { ProductionVerdict } from './task-errors.ts';

/** No partition was chosen: the key decides. */
export const BY_KEY = -1;

/** A record as it was to be written. */
export interface OutgoingRecord {
  readonly topic: string;
  readonly key: unknown;
  readonly value: unknown;
}

/** A sink, which hears of its records that are refused after `send` has returned. */
export interface RecordSource {
  /** Where the record in hand came from. */
  context(): ErrorContext;
  /** Asks the handlers of the application. */
  refused(context: ErrorContext, record: OutgoingRecord, error: unknown): ProductionVerdict;
}

/** Where the records of a task go. */
export interface TaskOutput {
  /**
   * Keys and values are copied before it returns. Throws what is wrong with the record itself. What
   * becomes of it later, the source hears; without a source it ends the application.
   */
  send(
    topic: string,
    partition: number,
    key: Encoded,
    value: Encoded,
    timestamp: number,
    headers: RecordHeaders,
    source?: RecordSource,
  ): void;
  /** How many partitions a topic has; throws where it is not known. */
  partitionCount(topic: string): number;
  /** Whether what is not urgent should wait; without it there is always room. */
  readonly isFull?: boolean;
}
