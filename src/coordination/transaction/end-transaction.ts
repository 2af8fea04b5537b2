import { ERROR } from '../../base/kafka-errors.ts';
import type { EndTxnRequest, EndTxnResponse } from '../../protocol/schema/26-end-txn.ts';
import type { Unthrottled } from '../../protocol/throttle-time.ts';
import { LAST_CLIENT_EPOCH, NO_EPOCH, NO_PRODUCER_ID, type Transaction } from './transaction.ts';
import { isPrepared, TRANSACTION_STATE } from './transaction-states.ts';
import type { TransactionTable } from './transaction-table.ts';

/** From this version of EndTxn on each transaction has an epoch of its own. */
const BUMPS_SINCE = 5;
/** Older clients know no PRODUCER_FENCED. */
const FENCED_SINCE = 2;
/** transaction.version with an epoch for each transaction. */
export const EPOCH_PER_TRANSACTION = 2;

/** What is to be done about a request to end a transaction. */
const END = -100;
const END_WITHOUT_PARTITIONS = -101;

/**
 * EndTxn: commits or aborts. The answer comes when the decision is in the log. From version 5 on it
 * carries the producer's id and epoch for the next transaction.
 */
export function endTransaction(
  table: TransactionTable,
  version: number,
  request: EndTxnRequest,
): Unthrottled<EndTxnResponse> {
  const answer = version >= BUMPS_SINCE ? endWithBump(table, request) : endInEpoch(table, request);
  if (version < FENCED_SINCE && answer.errorCode === ERROR.PRODUCER_FENCED) {
    answer.errorCode = ERROR.INVALID_PRODUCER_EPOCH;
  }
  return answer;
}

function refused(errorCode: number): Unthrottled<EndTxnResponse> {
  return { errorCode, producerId: NO_PRODUCER_ID, producerEpoch: NO_EPOCH };
}

/** The producer keeps its epoch from transaction to transaction. */
function endInEpoch(table: TransactionTable, request: EndTxnRequest): Unthrottled<EndTxnResponse> {
  const { transactionalId, producerId, producerEpoch, committed } = request;
  if (transactionalId === '') return refused(ERROR.INVALID_REQUEST);
  const transaction = table.get(transactionalId);
  if (transaction?.producerId !== producerId) return refused(ERROR.INVALID_PRODUCER_ID_MAPPING);
  if (transaction.producerEpoch !== producerEpoch) return refused(ERROR.PRODUCER_FENCED);
  if (isPrepared(transaction.state)) return refused(ERROR.CONCURRENT_TRANSACTIONS);
  const verdict = verdictInEpoch(transaction, committed);
  if (verdict === END) prepareEnd(table, transaction, committed, 0);
  return refused(verdict === END ? ERROR.NONE : verdict);
}

function verdictInEpoch({ state }: Transaction, isCommit: boolean): number {
  switch (state) {
    case TRANSACTION_STATE.ongoing:
      return END;
    case TRANSACTION_STATE.completeCommit:
      return isCommit ? ERROR.NONE : ERROR.INVALID_TXN_STATE;
    case TRANSACTION_STATE.completeAbort:
      return isCommit ? ERROR.INVALID_TXN_STATE : ERROR.NONE;
    default:
      return ERROR.INVALID_TXN_STATE;
  }
}

/**
 * Each transaction has its epoch. A request with the epoch before is the one that ended the last
 * transaction, sent again, and its answer is given again.
 */
