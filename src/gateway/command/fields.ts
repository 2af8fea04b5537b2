import { CommandError } from './command-error.ts';

type Json = Readonly<Record<string, unknown>>;

/**
 * The fields of a JSON object that a client sent. Reading a field checks its type. A field that is
 * missing or null counts as not given.
 */
export class Fields {
  readonly #object: Json;
  readonly #path: string;

  constructor(object: Json, path = '') {
    this.#object = object;
    this.#path = path;
  }

  static of(value: unknown, path: string): Fields {
    if (!isObject(value)) throw badValue(path, 'must be an object');
    return new Fields(value, `${path}.`);
  }

  path(name: string): string {
    return `${this.#path}${name}`;
  }

  raw(name: string): unknown {
    return Object.hasOwn(this.#object, name) ? (this.#object[name] ?? undefined) : undefined;
  }

  has(name: string): boolean {
    return this.raw(name) !== undefined;
  }

  names(): string[] {
    return Object.keys(this.#object);
  }

  text(name: string): string | undefined {
    const value = this.raw(name);
    if (value === undefined || typeof value === 'string') return value;
    throw badValue(this.path(name), 'must be a string');
  }

  requiredText(name: string): string {
    const value = this.text(name);
    if (value === undefined || value === '') throw badValue(this.path(name), 'must be given');
    return value;
  }

  flag(name: string, fallback: boolean): boolean {
    const value = this.raw(name);
    if (value === undefined) return fallback;
    if (typeof value === 'boolean') return value;
    throw badValue(this.path(name), 'must be true or false');
  }

  integer(name: string, min: number, max = Number.MAX_SAFE_INTEGER): number | undefined {
    const value = this.raw(name);
    return value === undefined ? undefined : integerOf(value, this.path(name), min, max);
  }

  requiredInteger(name: string, min: number, max = Number.MAX_SAFE_INTEGER): number {
    return integerOf(this.raw(name), this.path(name), min, max);
  }

  list(name: string): readonly unknown[] | undefined {
    const value = this.raw(name);
    if (value === undefined || Array.isArray(value)) return value;
    throw badValue(this.path(name), 'must be a list');
  }

  fields(name: string): Fields | undefined {
    const value = this.raw(name);
    return value === undefined ? undefined : Fields.of(value, this.path(name));
  }

  oneOf<Name extends string>(name: string, names: readonly Name[], fallback: Name): Name {
    const value = this.raw(name);
    if (value === undefined) return fallback;
    if (names.includes(value as Name)) return value as Name;
    throw badValue(this.path(name), `must be one of ${names.join(', ')}`);
  }
}

export function isObject(value: unknown): value is Json {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

export function integerOf(value: unknown, path: string, min: number, max: number): number {
  if (Number.isSafeInteger(value) && (value as number) >= min && (value as number) <= max) {
    return value as number;
  }
  throw badValue(path, `must be a whole number of ${min} to ${max}`);
}

export function textOf(value: unknown, path: string): string {
  if (typeof value === 'string') return value;
  throw badValue(path, 'must be a string');
}

export function badValue(path: string, what: string): CommandError {
  return new CommandError('bad_value', `${path} ${what}`, path);
}
