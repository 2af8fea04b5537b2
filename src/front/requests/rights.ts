import type { Authorizer } from '../../security/acl/authorizer.ts';
import type { AuditLog } from '../../security/audit/audit-log.ts';
import type { Call } from '../net/call.ts';
import type { Principal } from '../net/principal.ts';
import { ClientRights } from './client-rights.ts';
import type { Operation, ResourceType } from './needed-action.ts';

/** What the clients of calls may do. */
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
    return new ClientRights(this.#authorizer, principal, host, this.#audit);
  }

  allows(call: Call, operation: Operation, resource: ResourceType, name: string): boolean {
    return this.#authorizer === null || this.#ofCall(call).allows(operation, resource, name);
  }

  allowsOnCluster(call: Call, operation: Operation): boolean {
    return this.#authorizer === null || this.#ofCall(call).allowsOnCluster(operation);
  }

  /** Whether there is any resource of the type that the operation is allowed on. */
  allowsAny(call: Call, operation: Operation, resource: ResourceType): boolean {
    return this.#authorizer === null || this.#ofCall(call).allowsAny(operation, resource);
  }

  #ofCall({ connection }: Call): ClientRights {
    return this.of(connection.principal, connection.clientAddress);
  }
}
