/** Kafka's operations by their numbers in ACLs and in sets of authorized operations. */
export const OPERATION = {
  READ: 3,
  WRITE: 4,
  CREATE: 5,
  DELETE: 6,
  ALTER: 7,
  DESCRIBE: 8,
  CLUSTER_ACTION: 9,
  DESCRIBE_CONFIGS: 10,
  ALTER_CONFIGS: 11,
  IDEMPOTENT_WRITE: 12,
  CREATE_TOKENS: 13,
  DESCRIBE_TOKENS: 14,
} as const;

/** Kafka's types of resources by their numbers in ACLs. */
export const RESOURCE = {
  TOPIC: 2,
  GROUP: 3,
  CLUSTER: 4,
  TRANSACTIONAL_ID: 5,
  DELEGATION_TOKEN: 6,
  USER: 7,
} as const;

export type Operation = keyof typeof OPERATION;
export type ResourceType = keyof typeof RESOURCE;

/** What a client gets that lacks the action. */
export type Denial =
  /** The whole request is refused. */
  | 'request'
  /** Each resource that the request names is refused by itself. One it does not name is hidden. */
  | 'each'
  /** The resource is left out of the answer, as if it were not there. */
  | 'hidden';

/** An operation on a type of resource that a request needs a right for. */
export interface NeededAction {
  readonly operation: Operation;
  readonly resource: ResourceType;
  readonly denial: Denial;
}

/** All needs of a handler are checked; of several alternatives one right is enough. */
export type Need = NeededAction | { readonly anyOf: readonly NeededAction[] };

export function forRequest(operation: Operation, resource: ResourceType): NeededAction {
  return { operation, resource, denial: 'request' };
}

export function forEach(operation: Operation, resource: ResourceType): NeededAction {
  return { operation, resource, denial: 'each' };
}

export function toSee(operation: Operation, resource: ResourceType): NeededAction {
  return { operation, resource, denial: 'hidden' };
}

export function anyOf(...actions: readonly NeededAction[]): Need {
  return { anyOf: actions };
}
