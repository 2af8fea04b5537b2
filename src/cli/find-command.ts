import { closestName } from '../base/closest-name.ts';
import type { CommandSpec } from './command.ts';
import { COMMANDS } from './command-table.ts';
import { UsageError } from './usage-error.ts';

export interface FoundCommand {
  readonly command: CommandSpec;
  /** The words behind the command's name. */
  readonly rest: readonly string[];
}

/** The commands of a group such as 'topics'; a command without a group forms a group by itself. */
export function commandsOf(group: string): CommandSpec[] {
  return COMMANDS.filter(({ name }) => name === group || name.startsWith(`${group} `));
}

/** The command that the words begin with; throws and suggests a near one where there is none. */
export function findCommand(words: readonly string[]): FoundCommand {
  const [first = '', second = ''] = words;
  const group = commandsOf(first);
  if (group.length === 0) {
    const groups = new Set(COMMANDS.map(({ name }) => name.split(' ')[0]!));
    throw unknown(first, closestName(first, groups));
  }
  const single = group.find(({ name }) => name === first);
  if (single !== undefined) return { command: single, rest: words.slice(1) };
  const command = group.find(({ name }) => name === `${first} ${second}`);
  if (command !== undefined) return { command, rest: words.slice(2) };
  const names = group.map(({ name }) => name.slice(first.length + 1));
  if (second === '' || second.startsWith('-')) {
    throw new UsageError(`${first}: expected one of ${names.join(', ')}`);
  }
  const closest = closestName(second, names);
  throw unknown(`${first} ${second}`, closest === null ? null : `${first} ${closest}`);
}

function unknown(typed: string, closest: string | null): UsageError {
  const hint = closest === null ? "; 'millrace help' lists them" : `; did you mean '${closest}'?`;
  return new UsageError(`no command '${typed}'${hint}`);
}
