import { systemClock } from '../base/clock.ts';
import { armFailPoint } from '../base/fail-point.ts';
import { logFailure } from '../base/log-failure.ts';
import { stderrLogger } from '../base/logger.ts';
import { isWindows } from '../base/windows-files.ts';
import { Broker } from '../broker/broker.ts';
import { loadConfig } from '../broker/config.ts';
import { boundSpareMemory } from '../broker/garbage.ts';
import { IdleCollector, threadHeap } from '../broker/idle-collector.ts';
import type { CommandArguments } from './command-arguments.ts';

const EXIT_FATAL = 70;
const EXIT_SECOND_SIGNAL = 130;

/** Runs the broker until a signal stops it: the first cleanly, the second at once. */
export async function serve(given: CommandArguments): Promise<number> {
  boundSpareMemory();
  armFailPoint(process.env.MILLRACE_FAIL_POINT);
  const loaded = loadConfig({ file: given.operands[0], overrides: given.texts('override') });
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
  const { httpAddress, httpEngine } = broker;
  const http = httpAddress === '' ? '' : ` http=${httpAddress} http-engine=${httpEngine}`;
  const elapsedMs = Math.round(performance.now());
  const place = `data=${broker.dataDirectory.path}`;
  process.stdout.write(
    `millrace ready kafka=${broker.bootstrapServers}${http} ${place} in ${elapsedMs} ms\n`,
  );
  const collector = new IdleCollector(
    threadHeap(() => broker.front.kafka.connectionCount),
    systemClock,
    logFailure(logger, 'giving back memory'),
  );
  collector.start();
  logger.info(`${await signal}: stopping`);
  collector.stop();
  await broker.close();
  return 0;
}

function nextSignal(): Promise<string> {
  return new Promise((resolve) => {
    // Windows sends SIGBREAK when its console closes or Ctrl+Break is pressed.
    const signals = ['SIGTERM', 'SIGINT', ...(isWindows ? ['SIGBREAK'] : [])];
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
