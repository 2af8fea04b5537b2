import { ACL_OPERATION } from '../../metadata/acl-rule.ts';
import type { Call } from '../net/call.ts';
import type { Operation } from '../requests/needed-action.ts';
import type { Rights } from '../requests/rights.ts';

/** The answer where the request did not ask for the operations. */
export const OPERATIONS_NOT_ASKED = -(2 ** 31);

/** All operations that a resource of the type allows. */
const CLUSTER_OPERATION_NAMES: readonly Operation[] = [
  'CREATE',
  'CLUSTER_ACTION',
  'DESCRIBE_CONFIGS',
  'ALTER_CONFIGS',
  'IDEMPOTENT_WRITE',
  'ALTER',
  'DESCRIBE',
];

const TOPIC_OPERATION_NAMES: readonly Operation[] = [
  'READ',
  'WRITE',
  'CREATE',
  'DESCRIBE',
  'DELETE',
  'ALTER',
  'DESCRIBE_CONFIGS',
  'ALTER_CONFIGS',
];

export const GROUP_OPERATION_NAMES: readonly Operation[] = [
  'READ',
  'DELETE',
  'DESCRIBE',
  'DESCRIBE_CONFIGS',
  'ALTER_CONFIGS',
];

/** Bit n of the answer stands for Kafka's operation n: those of the resource that are allowed. */
export function authorizedOperations(
  operations: readonly Operation[],
  allows: (operation: Operation) => boolean,
): number {
  return operations
    .filter(allows)
    .reduce((bits, operation) => bits | (1 << ACL_OPERATION[operation]), 0);
}

/** What the client may do with the cluster. */
export function clusterOperations(call: Call, rights: Rights): number {
  return authorizedOperations(CLUSTER_OPERATION_NAMES, (operation) =>
    rights.allowsOnCluster(call, operation),
  );
}

/** What the client may do with a topic. */
export function topicOperations(name: string, call: Call, rights: Rights): number {
  return authorizedOperations(TOPIC_OPERATION_NAMES, (operation) =>
    rights.allows(call, operation, 'TOPIC', name),
  );
}
