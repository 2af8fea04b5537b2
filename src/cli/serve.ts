import { systemClock } from '../base/clock.ts';
import { armFailPoint } from '../base/fail-point.ts';
import { logFailure } from '../base/log-failure.ts';
import { type Logger, stderrLogger } from '../base/logger.ts';
import { isWindows } from '../base/windows-files.ts';
import { Broker, type BrokerOptions } from '../broker/broker.ts';
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
  const options = {
    loaded,
    logger,
    onFatal: (error: Error) => {
      logger.error(error.message);
      process.exit(EXIT_FATAL);
    },
  };
  const { cluster } = loaded.settings;
  if (cluster?.role === 'observer') return serveObserver(options, signal);
  if (cluster !== null) return serveInCluster(options, signal);
  const broker = await Broker.start(options);
  await serveUntil(signal, broker, logger);
  await broker.close();
  return 0;
}

/** Resolves with the signal, once the broker is to stop. */
async function serveUntil(signal: Promise<string>, broker: Broker, logger: Logger): Promise<void> {
  sayReady(broker, broker.logDirs.all.map(({ path }) => path).join(','));
  const collector = new IdleCollector(
    threadHeap(() => broker.front.kafka.connectionCount),
    systemClock,
    logFailure(logger, 'giving back memory'),
  );
  collector.start();
  logger.info(`${await signal}: stopping`);
  collector.stop();
}

/** The code of clusters is loaded here and by no single node. */
async function serveInCluster(options: BrokerOptions, signal: Promise<string>): Promise<number> {
  const { ClusterNode } = await import('../broker/cluster-node.ts');
  const node = new ClusterNode(options);
  try {
    const started = await Promise.race([node.start(), signal]);
    if (started !== null && typeof started !== 'string') {
      await serveUntil(signal, started, options.logger);
    }
  } finally {
    await node.close();
  }
  return 0;
}

/** The code of clusters is loaded here and by no single node. */
async function serveObserver(options: BrokerOptions, signal: Promise<string>): Promise<number> {
  const { Observer } = await import('../broker/observer.ts');
  const observer = new Observer(options);
  try {
    const ended = await Promise.race([observer.listen(), signal]);
    if (ended === undefined) sayReady(observer, 'none');
    options.logger.info(`${await signal}: stopping`);
  } finally {
    await observer.close();
  }
  return 0;
}

interface Served {
  readonly bootstrapServers: string;
  readonly httpAddress: string;
  readonly httpEngine: string;
}

function sayReady({ bootstrapServers, httpAddress, httpEngine }: Served, data: string): void {
  const http = httpAddress === '' ? '' : ` http=${httpAddress} http-engine=${httpEngine}`;
  const elapsedMs = Math.round(performance.now());
  const place = `kafka=${bootstrapServers}${http} data=${data}`;
  process.stdout.write(`millrace ready ${place} in ${elapsedMs} ms\n`);
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
