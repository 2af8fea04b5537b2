import type { CommandArguments } from './command-arguments.ts';
import { commandsOf, findCommand } from './find-command.ts';
import { commandUsage, groupUsage, overview } from './usage-text.ts';

export async function help(given: CommandArguments): Promise<number> {
  process.stdout.write(textFor(given.operands));
  return 0;
}

function textFor(words: readonly string[]): string {
  const [first, second] = words;
  if (first === undefined) return overview();
  const group = commandsOf(first);
  const isGroup = group.length > 0 && group.every(({ name }) => name !== first);
  if (isGroup && second === undefined) return groupUsage(first);
  return commandUsage(findCommand(words).command);
}
