/** A command line that was read: what it does, and with what it is repeated. */
import { COMMANDS } from '../commands/all.ts';
import type { Command, TakeTurn } from './command.ts';
import { Options, type OptionTable } from './option-table.ts';
import { RUN_OPTIONS } from './run-options.ts';

export interface PlannedLine {
  /** The command and its own options, as they were given. */
  readonly text: string;
  readonly command: Command;
  readonly options: Options;
  readonly take: TakeTurn;
}

export function commandOf(name: string | undefined): Command | undefined {
  return COMMANDS.find((command) => command.name === name);
}

export function optionsOf(command: Command): OptionTable {
  return { ...command.options, ...RUN_OPTIONS };
}

/** Throws where there is no such command, or no such option, or a value does not fit. */
export function planLine(args: readonly string[]): PlannedLine {
  const command = commandOf(args[0]);
  if (command === undefined) {
    const names = COMMANDS.map(({ name }) => name).join(', ');
    throw new Error(`there is no "${args[0]}"; there are ${names}, and what --list shows`);
  }
  const options = new Options(command.name, optionsOf(command), args.slice(1));
  return { text: ownText(args, command), command, options, take: command.plan(options) };
}

/** Without the options that every line takes, which are said for all lines together. */
function ownText(args: readonly string[], { options }: Command): string {
  const kept: string[] = [args[0]!];
  for (let at = 1; at < args.length; at++) {
    const arg = args[at]!;
    const [name] = arg.replace(/^--?/, '').split('=');
    const isOwn = options[name!] !== undefined;
    const hasValue = !arg.includes('=') && args[at + 1] !== undefined && !isOption(args[at + 1]!);
    if (isOwn) kept.push(arg);
    if (!hasValue) continue;
    if (isOwn) kept.push(args[at + 1]!);
    at++;
  }
  return kept.join(' ');
}

function isOption(text: string): boolean {
  return text.startsWith('-');
}
