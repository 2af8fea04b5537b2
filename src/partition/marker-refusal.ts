import { ERROR } from '../base/kafka-errors.ts';
import type { ProducerEntry } from '../log/producer-state.ts';

/** The transaction.version from which each transaction has an epoch of its own. */
const EPOCH_PER_TRANSACTION = 2;
const LAST_EPOCH = 32_767;

/**
 * Why a marker may not be appended: 0, or the wire error. Its coordinator may be one that another
 * has replaced, and its producer one that a newer epoch has fenced.
 */
export function refusalOfMarker(
  entry: ProducerEntry | undefined,
  producerEpoch: number,
  coordinatorEpoch: number,
  transactionVersion: number,
): number {
  if (entry === undefined) return 0;
  if (producerEpoch < entry.epoch) return ERROR.INVALID_PRODUCER_EPOCH;
  // From version 2 on the epoch of a marker is above that of the records. The same epoch is a
  // marker that was written before, and is written again. While a transaction is open, it comes
  // for the one before.
  const isRepeated = transactionVersion >= EPOCH_PER_TRANSACTION && producerEpoch === entry.epoch;
  const isOfEarlier = isRepeated && entry.transaction !== null && producerEpoch !== LAST_EPOCH;
  if (isOfEarlier) return ERROR.INVALID_PRODUCER_EPOCH;
  return coordinatorEpoch < entry.coordinatorEpoch ? ERROR.TRANSACTION_COORDINATOR_FENCED : 0;
}
