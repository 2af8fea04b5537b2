#!/usr/bin/env node
/** `millrace COMMAND …`: finds the command and turns errors into one line and an exit code. */
import { MillraceError, reasonOf, systemCodeOf } from '../base/errors.ts';
import { KafkaError } from '../client/errors/kafka-error.ts';
import { CommandArguments } from './command-arguments.ts';
import { commandsOf, findCommand } from './find-command.ts';
import { EXIT_FAILED, EXIT_USAGE, UsageError } from './usage-error.ts';
import { commandUsage, groupUsage, overview } from './usage-text.ts';

const HELP_WORDS: readonly (string | undefined)[] = ['--help', '-h'];

async function main(words: readonly string[]): Promise<number> {
  const [first] = words;
  if (first === undefined) {
    process.stderr.write(overview());
    return EXIT_USAGE;
  }
  if (HELP_WORDS.includes(first)) return say(overview());
  if (first === '--version') return main(['version']);
  const asksAt = words.findIndex((word) => HELP_WORDS.includes(word));
  const group = words.slice(0, Math.max(asksAt, 0)).join(' ');
  const commands = commandsOf(group);
  if (commands.length > 0 && commands.every(({ name }) => name !== group)) {
    return say(groupUsage(group));
  }
  const { command, rest } = findCommand(words);
  const end = rest.includes('--') ? rest.indexOf('--') : rest.length;
  if (rest.slice(0, end).some((word) => HELP_WORDS.includes(word))) {
    return say(commandUsage(command));
  }
  const given = CommandArguments.parse(command, rest);
  const run = await command.load();
  return run(given);
}

function say(text: string): number {
  process.stdout.write(text);
  return 0;
}

/** The reader of a pipe may leave before the end: `millrace topics list | head`. */
process.stdout.on('error', (error) => {
  // A command that listens itself closes its connections first.
  if (process.stdout.listenerCount('error') > 1) return;
  if (systemCodeOf(error) === 'EPIPE') process.exit(0);
  throw error;
});

main(process.argv.slice(2)).then(
  (code) => {
    process.exitCode = code;
  },
  (thrown: unknown) => {
    const isOurs = thrown instanceof MillraceError || thrown instanceof KafkaError;
    const known = isOurs || thrown instanceof UsageError;
    const text = known || !(thrown instanceof Error) ? reasonOf(thrown) : thrown.stack;
    process.stderr.write(`millrace: ${text}\n`);
    process.exit(thrown instanceof UsageError ? EXIT_USAGE : EXIT_FAILED);
  },
);
