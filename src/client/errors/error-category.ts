import { ERROR, type ErrorName, isRetriable } from '../../base/kafka-errors.ts';

/**
 * What an application does about an error (KIP-1050).
 *
 * - `retriable`: another attempt may succeed.
 * - `refresh-retriable`: the same, after fresh metadata or another coordinator.
 * - `abortable`: the transaction must be aborted; the producer lives on.
 * - `application-recoverable`: close this client and make a new one.
 * - `invalid-configuration`: a setting, a credential or a permission must be changed first.
 * - `fatal`: a defect or damaged data.
 */
export type ErrorCategory =
  | 'retriable'
  | 'refresh-retriable'
  | 'abortable'
  | 'application-recoverable'
  | 'invalid-configuration'
  | 'fatal';

const REFRESHING: ReadonlySet<number> = new Set<number>([
  ERROR.UNKNOWN_TOPIC_OR_PARTITION,
  ERROR.LEADER_NOT_AVAILABLE,
  ERROR.NOT_LEADER_OR_FOLLOWER,
  ERROR.REPLICA_NOT_AVAILABLE,
  ERROR.NETWORK_EXCEPTION,
  ERROR.COORDINATOR_NOT_AVAILABLE,
  ERROR.NOT_COORDINATOR,
  ERROR.KAFKA_STORAGE_ERROR,
  ERROR.LISTENER_NOT_FOUND,
  ERROR.FENCED_LEADER_EPOCH,
  ERROR.PREFERRED_LEADER_NOT_AVAILABLE,
  ERROR.ELIGIBLE_LEADERS_NOT_AVAILABLE,
  ERROR.ELECTION_NOT_NEEDED,
  ERROR.UNKNOWN_TOPIC_ID,
  ERROR.INCONSISTENT_TOPIC_ID,
]);

const RECOVERABLE: ReadonlySet<number> = new Set<number>([
  ERROR.ILLEGAL_GENERATION,
  ERROR.UNKNOWN_MEMBER_ID,
  ERROR.INVALID_PRODUCER_EPOCH,
  ERROR.INVALID_PRODUCER_ID_MAPPING,
  ERROR.FENCED_INSTANCE_ID,
  ERROR.PRODUCER_FENCED,
  ERROR.TRANSACTION_COORDINATOR_FENCED,
]);

const CONFIGURATION: ReadonlySet<number> = new Set<number>([
  ERROR.MESSAGE_TOO_LARGE,
  ERROR.RECORD_LIST_TOO_LARGE,
  ERROR.INVALID_TOPIC_EXCEPTION,
  ERROR.INVALID_REQUIRED_ACKS,
  ERROR.INVALID_REPLICATION_FACTOR,
  ERROR.TOPIC_AUTHORIZATION_FAILED,
  ERROR.GROUP_AUTHORIZATION_FAILED,
  ERROR.CLUSTER_AUTHORIZATION_FAILED,
  ERROR.TRANSACTIONAL_ID_AUTHORIZATION_FAILED,
  ERROR.DELEGATION_TOKEN_AUTHORIZATION_FAILED,
  ERROR.UNSUPPORTED_SASL_MECHANISM,
  ERROR.ILLEGAL_SASL_STATE,
  ERROR.SASL_AUTHENTICATION_FAILED,
  ERROR.UNSUPPORTED_VERSION,
  ERROR.UNSUPPORTED_FOR_MESSAGE_FORMAT,
  ERROR.UNSUPPORTED_COMPRESSION_TYPE,
  ERROR.INVALID_CONFIG,
]);

/** Of an error that a broker answered with. */
export function categoryOf(errorCode: number): ErrorCategory {
  if (REFRESHING.has(errorCode)) return 'refresh-retriable';
  if (isRetriable(errorCode)) return 'retriable';
  if (errorCode === ERROR.TRANSACTION_ABORTABLE) return 'abortable';
  if (RECOVERABLE.has(errorCode)) return 'application-recoverable';
  if (CONFIGURATION.has(errorCode)) return 'invalid-configuration';
  return 'fatal';
}

/** What goes wrong in the client before a broker could say anything of it. */
export const CLIENT_CATEGORY = {
  /** The memory for records is full. */
  BUFFER_FULL: 'retriable',
  /** The caller's AbortSignal fired. */
  ABORTED: 'retriable',
  /** The client was closed. */
  CLOSED: 'application-recoverable',
  /** An argument or an option that cannot be. */
  BAD_ARGUMENT: 'invalid-configuration',
  /** A key or value that its serializer or schema refuses. */
  SERIALIZATION: 'invalid-configuration',
  /** A batch that cannot be compressed. */
  COMPRESSION: 'fatal',
  /** Bytes of a broker that no broker sends. */
  MALFORMED_ANSWER: 'fatal',
} as const satisfies Record<string, ErrorCategory>;

export type ClientErrorCode = keyof typeof CLIENT_CATEGORY;

/** Kafka's names of errors, and those of the client itself. */
export type KafkaErrorCode = Exclude<ErrorName, 'NONE'> | ClientErrorCode;
