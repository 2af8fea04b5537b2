import { closestName } from '../../base/closest-name.ts';
import { KafkaError } from '../errors/kafka-error.ts';

/** `lingerMs` as Kafka writes it: `linger.ms`. */
export type Dotted<Name extends string> = Name extends `${infer Head}${infer Tail}`
  ? Head extends Lowercase<Head>
    ? `${Head}${Dotted<Tail>}`
    : `.${Lowercase<Head>}${Dotted<Tail>}`
  : Name;

type RequiredKeys<T> = {
  [K in keyof T]-?: object extends Pick<T, K> ? never : K;
}[keyof T] &
  string;

type Either<T, K extends keyof T & string> =
  | { readonly [P in K]: T[P] }
  | { readonly [P in Dotted<K>]: T[K] };

/** A union of functions that is inferred from at once gives the intersection of its arguments. */
type Needed<T> = [RequiredKeys<T>] extends [never]
  ? unknown
  : { [K in RequiredKeys<T>]: (each: Either<T, K>) => void }[RequiredKeys<T>] extends (
        all: infer All,
      ) => void
    ? All
    : never;

/** Options under their names in camelCase or under Kafka's, mixed as one likes. */
export type Named<T> = {
  readonly [K in keyof T as K | Dotted<K & string>]?: T[K];
} & Needed<T>;

/** `linger.ms` in camelCase. */
export function camelName(name: string): string {
  return name.replaceAll(/\.([a-z0-9])/g, (_, letter: string) => letter.toUpperCase());
}

/**
 * The options by their names in camelCase over their defaults. A name that is not known is refused:
 * a misspelt setting would silently be the default.
 */
export function readOptions<T extends object>(given: object, defaults: T): T {
  const options = { ...defaults } as Record<string, unknown>;
  const seen = new Map<string, string>();
  for (const [typed, value] of Object.entries(given)) {
    const name = camelName(typed);
    if (!Object.hasOwn(defaults, name)) throw unknownOption(typed, Object.keys(defaults));
    const other = seen.get(name);
    if (other !== undefined) {
      throw new KafkaError('BAD_ARGUMENT', `the options '${other}' and '${typed}' are the same`);
    }
    seen.set(name, typed);
    if (value !== undefined) options[name] = value;
  }
  return options as T;
}

function unknownOption(typed: string, known: readonly string[]): KafkaError {
  const closest = closestName(camelName(typed), known);
  const hint = closest === null ? '' : `; did you mean '${closest}'?`;
  return new KafkaError('BAD_ARGUMENT', `there is no option '${typed}'${hint}`);
}

/** Throws unless the option is a whole number within the bounds. */
export function requireWhole(name: string, value: unknown, least: number, most: number): void {
  if (Number.isSafeInteger(value) && (value as number) >= least && (value as number) <= most) {
    return;
  }
  throw wrongValue(name, value, `a whole number from ${least} to ${most}`);
}

/** Throws unless the option is true or false: text such as 'false' would count as true. */
export function requireBoolean(name: string, value: unknown): void {
  if (typeof value !== 'boolean') throw wrongValue(name, value, 'true or false');
}

/** Throws unless the option is one of these texts. */
export function requireChoice(name: string, value: unknown, choices: readonly string[]): void {
  if (choices.some((each) => each === value)) return;
  const isPair = choices.length <= 2;
  throw wrongValue(name, value, isPair ? choices.join(' or ') : `one of ${choices.join(', ')}`);
}

function wrongValue(name: string, value: unknown, expected: string): KafkaError {
  const text = `option '${name}': expected ${expected}, got ${String(value)}`;
  return new KafkaError('BAD_ARGUMENT', text);
}
