import type { ACL_OPERATION, ACL_RESOURCE } from '../../metadata/acl-rule.ts';

/** An operation that requests need a right for. */
export type Operation = Exclude<keyof typeof ACL_OPERATION, 'ALL' | 'TWO_PHASE_COMMIT'>;
export type ResourceType = keyof typeof ACL_RESOURCE;

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
