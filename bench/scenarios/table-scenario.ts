/** A row of the table that the project is tuned for: what is sent, how, and what is wanted. */
import type { ProducerOptions } from 'millrace/client';

export interface TableScenario {
  readonly name: string;
  readonly title: string;
  /**
   * `enqueue`: latency is from the call to the acknowledgement. `awaited`: the same, 16 loops that
   * each await their last record. `transactions`: as `enqueue`, in transactions of 100 ms.
   * `consume`: from the produce call to the record in the handler.
   */
  readonly load: 'enqueue' | 'awaited' | 'transactions' | 'consume';
  readonly partitions: number;
  /** Of one group; 0 where only a producer is measured. */
  readonly consumers: number;
  /** `plain` is one letter, `orders` is JSON, which codecs do not pack to nothing. */
  readonly values: 'plain' | 'orders';
  readonly producer: Partial<ProducerOptions>;
  /** The table's figures: messages a second, and what holds at that rate. */
  readonly rate: number;
  readonly p99Ms: number;
  readonly memoryMib: number;
  /** Of one core. */
  readonly cpuPercent: number;
}
