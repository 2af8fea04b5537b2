import { closestName } from '../base/closest-name.ts';
import type { CommandSpec } from './command.ts';
import { COMMANDS } from './command-table.ts';
import { UsageError } from './usage-error.ts';

export interface FoundCommand {
  readonly command: CommandSpec;
  /** The words behind the command's name. */
  readonly rest: readonly string[];
}

/**
 * The commands of a group such as 'topics' or 'streams groups'. A command without a group forms one
 * by itself.
 */
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
  for (const command of group) {
    const { length } = command.name.split(' ');
    if (words.slice(0, length).join(' ') === command.name) {
      return { command, rest: words.slice(length) };
    }
  }
  const isInner = commandsOf(`${first} ${second}`).length > 0;
  const [outer, next = ''] = isInner ? [`${first} ${second}`, words[2]] : [first, second];
  const inner = commandsOf(outer).map(({ name }) => name.slice(outer.length + 1));
  const names = [...new Set(inner.map((name) => name.split(' ')[0]!))];
  if (next === '' || next.startsWith('-')) {
    throw new UsageError(`${outer}: expected one of ${names.join(', ')}`);
  }
  const closest = closestName(next, names);
  throw unknown(`${outer} ${next}`, closest === null ? null : `${outer} ${closest}`);
}

function unknown(typed: string, closest: string | null): UsageError {
  const hint = closest === null ? "; 'millrace help' lists them" : `; did you mean '${closest}'?`;
  return new UsageError(`no command '${typed}'${hint}`);
}
