import { ACL_OPERATION, ACL_RESOURCE, CLUSTER_RESOURCE_NAME } from '../../metadata/acl-rule.ts';
import { Asker } from '../../security/acl/asker.ts';
import type { Authorizer } from '../../security/acl/authorizer.ts';
import type { AuditLog } from '../../security/audit/audit-log.ts';
import type { Call } from '../net/call.ts';
import type { Principal } from '../net/principal.ts';
import { ClientRights } from './client-rights.ts';
import type { Operation, ResourceType } from './needed-action.ts';

/**
 * Asked of every resource, to leave out what a client may not see: that denies no request. Of the
 * cluster, and of what a request names, they do.
 */
const HIDING: ReadonlySet<Operation> = new Set(['DESCRIBE', 'DESCRIBE_CONFIGS']);

/** Stands for everybody where there is no authorizer: nobody looks at who asks. */
const EVERYBODY = new Asker('', '');

/** What clients may do. Without an authorizer everybody may do everything. */
export class Rights {
  readonly #authorizer: Authorizer | null;
  readonly #audit: AuditLog | null;

  constructor(authorizer: Authorizer | null, audit: AuditLog | null = null) {
    this.#authorizer = authorizer;
    this.#audit = audit;
  }

  /** Whether rules are kept and asked at all. */
  get areChecked(): boolean {
    return this.#authorizer !== null;
  }

  /** Of a client that speaks otherwise than by calls. */
  of(principal: Principal, host: string): ClientRights {
    return new ClientRights(this, this.#askerOf(principal, host));
  }

  #askerOf({ type, name }: Principal, host: string): Asker {
    return this.#authorizer?.askerOf(`${type}:${name}`, host) ?? EVERYBODY;
  }

  allows(call: Call, operation: Operation, resource: ResourceType, name: string): boolean {
    if (this.#authorizer === null) return true;
    return this.allowsAsker(this.#askerOfCall(call), operation, resource, name);
  }

  /** The same of what the request names: a denial is told, whatever the operation. */
  allowsNamed(call: Call, operation: Operation, resource: ResourceType, name: string): boolean {
    if (this.allows(call, operation, resource, name)) return true;
    if (HIDING.has(operation))
      this.#tell(this.#askerOfCall(call), operation, `${resource}:${name}`);
    return false;
  }

  allowsOnCluster(call: Call, operation: Operation): boolean {
    return this.allows(call, operation, 'CLUSTER', CLUSTER_RESOURCE_NAME);
  }

  /** Whether there is any resource of the type that the operation is allowed on. */
  allowsAny(call: Call, operation: Operation, resource: ResourceType): boolean {
    if (this.#authorizer === null) return true;
    return this.allowsAskerAny(this.#askerOfCall(call), operation, resource);
  }

  /** A connection keeps its asker, so that a question of its requests makes no object. */
  #askerOfCall({ connection }: Call): Asker {
    connection.asker ??= this.#askerOf(connection.principal, connection.clientAddress);
    return connection.asker;
  }

  allowsAsker(asker: Asker, operation: Operation, resource: ResourceType, name: string): boolean {
    if (this.#authorizer === null) return true;
    const isAllowed = this.#authorizer.allows(
      asker,
      ACL_OPERATION[operation],
      ACL_RESOURCE[resource],
      name,
    );
    const isTold = resource === 'CLUSTER' || !HIDING.has(operation);
    if (!isAllowed && isTold) this.#tell(asker, operation, `${resource}:${name}`);
    return isAllowed;
  }

  #tell({ principal, host }: Asker, operation: Operation, resource: string): void {
    this.#audit?.denied({ principal, address: host }, operation, resource);
  }

  allowsAskerOnCluster(asker: Asker, operation: Operation): boolean {
    return this.allowsAsker(asker, operation, 'CLUSTER', CLUSTER_RESOURCE_NAME);
  }

  allowsAskerAny(asker: Asker, operation: Operation, resource: ResourceType): boolean {
    if (this.#authorizer === null) return true;
    return this.#authorizer.allowsAny(asker, ACL_OPERATION[operation], ACL_RESOURCE[resource]);
  }
}
