import { isDeepStrictEqual } from 'node:util';
import type { RecordCursor } from '../../records/record-iterator.ts';
import { badValue, Fields, textOf } from '../socket/fields.ts';

/** Which records a subscription wants: key, header and value conditions that must all hold. */
export interface RecordFilter {
  /** Filters with the same key match the same records. */
  readonly key: string;
  matches(record: RecordCursor): boolean;
}

type PathStep = string | number;

const KINDS = ['key', 'header', 'path', 'all'] as const;
const CONDITIONS_MAX = 16;
const PATH_STEPS_MAX = 32;
const MISSING = Symbol('missing');

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
    return new PathFilter(steps, fields.raw('equals') ?? null);
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

function headerFilter(header: readonly unknown[], path: string): RecordFilter {
  if (header.length !== 2) throw badValue(path, 'must be [name, value]');
  return new HeaderFilter(textOf(header[0], `${path}.0`), textOf(header[1], `${path}.1`));
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

class HeaderFilter implements RecordFilter {
  readonly key: string;
  readonly #name: string;
  readonly #wanted: Buffer;

  constructor(name: string, wanted: string) {
    this.key = JSON.stringify(['header', name, wanted]);
    this.#name = name;
    this.#wanted = Buffer.from(wanted);
  }

  matches(record: RecordCursor): boolean {
    if (record.headerCount === 0) return false;
    for (const { key, value } of record.headers()) {
      if (key === this.#name && value !== null && this.#wanted.equals(value)) return true;
    }
    return false;
  }
}

class PathFilter implements RecordFilter {
  readonly key: string;
  readonly #steps: readonly PathStep[];
  readonly #wanted: unknown;

  constructor(steps: readonly PathStep[], wanted: unknown) {
    this.key = JSON.stringify(['path', steps, wanted]);
    this.#steps = steps;
    this.#wanted = wanted;
  }

  matches(record: RecordCursor): boolean {
    if (record.valueStart < 0) return false;
    let at = parsed(record.bytes.toString('utf8', record.valueStart, record.valueEnd));
    for (const step of this.#steps) at = stepInto(at, step);
    return at !== MISSING && isDeepStrictEqual(at, this.#wanted);
  }
}

/** Records that are no JSON match no path: that is what a filter is for. */
function parsed(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return MISSING;
  }
}

function stepInto(at: unknown, step: PathStep): unknown {
  if (typeof at !== 'object' || at === null) return MISSING;
  if (Array.isArray(at)) return typeof step === 'number' && step < at.length ? at[step] : MISSING;
  if (typeof step === 'number') return MISSING;
  return Object.hasOwn(at, step) ? (at as Record<string, unknown>)[step] : MISSING;
}

class AllFilter implements RecordFilter {
  readonly key: string;
  readonly #filters: readonly RecordFilter[];

  constructor(filters: readonly RecordFilter[]) {
    this.key = JSON.stringify(['all', filters.map((filter) => filter.key)]);
    this.#filters = filters;
  }

  matches(record: RecordCursor): boolean {
    for (const filter of this.#filters) if (!filter.matches(record)) return false;
    return true;
  }
}
