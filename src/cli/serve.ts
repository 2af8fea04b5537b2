import { parseArgs } from 'node:util';
import { MillraceError, reasonOf } from '../base/errors.ts';
import { armFailPoint } from '../base/fail-point.ts';
import { stderrLogger } from '../base/logger.ts';
import { Broker } from '../broker/broker.ts';
import { loadConfig } from '../broker/config.ts';

const EXIT_FATAL = 70;
const EXIT_SECOND_SIGNAL = 130;

interface ServeArguments {
  readonly file: string | undefined;
  readonly overrides: readonly string[];
}

function parse(words: readonly string[]): ServeArguments {
  try {
    const { values, positionals } = parseArgs({
      args: [...words],
      allowPositionals: true,
      options: { override: { type: 'string', multiple: true } },
    });
    if (positionals.length > 1) throw new Error('serve takes one server.properties at most');
    return { file: positionals[0], overrides: values.override ?? [] };
  } catch (thrown) {
    throw new MillraceError('MILLRACE_BAD_ARGUMENT', reasonOf(thrown), thrown);
  }
}

/** Runs the broker until a signal stops it: the first cleanly, the second at once. */
export async function serve(words: readonly string[]): Promise<number> {
  const { file, overrides } = parse(words);
  armFailPoint(process.env.MILLRACE_FAIL_POINT);
  const loaded = loadConfig({ file, overrides });
  const logger = stderrLogger('');
  for (const warning of loaded.warnings) logger.warn(warning);
  const signal = nextSignal();
  const broker = await Broker.start({
    loaded,
    logger,
    onFatal: (error) => {
      logger.error(error.message);
      process.exit(EXIT_FATAL);
    },
  });
  const http = broker.httpAddress === '' ? '' : ` http=${broker.httpAddress}`;
  const elapsedMs = Math.round(performance.now());
  const place = `data=${broker.dataDirectory.path}`;
  process.stdout.write(
    `millrace ready kafka=${broker.bootstrapServers}${http} ${place} in ${elapsedMs} ms\n`,
  );
  logger.info(`${await signal}: stopping`);
  await broker.close();
  return 0;
}

function nextSignal(): Promise<string> {
  return new Promise((resolve) => {
    const signals = ['SIGTERM', 'SIGINT'] as const;
    let count = 0;
    for (const name of signals) {
      process.on(name, () => {
        count++;
        if (count > 1) process.exit(EXIT_SECOND_SIGNAL);
        resolve(name);
      });
    }
  });
}
