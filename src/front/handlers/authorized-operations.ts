import { OPERATION } from '../requests/needed-action.ts';

/**
 * Bit n of a set of operations stands for Kafka's operation n. Without an authorizer everybody may
 * do everything that there is to do with a resource.
 */
const setOf = (...operations: readonly number[]): number =>
  operations.reduce((bits, operation) => bits | (1 << operation), 0);

/** What is answered where nobody asked. */
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
