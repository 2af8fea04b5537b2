import type { KafkaError } from '../errors/kafka-error.ts';

/** What became of the acknowledgements of one partition that left together. */
export interface AcknowledgedPartition {
  readonly topic: string;
  readonly partition: number;
  /** In their order; those without a record are among them. */
  readonly offsets: readonly number[];
  /** Null where the broker has taken them. Else the records come again, to any member. */
  readonly error: KafkaError | null;
}
