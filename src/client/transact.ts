import type { Consumer } from './consumer/consumer.ts';
import type { RecordBatch } from './consumer/records/record-batch.ts';
import type { Producer } from './producer/producer.ts';

/** What a handler of `transact` writes with. */
export interface TransactionWriter extends Pick<Producer, 'send' | 'to'> {
  /** Fires when the run is to end; the transaction is still committed once the handler returns. */
  readonly signal: AbortSignal;
}

/** From where to where, and how often to commit. */
export interface TransactOptions<K, V> {
  /** Its automatic commits rest meanwhile. Give it `isolationLevel: 'read_committed'`. */
  readonly from: Consumer<K, V>;
  /** With a `transactionalId` of its own in each process. */
  readonly into: Producer;
  /** For how long a transaction takes batches before it is committed; by default 100. */
  readonly commitIntervalMs?: number;
  /** Ends the run: the transaction that is open is committed first. */
  readonly signal?: AbortSignal;
}

const COMMIT_INTERVAL_MS = 100;

/**
 * Exactly once from topics to topics. Each batch goes to the handler. What the handler sends, and
 * the offsets that it has read, are committed together in one transaction. Where the handler throws
 * it is aborted, the consumer goes back to where the transaction began, and the call rejects. A
 * rebalance, a lost partition or a failure that passes aborts too, and the batches come again. A
 * producer that was fenced ends the call.
 */
export function transact<K, V>(
  options: TransactOptions<K, V>,
  handler: (batch: RecordBatch<K, V>, tx: TransactionWriter) => unknown,
): Promise<void> {
  const { from, into: producer, commitIntervalMs = COMMIT_INTERVAL_MS, signal } = options;
  return from.runInTransactions(
    {
      producer,
      commitIntervalMs,
      handler: (batch, ending) =>
        handler(batch, {
          send: (topic, record, more) => producer.send(topic, record, more).toldElsewhere(),
          to: (topic, writerOptions) => producer.to(topic, writerOptions),
          signal: ending,
        }),
    },
    signal,
  );
}
