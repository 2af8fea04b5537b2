import { ERROR } from '../../base/kafka-errors.ts';

/**
 * What a client is told that wrote into a transaction whose coordinator did not agree. Old clients
 * do not know that they may abort and go on.
 */
export function verificationError(error: number, knowsAbortable: boolean): number {
  if (error === ERROR.PRODUCER_FENCED) return ERROR.INVALID_PRODUCER_EPOCH;
  if (error === ERROR.TRANSACTION_ABORTABLE && !knowsAbortable) return ERROR.INVALID_TXN_STATE;
  return error;
}
