import type { RecordHeaders } from '../../client/consumer/records/record-headers.ts';
import type { Encoded } from '../../client/serde/serde.ts';

/** No partition was chosen: the key decides. */
export const BY_KEY = -1;

/** Where the records of a task go. */
export interface TaskOutput {
  /** Keys and values are copied before it returns. */
  send(
    topic: string,
    partition: number,
    key: Encoded,
    value: Encoded,
    timestamp: number,
    headers: RecordHeaders,
  ): void;
  /** How many partitions a topic has; throws where it is not known. */
  partitionCount(topic: string): number;
}
