import { ERROR } from '../base/kafka-errors.ts';
import { SEQUENCE } from '../log/outcome.ts';
import type { ProducerState } from '../log/producer-state.ts';
import type { Verifications } from '../log/transactions/verifications.ts';
import {
  baseSequence,
  isTransactional,
  producerEpoch,
  producerId,
} from '../records/batch-layout.ts';

/**
 * Why the producer's batch at `at` may not be appended: 0, or the wire error. `verdict` is what the
 * check of its sequence said. In Kafka's order: epoch, transaction, sequence, then whether it is a
 * plain batch amidst a transaction.
 */
export function refusalOfBatch(
  producers: ProducerState,
  verifications: Verifications,
  memory: Buffer,
  at: number,
  verdict: number,
  guard: number,
): number {
  if (verdict === SEQUENCE.OLD_EPOCH) return ERROR.INVALID_PRODUCER_EPOCH;
  const id = producerId(memory, at);
  const inTransaction = isTransactional(memory, at);
  const mayAppend =
    !inTransaction ||
    producers.hasOpenTransaction(id, producerEpoch(memory, at)) ||
    verifications.allows(id, guard);
  if (!mayAppend) return ERROR.INVALID_TXN_STATE;
  const entry = producers.entry(id);
  const hasBatches = entry?.hasBatches ?? false;
  const overtakes = verifications.isOutOfOrder(id, baseSequence(memory, at), hasBatches);
  if (verdict !== SEQUENCE.OK || overtakes) return ERROR.OUT_OF_ORDER_SEQUENCE_NUMBER;
  const mixes = !inTransaction && entry !== undefined && entry.transaction !== null;
  return mixes ? ERROR.INVALID_TXN_STATE : 0;
}
