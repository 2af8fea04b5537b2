/** The configuration that the coordinator reads, live. */
export interface TransactionSettings {
  /** transaction.max.timeout.ms */
  readonly maxTimeoutMs: number;
  /** transactional.id.expiration.ms */
  readonly idExpirationMs: number;
  /** millrace.max.transactional.ids.per.partition */
  readonly maxIds: number;
  /** transaction.abort.timed.out.transaction.cleanup.interval.ms */
  readonly abortIntervalMs: number;
  /** transaction.remove.expired.transaction.cleanup.interval.ms */
  readonly expiryIntervalMs: number;
  /** transaction.two.phase.commit.enable */
  readonly hasTwoPhaseCommit: boolean;
  /** The level at which the feature transaction.version is finalized. */
  readonly transactionVersion: number;
}

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
