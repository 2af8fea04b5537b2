/** One load by the client of millrace: what is sent, by how many, how it is read, and how fast. */
import type { ProducerOptions } from 'millrace/client';

export interface DriveSpec {
  /**
   * `produce`: latency is from the call to the acknowledgement. `e2e`: from the produce call to the
   * record in the loop of a consumer. `consume`: what is there already is read over and over, and
   * nothing is timed.
   */
  readonly mode: 'produce' | 'e2e' | 'consume';
  readonly recordBytes: number;
  /** `plain` is one letter, `orders` is JSON, which codecs do not pack to nothing. */
  readonly values: 'plain' | 'orders';
  readonly partitions: number;
  readonly topicConfig: Readonly<Record<string, string>>;
  /** All of them in one process. */
  readonly producers: number;
  readonly producer: Partial<ProducerOptions>;
  /** So many sends of each producer are awaited at a time; 0: records are enqueued. */
  readonly awaited: number;
  /** 0: without transactions. */
  readonly transactionMs: number;
  /** Records a second of all producers together; 0 is flat out. */
  readonly rate: number;
  /** Each group reads everything. */
  readonly groups: number;
  /** Of each group, one number for each equal part of the measured time. */
  readonly members: readonly number[];
  /** The members of all groups are spread over so many processes. */
  readonly consumerProcesses: number;
}
