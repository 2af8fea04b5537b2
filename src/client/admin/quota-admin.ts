import { API } from '../../protocol/api-keys.ts';
import { throwAnswerError } from '../errors/kafka-error.ts';
import type { Connection } from '../net/connection.ts';
import type { AdminLink } from './admin-link.ts';
import { AnyRoute } from './any-route.ts';
import type { CallOptions } from './call-options.ts';
import { type Outcome, type Outcomes, outcomeOf } from './outcome.ts';
import type { ChangeOptions } from './topic-admin.ts';

/** What a quota is for: `user`, `client-id`, `ip` and their names; null is the default of all. */
export type QuotaEntity = Readonly<Record<string, string | null>>;

/** The quotas of one entity. */
export interface Quota {
  readonly entity: QuotaEntity;
  /** `producer_byte_rate`, `consumer_byte_rate`, `request_percentage`, … */
  readonly values: Readonly<Record<string, number>>;
}

/** Changes of the quotas of one entity; null removes one. */
export interface QuotaChange {
  readonly entity: QuotaEntity;
  readonly values: Readonly<Record<string, number | null>>;
}

/** Which entities: by name, the default (null), or whatever has a quota of the type (`any`). */
export type QuotaFilter = Readonly<
  Record<string, { readonly name: string | null } | { readonly any: true }>
>;

export interface DescribeQuotasOptions extends CallOptions {
  /** Only entities of exactly these types. */
  readonly strict?: boolean;
}

const MATCH = { EXACT: 0, DEFAULT: 1, ANY: 2 } as const;

/** Quotas of users, clients and addresses. */
export class QuotaAdmin {
  readonly #link: AdminLink;

  constructor(link: AdminLink) {
    this.#link = link;
  }

  /** The quotas of the entities that the filter lets through; all of them without one. */
  describe(filter: QuotaFilter = {}, options: DescribeQuotasOptions = {}): Promise<Quota[]> {
    const components = Object.entries(filter).map(([entityType, wanted]) => {
      if ('any' in wanted) return { entityType, matchType: MATCH.ANY, match: null };
      const matchType = wanted.name === null ? MATCH.DEFAULT : MATCH.EXACT;
      return { entityType, matchType, match: wanted.name };
    });
    const { strict = false } = options;
    const work = {
      what: 'the description of quotas',
      keys: [filter],
      route: new AnyRoute<QuotaFilter>(this.#link.cluster),
      subjectOf: () => 'quotas',
      ask: async (
        connection: Connection,
        _: readonly QuotaFilter[],
        outcomes: Map<QuotaFilter, Outcome<Quota[]>>,
      ) => {
        const answer = await connection.ask(API.DESCRIBE_CLIENT_QUOTAS, { components, strict });
        throwAnswerError(answer.errorCode, answer.errorMessage, 'quotas');
        const found = (answer.entries ?? []).map(({ entity, values }) => ({
          entity: entityOf(entity),
          values: Object.fromEntries(values.map(({ key, value }) => [key, value])),
        }));
        outcomes.set(filter, found);
      },
    };
    return this.#link.runOne(work, options);
  }

  /** Null stands for an entity whose quotas are changed. */
  alter(
    changes: readonly QuotaChange[],
    options: ChangeOptions = {},
  ): Promise<Outcomes<QuotaEntity, null>> {
    const { validateOnly = false } = options;
    const byEntity = new Map(changes.map(({ entity, values }) => [entity, values]));
    const work = {
      what: 'the change of quotas',
      keys: byEntity.keys(),
      route: new AnyRoute<QuotaEntity>(this.#link.cluster),
      subjectOf: entityText,
      ask: async (
        connection: Connection,
        asked: readonly QuotaEntity[],
        outcomes: Map<QuotaEntity, Outcome<null>>,
      ) => {
        const entries = asked.map((entity) => ({
          entity: Object.entries(entity).map(([entityType, entityName]) => {
            return { entityType, entityName };
          }),
          ops: Object.entries(byEntity.get(entity)!).map(([key, value]) => {
            return { key, value: value ?? 0, remove: value === null };
          }),
        }));
        const answer = await connection.ask(API.ALTER_CLIENT_QUOTAS, { entries, validateOnly });
        const byText = new Map(asked.map((entity) => [entityText(entity), entity]));
        for (const { entity, errorCode, errorMessage } of answer.entries) {
          const text = entityText(entityOf(entity));
          const known = byText.get(text);
          if (known === undefined) continue;
          outcomes.set(
            known,
            outcomeOf(errorCode, errorMessage, text, () => null),
          );
        }
      },
    };
    return this.#link.run(work, options);
  }
}

function entityOf(
  parts: readonly { readonly entityType: string; readonly entityName: string | null }[],
): QuotaEntity {
  return Object.fromEntries(parts.map(({ entityType, entityName }) => [entityType, entityName]));
}

/** The same for the same entity, in whatever order its parts stand. */
function entityText(entity: QuotaEntity): string {
  const parts = Object.entries(entity).map(([type, name]) => {
    return name === null ? `the default ${type}` : `${type} ${JSON.stringify(name)}`;
  });
  return `quotas of ${parts.sort().join(', ')}`;
}
