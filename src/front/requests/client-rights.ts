import { CLUSTER_RESOURCE_NAME } from '../../metadata/acl-rule.ts';
import type { Asker, Authorizer } from '../../security/acl/authorizer.ts';
import type { Principal } from '../net/principal.ts';
import { OPERATION, type Operation, RESOURCE, type ResourceType } from './needed-action.ts';

/** What one client may do. Without an authorizer everybody may do everything. */
export class ClientRights {
  readonly #authorizer: Authorizer | null;
  readonly #asker: Asker;

  constructor(authorizer: Authorizer | null, { type, name }: Principal, host: string) {
    this.#authorizer = authorizer;
    this.#asker = { principal: `${type}:${name}`, host };
  }

  allows(operation: Operation, resource: ResourceType, name: string): boolean {
    if (this.#authorizer === null) return true;
    return this.#authorizer.allows(this.#asker, OPERATION[operation], RESOURCE[resource], name);
  }

  allowsOnCluster(operation: Operation): boolean {
    return this.allows(operation, 'CLUSTER', CLUSTER_RESOURCE_NAME);
  }

  /** Whether there is any resource of the type that the operation is allowed on. */
  allowsAny(operation: Operation, resource: ResourceType): boolean {
    if (this.#authorizer === null) return true;
    return this.#authorizer.allowsAny(this.#asker, OPERATION[operation], RESOURCE[resource]);
  }
}
