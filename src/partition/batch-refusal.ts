import { ERROR } from '../base/kafka-errors.ts';
import { SEQUENCE } from '../log/outcome.ts';
import type { ProducerState } from '../log/producer-state.ts';
import type { Verifications } from '../log/transactions/verifications.ts';

/**
 * Why a producer's batch may not be appended: 0, or the wire error. `verdict` is what the check of
 * its sequence said. In Kafka's order: epoch, transaction, sequence, then whether it is a plain
 * batch amidst a transaction.
 */
export function refusalOfBatch(
  producers: ProducerState,
  verifications: Verifications,
  producerId: number,
  epoch: number,
  firstSequence: number,
  verdict: number,
  isInTransaction: boolean,
  guard: number,
): number {
  if (verdict === SEQUENCE.OLD_EPOCH) return ERROR.INVALID_PRODUCER_EPOCH;
  const mayAppend =
    !isInTransaction ||
    producers.hasOpenTransaction(producerId, epoch) ||
    verifications.allows(producerId, guard);
  if (!mayAppend) return ERROR.INVALID_TXN_STATE;
  const entry = producers.entry(producerId);
  const hasBatches = entry?.hasBatches ?? false;
  const overtakes = verifications.isOutOfOrder(producerId, firstSequence, hasBatches);
  if (verdict !== SEQUENCE.OK || overtakes) return ERROR.OUT_OF_ORDER_SEQUENCE_NUMBER;
  const mixes = !isInTransaction && entry !== undefined && entry.transaction !== null;
  return mixes ? ERROR.INVALID_TXN_STATE : 0;
}
