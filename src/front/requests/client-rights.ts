import { ACL_OPERATION, ACL_RESOURCE, CLUSTER_RESOURCE_NAME } from '../../metadata/acl-rule.ts';
import type { Asker, Authorizer } from '../../security/acl/authorizer.ts';
import type { AuditLog } from '../../security/audit/audit-log.ts';
import type { Principal } from '../net/principal.ts';
import type { Operation, ResourceType } from './needed-action.ts';

/** Asked of every resource, to leave out what a client may not see: that denies no request. */
const HIDING: ReadonlySet<Operation> = new Set(['DESCRIBE', 'DESCRIBE_CONFIGS']);

/** What one client may do. Without an authorizer everybody may do everything. */
export class ClientRights {
  readonly #authorizer: Authorizer | null;
  readonly #asker: Asker;
  readonly #audit: AuditLog | null;

  constructor(
    authorizer: Authorizer | null,
    { type, name }: Principal,
    host: string,
    audit: AuditLog | null = null,
  ) {
    this.#authorizer = authorizer;
    this.#audit = audit;
    this.#asker = { principal: `${type}:${name}`, host };
  }

  allows(operation: Operation, resource: ResourceType, name: string): boolean {
    if (this.#authorizer === null) return true;
    const isAllowed = this.#authorizer.allows(
      this.#asker,
      ACL_OPERATION[operation],
      ACL_RESOURCE[resource],
      name,
    );
    if (!isAllowed && !HIDING.has(operation)) this.#tell(operation, `${resource}:${name}`);
    return isAllowed;
  }

  #tell(operation: Operation, resource: string): void {
    const { principal, host } = this.#asker;
    this.#audit?.denied({ principal, address: host }, operation, resource);
  }

  allowsOnCluster(operation: Operation): boolean {
    return this.allows(operation, 'CLUSTER', CLUSTER_RESOURCE_NAME);
  }

  /** Whether there is any resource of the type that the operation is allowed on. */
  allowsAny(operation: Operation, resource: ResourceType): boolean {
    if (this.#authorizer === null) return true;
    return this.#authorizer.allowsAny(
      this.#asker,
      ACL_OPERATION[operation],
      ACL_RESOURCE[resource],
    );
  }
}
