import { API } from '../../protocol/api-keys.ts';
import { type KafkaError, throwAnswerError } from '../errors/kafka-error.ts';
import type { Connection } from '../net/connection.ts';
import { type Acl, type AclFilter, aclNumbers, aclOf, aclText, filterNumbers } from './acl.ts';
import type { AdminLink } from './admin-link.ts';
import { AnyRoute } from './any-route.ts';
import type { CallOptions } from './call-options.ts';
import { type Outcome, type Outcomes, outcomeOf } from './outcome.ts';

/** A rule that a filter found, and whether it is gone. */
export interface DeletedAcl {
  readonly acl: Acl;
  /** Why it could not be removed, null where it is gone. */
  readonly error: KafkaError | null;
}

/** Access control lists. */
export class AclAdmin {
  readonly #link: AdminLink;

  constructor(link: AdminLink) {
    this.#link = link;
  }

  /** The rules that the filter lets through; all of them without one. */
  describe(filter: AclFilter = {}, options?: CallOptions): Promise<Acl[]> {
    const work = {
      what: 'the description of ACLs',
      keys: [filter],
      route: new AnyRoute<AclFilter>(this.#link.cluster),
      subjectOf: () => 'ACLs',
      ask: async (
        connection: Connection,
        _: readonly AclFilter[],
        outcomes: Map<AclFilter, Outcome<Acl[]>>,
      ) => {
        const answer = await connection.ask(API.DESCRIBE_ACLS, filterNumbers(filter));
        throwAnswerError(answer.errorCode, answer.errorMessage, 'ACLs');
        const found = answer.resources.flatMap(({ acls, ...resource }) => {
          return acls.map((each) => aclOf({ ...resource, ...each }));
        });
        outcomes.set(filter, found);
      },
    };
    return this.#link.runOne(work, options);
  }

  /** Adds rules. Null stands for one that holds now. */
  create(acls: readonly Acl[], options?: CallOptions): Promise<Outcomes<Acl, null>> {
    const work = {
      what: 'the creation of ACLs',
      keys: acls,
      route: new AnyRoute<Acl>(this.#link.cluster),
      subjectOf: aclText,
      ask: async (
        connection: Connection,
        asked: readonly Acl[],
        outcomes: Map<Acl, Outcome<null>>,
      ) => {
        const creations = asked.map(aclNumbers);
        const { results } = await connection.ask(API.CREATE_ACLS, { creations });
        for (const [i, acl] of asked.entries()) {
          const result = results[i];
          if (result === undefined) continue;
          const { errorCode, errorMessage } = result;
          outcomes.set(
            acl,
            outcomeOf(errorCode, errorMessage, aclText(acl), () => null),
          );
        }
      },
    };
    return this.#link.run(work, options);
  }

  /** Removes the rules that each filter finds, and tells which those were. */
  delete(
    filters: readonly AclFilter[],
    options?: CallOptions,
  ): Promise<Outcomes<AclFilter, DeletedAcl[]>> {
    const work = {
      what: 'the deletion of ACLs',
      keys: filters,
      route: new AnyRoute<AclFilter>(this.#link.cluster),
      subjectOf: () => 'a filter of ACLs',
      ask: async (
        connection: Connection,
        asked: readonly AclFilter[],
        outcomes: Map<AclFilter, Outcome<DeletedAcl[]>>,
      ) => {
        const body = { filters: asked.map(filterNumbers) };
        const { filterResults } = await connection.ask(API.DELETE_ACLS, body);
        for (const [i, filter] of asked.entries()) {
          const result = filterResults[i];
          if (result === undefined) continue;
          const { errorCode, errorMessage, matchingAcls } = result;
          const value = () => matchingAcls.map(deletedAcl);
          outcomes.set(filter, outcomeOf(errorCode, errorMessage, 'filter of ACLs', value));
        }
      },
    };
    return this.#link.run(work, options);
  }
}

function deletedAcl(
  answer: Parameters<typeof aclOf>[0] & {
    readonly errorCode: number;
    readonly errorMessage: string | null;
  },
): DeletedAcl {
  const acl = aclOf(answer);
  const { errorCode, errorMessage } = answer;
  return { acl, error: outcomeOf<null>(errorCode, errorMessage, aclText(acl), () => null) };
}
