import { HeaderCursor } from '../../records/header-cursor.ts';
import type { RecordCursor } from '../../records/record-iterator.ts';
import { badValue, Fields, textOf } from '../command/fields.ts';
import { type JsonCondition, JsonConditions, type PathStep } from './json-conditions.ts';

/**
 * Decides which records a subscription wants: conditions on key, headers and value that must all
 * hold.
 */
export interface RecordFilter {
  /** Filters with the same key match the same records. */
  readonly key: string;
  matches(record: RecordCursor): boolean;
}

const KINDS = ['key', 'header', 'path', 'all'] as const;
const CONDITIONS_MAX = 16;
const PATH_STEPS_MAX = 32;
const EQUALS_DEPTH_MAX = 100;
const headers = new HeaderCursor();
const NOTHING = Buffer.alloc(0);

export function parseFilter(fields: Fields | undefined): RecordFilter | null {
  return fields === undefined ? null : parseCondition(fields, 0);
}

function parseCondition(fields: Fields, depth: number): RecordFilter {
  if (KINDS.filter((kind) => fields.has(kind)).length !== 1) {
    const itself = fields.path('').slice(0, -1);
    throw badValue(itself, 'must have one of key, header, path, all: several go into a list, all');
  }
  const key = fields.text('key');
  if (key !== undefined) return new KeyFilter(key);
  const header = fields.list('header');
  if (header !== undefined) return headerFilter(header, fields.path('header'));
  const path = fields.text('path');
  if (path !== undefined) {
    const steps = parsePath(path, fields.path('path'));
    if (!fields.names().includes('equals')) throw badValue(fields.path('equals'), 'must be given');
    const wanted = fields.raw('equals') ?? null;
    if (isDeeper(wanted, EQUALS_DEPTH_MAX)) {
      throw badValue(fields.path('equals'), `must not be deeper than ${EQUALS_DEPTH_MAX}`);
    }
    return new PathFilter([{ steps, wanted }]);
  }
  const all = fields.list('all') ?? [];
  const at = fields.path('all');
  if (depth > 0 || all.length === 0 || all.length > CONDITIONS_MAX) {
    throw badValue(at, `must be a list of 1 to ${CONDITIONS_MAX} filters that are no lists`);
  }
  return new AllFilter(
    all.map((one, i) => parseCondition(Fields.of(one, `${at}.${i}`), depth + 1)),
  );
}

function isDeeper(value: unknown, depthMax: number): boolean {
  if (typeof value !== 'object' || value === null) return false;
  return depthMax === 0 || Object.values(value).some((one) => isDeeper(one, depthMax - 1));
}

function headerFilter(header: readonly unknown[], path: string): RecordFilter {
  if (header.length !== 2) throw badValue(path, 'must be [name, value]');
  const [name, wanted] = header;
  return new HeaderFilter([[textOf(name, `${path}.0`), textOf(wanted, `${path}.1`)]]);
}

/** `$.user.items[0].id` */
function parsePath(text: string, path: string): PathStep[] {
  if (!/^\$(\.[^.[\]]+|\[\d{1,9}\])*$/.test(text)) {
    throw badValue(path, 'must be $ with .name and [number] steps');
  }
  const steps = text.match(/\.[^.[\]]+|\[\d+\]/g) ?? [];
  if (steps.length > PATH_STEPS_MAX) throw badValue(path, `has over ${PATH_STEPS_MAX} steps`);
  return steps.map((step) => (step[0] === '.' ? step.slice(1) : Number(step.slice(1, -1))));
}

class KeyFilter implements RecordFilter {
  readonly key: string;
  readonly #wanted: Buffer;

  constructor(wanted: string) {
    this.key = JSON.stringify(['key', wanted]);
    this.#wanted = Buffer.from(wanted);
  }

  matches(record: RecordCursor): boolean {
    const { bytes, keyStart, keyEnd } = record;
    const wanted = this.#wanted;
    if (keyStart < 0 || keyEnd - keyStart !== wanted.length) return false;
    return bytes.compare(wanted, 0, wanted.length, keyStart, keyEnd) === 0;
  }
}

/** One or more headers that must all be there. They are checked in one pass. */
class HeaderFilter implements RecordFilter {
  readonly key: string;
  readonly wanted: readonly (readonly [string, string])[];
  readonly #names: readonly Buffer[];
  readonly #values: readonly Buffer[];

  constructor(wanted: readonly (readonly [string, string])[]) {
    this.key = JSON.stringify(['header', ...wanted.flat()]);
    this.wanted = wanted;
    this.#names = wanted.map(([name]) => Buffer.from(name));
    this.#values = wanted.map(([, value]) => Buffer.from(value));
  }

  matches(record: RecordCursor): boolean {
    if (record.headerCount === 0) return false;
    const names = this.#names;
    const values = this.#values;
    const isFound = names.map(() => false);
    let left = names.length;
    headers.open(record);
    while (left > 0 && headers.next()) {
      const { bytes, keyStart, keyEnd, valueStart, valueEnd } = headers;
      if (valueStart < 0) continue;
      for (let i = 0; i < names.length; i++) {
        if (isFound[i] || !areSame(bytes, keyStart, keyEnd, names[i]!)) continue;
        if (!areSame(bytes, valueStart, valueEnd, values[i]!)) continue;
        isFound[i] = true;
        left--;
      }
    }
    headers.bytes = NOTHING;
    return left === 0;
  }
}

function areSame(bytes: Buffer, start: number, end: number, wanted: Buffer): boolean {
  const { length } = wanted;
  if (end - start !== length) return false;
  for (let i = 0; i < length; i++) if (bytes[start + i] !== wanted[i]) return false;
  return true;
}

/** Conditions on paths in the value. A record that is not JSON matches none. */
class PathFilter implements RecordFilter {
  readonly key: string;
  readonly conditions: readonly JsonCondition[];
  readonly #all: JsonConditions;

  constructor(conditions: readonly JsonCondition[]) {
    this.key = JSON.stringify(['path', ...conditions.flatMap((one) => [one.steps, one.wanted])]);
    this.conditions = conditions;
    this.#all = new JsonConditions(conditions);
  }

  matches(record: RecordCursor): boolean {
    const { bytes, valueStart, valueEnd } = record;
    return valueStart >= 0 && this.#all.holdIn(bytes, valueStart, valueEnd);
  }
}

/** Several conditions. A record's headers are read once, and its value once. */
class AllFilter implements RecordFilter {
  readonly key: string;
  readonly #filters: readonly RecordFilter[];

  constructor(filters: readonly RecordFilter[]) {
    this.key = JSON.stringify(['all', filters.map((filter) => filter.key)]);
    const others = filters.filter((one) => one instanceof KeyFilter);
    const wanted = filters.flatMap((one) => (one instanceof HeaderFilter ? one.wanted : []));
    const conditions = filters.flatMap((one) => (one instanceof PathFilter ? one.conditions : []));
    this.#filters = [
      ...others,
      ...(wanted.length > 0 ? [new HeaderFilter(wanted)] : []),
      ...(conditions.length > 0 ? [new PathFilter(conditions)] : []),
    ];
  }

  matches(record: RecordCursor): boolean {
    for (const filter of this.#filters) if (!filter.matches(record)) return false;
    return true;
  }
}
