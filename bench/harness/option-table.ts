/** The options of a command: read with clear errors, and listed for `--help`. */
import { parseArgs } from 'node:util';

interface OptionHelp {
  readonly help: string;
}

/** What an option takes, and what it is without being given. */
export type Option = OptionHelp &
  (
    | { readonly takes: 'flag' }
    | { readonly takes: 'text' | 'texts'; readonly unless?: string }
    | { readonly takes: 'number'; readonly unless: number; readonly least: number }
    | {
        readonly takes: 'whole' | 'bytes';
        readonly unless: number;
        readonly least: number;
        readonly most: number;
      }
    | { readonly takes: 'wholes'; readonly unless: string; readonly most: number }
    | { readonly takes: 'choice'; readonly unless: string; readonly choices: readonly string[] }
  );

export type OptionTable = Readonly<Record<string, Option>>;

const UNITS: Readonly<Record<string, number>> = { '': 1, b: 1, kb: 1024, mb: 1024 * 1024 };

/** A command's options as they were given. */
export class Options {
  readonly #table: OptionTable;
  readonly #values: Readonly<Record<string, string | boolean | string[] | undefined>>;
  readonly #command: string;

  constructor(command: string, table: OptionTable, args: readonly string[]) {
    this.#command = command;
    this.#table = table;
    const options = Object.fromEntries(
      Object.entries(table).map(([name, { takes }]) => [
        name,
        {
          type: takes === 'flag' ? ('boolean' as const) : ('string' as const),
          multiple: takes === 'texts',
          ...(name === 'output' ? { short: 'o' } : {}),
          ...(name === 'help' ? { short: 'h' } : {}),
        },
      ]),
    );
    try {
      this.#values = parseArgs({ args: [...args], options }).values as Record<string, string>;
    } catch (error) {
      const [what] = (error as Error).message.split('. To specify');
      throw this.#bad(what!);
    }
    for (const name of Object.keys(table)) this.#check(name);
  }

  flag(name: string): boolean {
    return this.#values[name] === true;
  }

  isGiven(name: string): boolean {
    return this.#values[name] !== undefined;
  }

  text(name: string): string {
    const option = this.#table[name] as { unless?: string | number };
    return String(this.#values[name] ?? option.unless ?? '');
  }

  texts(name: string): readonly string[] {
    return (this.#values[name] ?? []) as string[];
  }

  number(name: string): number {
    const option = this.#table[name]!;
    const text = this.text(name);
    if (option.takes !== 'bytes') return Number(text);
    const [, digits, unit] = /^([\d.]+)\s*([a-z]*)$/i.exec(text) ?? [];
    return Number(digits) * (UNITS[(unit ?? '?').toLowerCase()] ?? Number.NaN);
  }

  numbers(name: string): readonly number[] {
    return this.text(name).split(',').map(Number);
  }

  #check(name: string): void {
    const option = this.#table[name]!;
    const { takes } = option;
    if (takes === 'choice' && !option.choices.includes(this.text(name))) {
      throw this.#bad(`--${name} is one of ${option.choices.join(', ')}, not "${this.text(name)}"`);
    }
    if (takes === 'wholes') {
      const isBad = (value: number): boolean =>
        !Number.isSafeInteger(value) || value < 0 || value > option.most;
      if (this.numbers(name).some(isBad)) {
        const what = `whole numbers up to ${option.most} with commas`;
        throw this.#bad(`--${name} takes ${what}, not "${this.text(name)}"`);
      }
    }
    if (takes !== 'number' && takes !== 'whole' && takes !== 'bytes') return;
    const value = this.number(name);
    const most = 'most' in option ? option.most : Number.POSITIVE_INFINITY;
    const isWhole = takes === 'number' || Number.isSafeInteger(value);
    if (isWhole && value >= option.least && value <= most) return;
    const what = takes === 'number' ? 'a number' : 'a whole number';
    const range = Number.isFinite(most)
      ? `from ${option.least} to ${most}`
      : `of at least ${option.least}`;
    const units = takes === 'bytes' ? ' (KB and MB may be said)' : '';
    throw this.#bad(`--${name} takes ${what} ${range}${units}, not "${this.text(name)}"`);
  }

  #bad(what: string): Error {
    return new Error(`${this.#command}: ${what}; \`${this.#command} --help\` tells what there is`);
  }
}

/** One line for each option. */
export function optionLines(table: OptionTable): string {
  return Object.entries(table)
    .map(([name, option]) => {
      const unless = 'unless' in option && option.unless !== '' ? ` (${option.unless})` : '';
      const told = option.takes === 'choice' ? option.choices.join('|') : shown(option.takes);
      return `  ${`--${name} ${told}`.padEnd(34)}${option.help}${unless}\n`;
    })
    .join('');
}

function shown(takes: Option['takes']): string {
  if (takes === 'flag') return '';
  if (takes === 'text' || takes === 'texts') return 'TEXT';
  return takes === 'wholes' ? 'N[,N]' : 'N';
}
