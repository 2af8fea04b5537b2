import type { RecordBatch } from '../records/record-batch.ts';

export interface OffsetInTransaction {
  readonly topic: string;
  readonly partition: number;
  readonly offset: number;
  readonly leaderEpoch: number;
}

export interface GroupOfTransaction {
  readonly groupId: string;
  readonly generationId: number;
  readonly memberId: string;
  readonly groupInstanceId: string | null;
}

/** What is needed of a Producer to write in transactions. */
export interface TransactionalProducer {
  beginTransaction(): Promise<void>;
  sendOffsetsToTransaction(
    offsets: readonly OffsetInTransaction[],
    group: GroupOfTransaction,
  ): Promise<void>;
  commitTransaction(): Promise<void>;
  abortTransaction(): Promise<void>;
}

export interface TransactSettings<K, V> {
  readonly producer: TransactionalProducer;
  /** A transaction takes batches for so long before it is committed. */
  readonly commitIntervalMs: number;
  /** Its signal fires when the run is to end. */
  readonly handler: (batch: RecordBatch<K, V>, signal: AbortSignal) => unknown;
}
