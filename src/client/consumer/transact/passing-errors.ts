import { KafkaError } from '../../errors/kafka-error.ts';

/** The member joins its group again, or the producer begins anew under another epoch. */
const PASSING: ReadonlySet<string> = new Set([
  'ILLEGAL_GENERATION',
  'UNKNOWN_MEMBER_ID',
  'FENCED_MEMBER_EPOCH',
  'STALE_MEMBER_EPOCH',
  'REBALANCE_IN_PROGRESS',
  'OUT_OF_ORDER_SEQUENCE_NUMBER',
  'UNKNOWN_PRODUCER_ID',
]);

/** Whether the same batches may go through in another transaction. */
export function mayPass(thrown: unknown): boolean {
  if (!(thrown instanceof KafkaError)) return false;
  // A producer calls every failure of a record abortable; its cause says what it was.
  if (thrown.cause instanceof KafkaError) return mayPass(thrown.cause);
  const { code, retriable, category } = thrown;
  return retriable || category === 'abortable' || PASSING.has(code);
}