function endWithBump(table: TransactionTable, request: EndTxnRequest): Unthrottled<EndTxnResponse> {
  const { transactionalId, producerId, producerEpoch, committed } = request;
  if (transactionalId === '') return refused(ERROR.INVALID_REQUEST);
  const transaction = table.get(transactionalId);
  if (transaction === undefined) return refused(ERROR.INVALID_PRODUCER_ID_MAPPING);
  // The producer was told its next epoch, or its next id, and comes with it before the markers are
  // written.
  if (isPrepared(transaction.state)) return refused(ERROR.CONCURRENT_TRANSACTIONS);
  const isAfterRotation =
    transaction.previousProducerId === producerId &&
    producerEpoch === LAST_CLIENT_EPOCH &&
    transaction.producerEpoch === 0;
  if (transaction.producerId !== producerId && !isAfterRotation) {
    return refused(ERROR.INVALID_PRODUCER_ID_MAPPING);
  }
  const isRetry = isAfterRotation || transaction.producerEpoch === producerEpoch + 1;
  if (!isEpochValid(transaction, producerEpoch, isRetry)) {
    return refused(ERROR.PRODUCER_FENCED);
  }
  const verdict = verdictWithBump(transaction, committed, isRetry);
  if (verdict === ERROR.NONE) return nextOf(transaction);
  if (verdict !== END && verdict !== END_WITHOUT_PARTITIONS) return refused(verdict);
  const nextProducerId = nextProducerIdOf(table, transaction);
  if (nextProducerId === null) return refused(ERROR.COORDINATOR_LOAD_IN_PROGRESS);
  if (verdict === END_WITHOUT_PARTITIONS) transaction.startMs = table.wallMs;
  transaction.bumpForEnd(nextProducerId);
  prepareEnd(table, transaction, committed, EPOCH_PER_TRANSACTION);
  return nextOf(transaction);
}

/** The producer's id and epoch once the transaction is over. */
function nextOf(transaction: Transaction): Unthrottled<EndTxnResponse> {
  const { producerId, producerEpoch, nextProducerId } = transaction;
  if (nextProducerId === NO_PRODUCER_ID)
    return { errorCode: ERROR.NONE, producerId, producerEpoch };
  return { errorCode: ERROR.NONE, producerId: nextProducerId, producerEpoch: 0 };
}

function isEpochValid(
  { state, producerEpoch }: Transaction,
  askedEpoch: number,
  isRetry: boolean,
): boolean {
  const isCurrent = askedEpoch === producerEpoch;
  const isOver =
    state === TRANSACTION_STATE.completeCommit || state === TRANSACTION_STATE.completeAbort;
  return isOver ? isCurrent || isRetry : isCurrent;
}

function verdictWithBump({ state }: Transaction, isCommit: boolean, isRetry: boolean): number {
  switch (state) {
    case TRANSACTION_STATE.ongoing:
      return END;
    case TRANSACTION_STATE.completeCommit:
      if (isCommit) return isRetry ? ERROR.NONE : ERROR.INVALID_TXN_STATE;
      return isRetry ? ERROR.INVALID_TXN_STATE : END_WITHOUT_PARTITIONS;
    case TRANSACTION_STATE.completeAbort:
      if (isCommit) return ERROR.INVALID_TXN_STATE;
      return isRetry ? ERROR.NONE : END_WITHOUT_PARTITIONS;
    default:
      return isCommit ? ERROR.INVALID_TXN_STATE : END_WITHOUT_PARTITIONS;
  }
}

/** The id after the last epoch of the old one, -1 before that, null where none is at hand. */
function nextProducerIdOf(table: TransactionTable, transaction: Transaction): number | null {
  if (!transaction.isEpochExhausted) return NO_PRODUCER_ID;
  const producerId = table.parts.takeProducerId();
  return producerId < 0 ? null : producerId;
}

/**
 * Aborts an open transaction whose producer is too slow or has been replaced, and fences that
 * producer. False where it cannot be done now, which changes nothing.
 */
export function fenceAndAbort(table: TransactionTable, transaction: Transaction): boolean {
  if (table.parts.settings.transactionVersion < EPOCH_PER_TRANSACTION) {
    transaction.fence();
    prepareEnd(table, transaction, false, 0);
    return true;
  }
  const nextProducerId = nextProducerIdOf(table, transaction);
  if (nextProducerId === null) return false;
  transaction.bumpForEnd(nextProducerId);
  prepareEnd(table, transaction, false, EPOCH_PER_TRANSACTION);
  return true;
}

/** The decision goes to the log. The markers follow it. Without partitions there are none. */
function prepareEnd(
  table: TransactionTable,
  transaction: Transaction,
  isCommit: boolean,
  clientVersion: number,
): void {
  transaction.prepareEnd(isCommit, clientVersion, table.wallMs);
  table.persist(transaction);
  if (transaction.partitions.isEmpty) table.complete(transaction);
  else table.askForMarkers(transaction);
}
