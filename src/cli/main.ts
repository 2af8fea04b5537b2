#!/usr/bin/env node
/** `millrace COMMAND …`: finds the command and turns errors into one line and an exit code. */
import { MillraceError, reasonOf } from '../base/errors.ts';

const USAGE = `usage: millrace COMMAND [options]

  serve [server.properties] [--override name=value]…   run the broker
`;

const EXIT_USAGE = 2;
const EXIT_FAILED = 1;

async function main(words: readonly string[]): Promise<number> {
  const [command, ...rest] = words;
  if (command === 'serve') return (await import('./serve.ts')).serve(rest);
  process.stderr.write(
    command === undefined ? USAGE : `millrace: no command '${command}'\n${USAGE}`,
  );
  return EXIT_USAGE;
}

main(process.argv.slice(2)).then(
  (code) => {
    process.exitCode = code;
  },
  (thrown: unknown) => {
    const known = thrown instanceof MillraceError;
    const text = known || !(thrown instanceof Error) ? reasonOf(thrown) : thrown.stack;
    process.stderr.write(`millrace: ${text}\n`);
    process.exit(EXIT_FAILED);
  },
);
