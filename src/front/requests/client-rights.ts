import type { Asker } from '../../security/acl/asker.ts';
import type { Operation, ResourceType } from './needed-action.ts';
import type { Rights } from './rights.ts';

/** What one client may do that speaks otherwise than by calls. */
export class ClientRights {
  readonly #rights: Rights;
  readonly #asker: Asker;

  constructor(rights: Rights, asker: Asker) {
    this.#rights = rights;
    this.#asker = asker;
  }

  allows(operation: Operation, resource: ResourceType, name: string): boolean {
    return this.#rights.allowsAsker(this.#asker, operation, resource, name);
  }

  allowsOnCluster(operation: Operation): boolean {
    return this.#rights.allowsAskerOnCluster(this.#asker, operation);
  }

  /** Whether there is any resource of the type that the operation is allowed on. */
  allowsAny(operation: Operation, resource: ResourceType): boolean {
    return this.#rights.allowsAskerAny(this.#asker, operation, resource);
  }
}
