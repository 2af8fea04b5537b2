import { CLUSTER_RESOURCE_NAME } from '../../metadata/acl-rule.ts';
import type { Asker, Authorizer } from '../../security/acl/authorizer.ts';
import type { Call } from '../net/call.ts';
import { OPERATION, type Operation, RESOURCE, type ResourceType } from './needed-action.ts';

/** What the client of a call may do. Without an authorizer everybody may do everything. */
export class Rights {
  readonly #authorizer: Authorizer | null;

  constructor(authorizer: Authorizer | null) {
    this.#authorizer = authorizer;
  }

  /** Whether rules are kept and asked at all. */
  get areChecked(): boolean {
    return this.#authorizer !== null;
  }

  allows(call: Call, operation: Operation, resource: ResourceType, name: string): boolean {
    if (this.#authorizer === null) return true;
    return this.#authorizer.allows(askerOf(call), OPERATION[operation], RESOURCE[resource], name);
  }

  allowsOnCluster(call: Call, operation: Operation): boolean {
    return this.allows(call, operation, 'CLUSTER', CLUSTER_RESOURCE_NAME);
  }

  /** Whether there is any resource of the type that the operation is allowed on. */
  allowsAny(call: Call, operation: Operation, resource: ResourceType): boolean {
    if (this.#authorizer === null) return true;
    return this.#authorizer.allowsAny(askerOf(call), OPERATION[operation], RESOURCE[resource]);
  }
}

function askerOf({ connection }: Call): Asker {
  const { type, name } = connection.principal;
  return { principal: `${type}:${name}`, host: connection.clientAddress };
}
