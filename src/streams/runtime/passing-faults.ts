import { mayPass as mayPassInTransaction } from '../../client/consumer/transact/passing-errors.ts';
import { isKafkaError } from '../../client/errors/kafka-error.ts';
import { isDamagedState } from '../state/is-damaged-state.ts';

/** Another has written under this one's transactional id: a new producer goes on. */
const FENCED = [
  'PRODUCER_FENCED',
  'INVALID_PRODUCER_EPOCH',
  'INVALID_PRODUCER_ID_MAPPING',
  'TRANSACTION_COORDINATOR_FENCED',
] as const;

/** Fencing, lost answers, aborted transactions, and files of stores that are made anew. */
export function mayPass(thrown: unknown): boolean {
  return isKafkaError(thrown, ...FENCED) || mayPassInTransaction(thrown) || isDamagedState(thrown);
}
