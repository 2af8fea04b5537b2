/** What the log answers on its hot paths: numbers, so that no call allocates. */
export const OUTCOME = {
  OK: 0,
  /** No room on the disk: nothing was written, and a later append may succeed. */
  STORAGE_FULL: -1,
  /** The disk failed: the log takes no appends until it is opened anew. */
  STORAGE_FAILED: -2,
  /** The stored bytes do not match their checksum; the reader says where. */
  CORRUPT: -3,
  /** The offset lies below the log start or above the limit of the read. */
  OUT_OF_RANGE: -4,
} as const;

/** What the sequence check of an idempotent producer's batch found. */
export const SEQUENCE = {
  OK: 0,
  /** The batch is in the log: `duplicateOffset` and `duplicateTimestamp` say where. */
  DUPLICATE: 1,
  OUT_OF_ORDER: 2,
  OLD_EPOCH: 3,
} as const;
