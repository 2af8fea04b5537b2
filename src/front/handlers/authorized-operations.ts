import { ERROR } from '../../base/kafka-errors.ts';
import { ACL_OPERATION } from '../../metadata/acl-rule.ts';
import type { Call } from '../net/call.ts';
import type { Operation } from '../requests/needed-action.ts';
import type { Rights } from '../requests/rights.ts';

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

/**
 * What the client may do with the cluster. Who may not describe it is told no operation, not even
 * one that is allowed.
 */
export function shownClusterOperations(call: Call, rights: Rights): number {
  if (!rights.allowsOnCluster(call, 'DESCRIBE')) return 0;
  return authorizedOperations(CLUSTER_OPERATION_NAMES, (operation) =>
    rights.allowsOnCluster(call, operation),
  );
}

interface DescribedTopic {
  readonly errorCode: number;
  readonly name: string | null;
  topicAuthorizedOperations: number;
}

/** Tells what the client may do with the topics, also with those that are not there. */
export function tellTopicOperations(
  topics: readonly DescribedTopic[],
  call: Call,
  rights: Rights,
): void {
  for (const topic of topics) {
    const { name, errorCode } = topic;
    if (name === null || errorCode === ERROR.TOPIC_AUTHORIZATION_FAILED) continue;
    topic.topicAuthorizedOperations = authorizedOperations(TOPIC_OPERATION_NAMES, (operation) =>
      rights.allows(call, operation, 'TOPIC', name),
    );
  }
}
