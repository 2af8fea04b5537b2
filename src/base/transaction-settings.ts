/** The configuration for transactions: the front sends it, the coordinators go by it. */
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
