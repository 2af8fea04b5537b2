import type { CommandArguments } from './command-arguments.ts';
import { commandsOf, findCommand } from './find-command.ts';
import { commandUsage, groupUsage, overview } from './usage-text.ts';

export async function help(given: CommandArguments): Promise<number> {
  process.stdout.write(textFor(given.operands));
  return 0;
}

function textFor(words: readonly string[]): string {
  if (words.length === 0) return overview();
  const group = words.join(' ');
  const commands = commandsOf(group);
  if (commands.length > 0 && commands.every(({ name }) => name !== group)) {
    return groupUsage(group);
  }
  return commandUsage(findCommand(words).command);
}
