import { ERROR } from '../../base/kafka-errors.ts';
import type {
  InitProducerIdRequest,
  InitProducerIdResponse,
} from '../../protocol/schema/22-init-producer-id.ts';
import type { Unthrottled } from '../../protocol/throttle-time.ts';
import { fenceAndAbort } from './end-transaction.ts';
import { LAST_CLIENT_EPOCH, NO_EPOCH, NO_PRODUCER_ID, Transaction } from './transaction.ts';
import { isPrepared, TRANSACTION_STATE } from './transaction-states.ts';
import type { TransactionTable } from './transaction-table.ts';

/** Older clients know no PRODUCER_FENCED. */
const FENCED_SINCE = 4;
const NO_TIMEOUT = 2 ** 31 - 1;

type Answer = Unthrottled<InitProducerIdResponse>;

/** What the client believes to be its id and epoch; null for a producer that starts. */
interface Believed {
  readonly producerId: number;
  readonly epoch: number;
}

/**
 * InitProducerId with a transactional id: gives the producer its id and a new epoch, which fences
 * every other producer of this transactional id. An open transaction is aborted first, and the
 * client is told to come again.
 */
export function initProducerId(
  table: TransactionTable,
  version: number,
  request: InitProducerIdRequest,
): Answer {
  const answer = answerOf(table, request);
  if (version < FENCED_SINCE && answer.errorCode === ERROR.PRODUCER_FENCED) {
    answer.errorCode = ERROR.INVALID_PRODUCER_EPOCH;
  }
  return answer;
}

export function refusedProducer(errorCode: number): Answer {
  return {
    errorCode,
    producerId: NO_PRODUCER_ID,
    producerEpoch: NO_EPOCH,
    ongoingTxnProducerId: NO_PRODUCER_ID,
    ongoingTxnProducerEpoch: NO_EPOCH,
  };
}

function answerOf(table: TransactionTable, request: InitProducerIdRequest): Answer {
  const { producerId, producerEpoch, enable2Pc, transactionTimeoutMs } = request;
  const transactionalId = request.transactionalId ?? '';
  const errorCode = requestError(table, request);
  if (errorCode !== ERROR.NONE) return refusedProducer(errorCode);
  const timeoutMs = enable2Pc ? NO_TIMEOUT : transactionTimeoutMs;
  const believed = producerId === NO_PRODUCER_ID ? null : { producerId, epoch: producerEpoch };
  const known = table.get(transactionalId);
  if (known !== undefined) return bump(table, known, timeoutMs, believed);
  // Kafka sets no bound, so that clients which make up ids can fill its memory.
  if (table.size >= table.parts.settings.maxIds) return refusedProducer(ERROR.POLICY_VIOLATION);
  const newId = table.parts.takeProducerId();
  if (newId < 0) return refusedProducer(ERROR.COORDINATOR_LOAD_IN_PROGRESS);
  const made = new Transaction(transactionalId, newId, timeoutMs, table.wallMs);
  return bump(table, made, timeoutMs, believed);
}

function requestError(table: TransactionTable, request: InitProducerIdRequest): number {
  const { settings } = table.parts;
  const { producerId, producerEpoch, enable2Pc, transactionTimeoutMs: timeoutMs } = request;
  if ((producerId === NO_PRODUCER_ID) !== (producerEpoch === NO_EPOCH)) {
    return ERROR.INVALID_REQUEST;
  }
  if (request.transactionalId === '') return ERROR.INVALID_REQUEST;
  if (enable2Pc && !settings.hasTwoPhaseCommit) return ERROR.TRANSACTIONAL_ID_AUTHORIZATION_FAILED;
  // Kafka 4.3 has the field and does not serve it.
  if (request.keepPreparedTxn) return ERROR.UNSUPPORTED_VERSION;
  const isInRange = timeoutMs > 0 && timeoutMs <= settings.maxTimeoutMs;
  return enable2Pc || isInRange ? ERROR.NONE : ERROR.INVALID_TRANSACTION_TIMEOUT;
}

function bump(
  table: TransactionTable,
  transaction: Transaction,
  timeoutMs: number,
  believed: Believed | null,
): Answer {
  if (isPrepared(transaction.state)) return refusedProducer(ERROR.CONCURRENT_TRANSACTIONS);
  if (believed !== null && !isOwnProducer(transaction, believed)) {
    return refusedProducer(ERROR.PRODUCER_FENCED);
  }
  if (transaction.state === TRANSACTION_STATE.ongoing) {
    // Kafka looks at the id alone here, so that a fenced producer aborts what its successor began.
    if (believed !== null && !isCurrentProducer(transaction, believed)) {
      return refusedProducer(ERROR.PRODUCER_FENCED);
    }
    const isFenced = fenceAndAbort(table, transaction);
    const { CONCURRENT_TRANSACTIONS, COORDINATOR_LOAD_IN_PROGRESS } = ERROR;
    return refusedProducer(isFenced ? CONCURRENT_TRANSACTIONS : COORDINATOR_LOAD_IN_PROGRESS);
  }
  const errorCode = nextEpoch(table, transaction, believed);
  if (errorCode !== ERROR.NONE) return refusedProducer(errorCode);
  transaction.becomeEmpty(timeoutMs, table.wallMs);
  table.persist(transaction);
  const { producerId, producerEpoch } = transaction;
  return { ...refusedProducer(ERROR.NONE), producerId, producerEpoch };
}

/**
 * A producer of this transactional id, as far as its id says. After a rotation it may not have
 * heard of its new id, and asks again with the last epoch of the old one.
 */
function isOwnProducer(transaction: Transaction, { producerId, epoch }: Believed): boolean {
  if (transaction.producerEpoch === NO_EPOCH || producerId === transaction.producerId) return true;
  return producerId === transaction.previousProducerId && epoch >= LAST_CLIENT_EPOCH;
}

function isCurrentProducer(transaction: Transaction, { producerId, epoch }: Believed): boolean {
  return producerId === transaction.producerId && epoch === transaction.producerEpoch;
}

/** 0, or the error of a producer that does not get the next epoch. */
function nextEpoch(
  table: TransactionTable,
  transaction: Transaction,
  believed: Believed | null,
): number {
  const { producerEpoch, lastProducerEpoch, isEpochExhausted } = transaction;
  const isCurrent = believed === null || believed.epoch === producerEpoch;
  if (isEpochExhausted && isCurrent) {
    const newId = table.parts.takeProducerId();
    if (newId < 0) return ERROR.COORDINATOR_LOAD_IN_PROGRESS;
    transaction.rotateProducerId(newId, believed !== null);
    return ERROR.NONE;
  }
  if (isEpochExhausted) return ERROR.UNKNOWN_SERVER_ERROR;
  if (isCurrent || producerEpoch === NO_EPOCH) {
    transaction.bumpEpoch(believed !== null);
    return ERROR.NONE;
  }
  // The client did not get the answer to its last request, and gets it now.
  if (believed.epoch === lastProducerEpoch) return ERROR.NONE;
  return ERROR.PRODUCER_FENCED;
}
