import { parseArgs } from 'node:util';
import { closestName } from '../base/closest-name.ts';
import type { CommandSpec, OptionTable } from './command.ts';
import { UsageError } from './usage-error.ts';

const NEGATIVE_NUMBER = /^-\d/;
const INTEGER = /^-?\d+$/;

interface OptionToken {
  readonly name: string;
  readonly rawName: string;
  readonly value?: string | undefined;
  /** Whether the value stands in the same word as the option. */
  readonly inlineValue?: boolean | undefined;
}

interface ParsedWords {
  readonly values: ReadonlyMap<string, readonly string[]>;
  readonly operands: readonly string[];
  /** Options that were given by their letter: `-t`, not `--topic`. */
  readonly byLetter: ReadonlySet<string>;
}

/**
 * What was given to a command: its options by name, checked against its table, and its operands.
 */
export class CommandArguments {
  readonly operands: readonly string[];
  readonly #values: ReadonlyMap<string, readonly string[]>;
  readonly #byLetter: ReadonlySet<string>;

  private constructor(parsed: ParsedWords) {
    this.operands = parsed.operands;
    this.#values = parsed.values;
    this.#byLetter = parsed.byLetter;
  }

  static parse(command: CommandSpec, words: readonly string[]): CommandArguments {
    const parsed = parseWords(command, words);
    const extra = parsed.operands[command.operandsMax];
    if (extra !== undefined) {
      throw new UsageError(`${command.name}: unexpected '${extra}'`);
    }
    return new CommandArguments(parsed);
  }

  has(name: string): boolean {
    return this.#values.has(name);
  }

  /** Whether it was given by its letter, as other programs know it: `-t`, not `--topic`. */
  hasLetterOf(name: string): boolean {
    return this.#byLetter.has(name);
  }

  text(name: string): string | undefined {
    return this.#values.get(name)?.[0];
  }

  texts(name: string): readonly string[] {
    return this.#values.get(name) ?? [];
  }

  integer(name: string, least: number = Number.MIN_SAFE_INTEGER): number | undefined {
    const text = this.text(name);
    if (text === undefined) return undefined;
    const value = Number(text);
    if (!INTEGER.test(text) || !Number.isSafeInteger(value)) {
      throw new UsageError(`--${name} ${text}: expected an integer`);
    }
    if (value < least) throw new UsageError(`--${name} ${text}: expected at least ${least}`);
    return value;
  }

  /** `--name key=value`, repeated. */
  pairs(name: string, { isTrimmed = true } = {}): Map<string, string> {
    const pairs = new Map<string, string>();
    for (const text of this.texts(name)) {
      const at = text.indexOf('=');
      if (at < 1) throw new UsageError(`--${name} ${text}: expected name=value`);
      const value = text.slice(at + 1);
      pairs.set(text.slice(0, at).trim(), isTrimmed ? value.trim() : value);
    }
    return pairs;
  }

  /** Names given as operands, by an option of the same meaning, or both. */
  names(option: string): string[] {
    return [...new Set([...this.operands, ...this.texts(option)])];
  }

  /** The one name that a command needs. */
  name(option: string): string {
    const names = this.names(option);
    if (names.length !== 1) throw new UsageError(`expected one ${option}, got ${names.length}`);
    return names[0]!;
  }
}

function parseWords(command: CommandSpec, words: readonly string[]): ParsedWords {
  const { tokens } = parseArgs({
    args: [...words],
    strict: false,
    tokens: true,
    allowPositionals: true,
    options: parserOptions(command.options),
  });
  const values = new Map<string, string[]>();
  const operands: string[] = [];
  const byLetter = new Set<string>();
  for (const token of tokens) {
    if (token.kind === 'positional') operands.push(token.value);
    if (token.kind !== 'option') continue;
    const value = checkedValue(command, token);
    const name = command.options[token.name]?.as ?? token.name;
    if (!token.rawName.startsWith('--')) byLetter.add(name);
    const list = values.get(name);
    if (list === undefined) values.set(name, [value]);
    else if (command.options[name]?.repeatable === true) list.push(value);
    else throw new UsageError(`${command.name}: ${token.rawName} is given twice`);
  }
  return { values, operands, byLetter };
}

function parserOptions(table: OptionTable) {
  return Object.fromEntries(
    Object.entries(table).map(([name, { value, short }]) => {
      const type = value === undefined ? ('boolean' as const) : ('string' as const);
      return [name, short === undefined ? { type } : { type, short }];
    }),
  );
}

/** The option's value, '' for a switch. */
function checkedValue(command: CommandSpec, token: OptionToken): string {
  const { name, rawName, value } = token;
  const option = Object.hasOwn(command.options, name) ? command.options[name] : undefined;
  if (option === undefined) {
    const closest = closestName(name, Object.keys(command.options));
    const hint = closest === null ? '' : `; did you mean --${closest}?`;
    throw new UsageError(`${command.name}: no option ${rawName}${hint}`);
  }
  if (option.value === undefined) {
    if (value === undefined) return '';
    throw new UsageError(`${command.name}: ${rawName} takes no value`);
  }
  const looksLikeOption = value?.startsWith('--') || (value?.startsWith('-') && value.length > 1);
  const isAttached = token.inlineValue === true;
  if (value === undefined || (looksLikeOption && !isAttached && !NEGATIVE_NUMBER.test(value))) {
    throw new UsageError(`${command.name}: ${rawName} needs a value: ${option.value}`);
  }
  return value;
}
