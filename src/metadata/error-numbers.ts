/** The Kafka error codes that metadata answers with; protocol holds the whole table. */
export const METADATA_ERROR = {
  NONE: 0,
  UNKNOWN_TOPIC_OR_PARTITION: 3,
  INVALID_TOPIC_EXCEPTION: 17,
  UNSUPPORTED_VERSION: 35,
  TOPIC_ALREADY_EXISTS: 36,
  INVALID_PARTITIONS: 37,
  INVALID_REPLICATION_FACTOR: 38,
  INVALID_REPLICA_ASSIGNMENT: 39,
  INVALID_CONFIG: 40,
  INVALID_REQUEST: 42,
  POLICY_VIOLATION: 44,
  KAFKA_STORAGE_ERROR: 56,
  TOPIC_DELETION_DISABLED: 73,
  INVALID_UPDATE_VERSION: 95,
  UNKNOWN_TOPIC_ID: 100,
} as const;

/** Why an operation was refused; `NONE` with no message when it was not. */
export interface Refusal {
  readonly errorCode: number;
  readonly message: string;
}

export function refusal(errorCode: number, message: string): Refusal {
  return { errorCode, message };
}
