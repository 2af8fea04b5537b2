import { isIP } from 'node:net';
import { ERROR } from '../base/kafka-errors.ts';
import type { ClientQuota, MetadataImage } from './image.ts';
import type { MetadataRecord } from './records.ts';
import { type Refusal, refusal } from './refusal.ts';

/** One part of the entity that a quota is for. A null name is the default entity of its type. */
export interface QuotaEntityPart {
  readonly type: string;
  readonly name: string | null;
}

export interface QuotaAlteration {
  readonly key: string;
  readonly value: number;
  readonly remove: boolean;
}

export interface QuotaPlan {
  readonly refused: Refusal | null;
  readonly records: readonly MetadataRecord[];
}

const USER_KEYS: ReadonlyMap<string, 'LONG' | 'DOUBLE'> = new Map([
  ['producer_byte_rate', 'LONG'],
  ['consumer_byte_rate', 'LONG'],
  ['request_percentage', 'DOUBLE'],
  ['controller_mutation_rate', 'DOUBLE'],
]);
const IP_KEYS: ReadonlyMap<string, 'INT'> = new Map([['connection_creation_rate', 'INT']]);
const LARGEST = { INT: 2 ** 31 - 1, LONG: 2 ** 63, DOUBLE: Number.MAX_VALUE } as const;

/** Plans AlterClientQuotas for one entity. */
export function planAlterQuota(
  parts: readonly QuotaEntityPart[],
  alterations: readonly QuotaAlteration[],
): QuotaPlan {
  const wrong = errorOfEntity(parts);
  if (wrong !== null) return { refused: wrong, records: [] };
  const keys = parts.some(({ type }) => type === 'ip') ? IP_KEYS : USER_KEYS;
  const changes = new Map<string, number | null>();
  for (const { key, value, remove } of alterations) {
    const error = errorOfQuota(keys.get(key), key, value, remove);
    if (error !== null) return { refused: error, records: [] };
    changes.set(key, remove ? null : value);
  }
  const entity = parts
    .map(({ type, name }) => [type, name] as const)
    .sort(([a], [b]) => (a < b ? -1 : 1));
  const record: MetadataRecord = { type: 'quota', entity, changes: [...changes] };
  return { refused: null, records: changes.size === 0 ? [] : [record] };
}

function errorOfEntity(parts: readonly QuotaEntityPart[]): Refusal | null {
  const invalid = (message: string) => refusal(ERROR.INVALID_REQUEST, message);
  if (parts.length === 0) return invalid('Invalid empty client quota entity');
  const types = new Set<string>();
  for (const { type, name } of parts) {
    if (types.has(type)) {
      return invalid(`Invalid client quota entity, duplicate entity entry ${type}`);
    }
    types.add(type);
    if (type !== 'user' && type !== 'client-id' && type !== 'ip') {
      return invalid(`Unhandled client quota entity type: ${type}`);
    }
    if (name === '') return invalid(`Empty ${type} not supported`);
    if (type === 'ip' && name !== null && isIP(name) === 0) {
      return invalid(`${name} is not a valid IP or resolvable host.`);
    }
  }
  if (!types.has('ip') || types.size === 1) return null;
  const why = 'IP entity should not be combined with User or ClientId';
  return invalid(`Invalid quota entity combination, ${why}`);
}

function errorOfQuota(
  type: 'INT' | 'LONG' | 'DOUBLE' | undefined,
  key: string,
  value: number,
  remove: boolean,
): Refusal | null {
  const invalid = (message: string) => refusal(ERROR.INVALID_REQUEST, message);
  if (type === undefined) return invalid(`Invalid configuration key ${key}`);
  if (remove) return null;
  if (!(value > 0)) return invalid(`Quota ${key} must be greater than 0`);
  if (value > LARGEST[type])
    return invalid(`Proposed value for ${key} is too large for a ${type}.`);
  if (type === 'DOUBLE' || Number.isInteger(value)) return null;
  return invalid(`${key} cannot be a fractional value.`);
}

/** How one type of an entity must match: by name, as the default, or by having the type. */
export interface QuotaFilter {
  readonly type: string;
  /** 0: the name equals `match`. 1: the default entity. 2: any name. */
  readonly matchType: number;
  readonly match: string | null;
}

export type QuotaAnswer =
  | { readonly refused: Refusal }
  | { readonly refused: null; readonly quotas: readonly ClientQuota[] };

/** Answers DescribeClientQuotas. `strict` skips entities with types that no filter names. */
export function describeQuotas(
  image: MetadataImage,
  filters: readonly QuotaFilter[],
  strict: boolean,
): QuotaAnswer {
  const refused = errorOfFilters(filters);
  if (refused !== null) return { refused };
  const quotas = [...image.quotas.values()].filter(({ entity }) => {
    if (strict && entity.length !== filters.length) return false;
    const names = new Map(entity);
    return filters.every(({ type, matchType, match }) => {
      const name = names.get(type);
      if (name === undefined) return false;
      if (matchType === 0) return name === match;
      return matchType === 1 ? name === null : true;
    });
  });
  return { refused: null, quotas };
}

function errorOfFilters(filters: readonly QuotaFilter[]): Refusal | null {
  const { INVALID_REQUEST, UNSUPPORTED_VERSION } = ERROR;
  const types = new Set<string>();
  for (const { type, matchType, match } of filters) {
    if (type === '') {
      return refusal(INVALID_REQUEST, 'Unexpected empty filter component entity type');
    }
    if (type !== 'user' && type !== 'client-id' && type !== 'ip') {
      return refusal(UNSUPPORTED_VERSION, `Custom entity type '${type}' not supported`);
    }
    if (types.has(type)) {
      return refusal(INVALID_REQUEST, `Duplicate ${type} filter component entity type`);
    }
    types.add(type);
    if (matchType < 0 || matchType > 2) {
      return refusal(INVALID_REQUEST, `Unexpected match type ${matchType}`);
    }
    if (matchType === 0 && match === null) {
      return refusal(INVALID_REQUEST, 'Request specified MATCH_TYPE_EXACT without a name');
    }
  }
  if (!types.has('ip') || types.size === 1) return null;
  const why = 'IP filter component should not be used with User or ClientId filter component.';
  return refusal(INVALID_REQUEST, `Invalid entity filter component combination, ${why}`);
}
