import { OPERATION } from '../requests/needed-action.ts';

/**
 * Bit n of a set of operations stands for Kafka's operation n. Without an authorizer every client
 * has all operations that a resource allows.
 */
const setOf = (...operations: readonly number[]): number =>
  operations.reduce((bits, operation) => bits | (1 << operation), 0);

/** The answer where the request did not ask for the operations. */
export const OPERATIONS_NOT_ASKED = -(2 ** 31);

export const CLUSTER_OPERATIONS = setOf(
  OPERATION.CREATE,
  OPERATION.CLUSTER_ACTION,
  OPERATION.DESCRIBE_CONFIGS,
  OPERATION.ALTER_CONFIGS,
  OPERATION.IDEMPOTENT_WRITE,
  OPERATION.ALTER,
  OPERATION.DESCRIBE,
);

export const TOPIC_OPERATIONS = setOf(
  OPERATION.READ,
  OPERATION.WRITE,
  OPERATION.CREATE,
  OPERATION.DESCRIBE,
  OPERATION.DELETE,
  OPERATION.ALTER,
  OPERATION.DESCRIBE_CONFIGS,
  OPERATION.ALTER_CONFIGS,
);
