import type { TransactionSettings } from '../../base/transaction-settings.ts';

/** Kafka's defaults. */
export const DEFAULT_TRANSACTION_SETTINGS: TransactionSettings = {
  maxTimeoutMs: 900_000,
  idExpirationMs: 604_800_000,
  maxIds: 10_000,
  abortIntervalMs: 10_000,
  expiryIntervalMs: 3_600_000,
  hasTwoPhaseCommit: false,
  transactionVersion: 2,
};
