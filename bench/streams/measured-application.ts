/** An application on the filled input: measured for a time, or run until it is told to end. */
import { setTimeout as sleep } from 'node:timers/promises';
import { Streams } from 'millrace/streams';
import { Stopwatch } from '../client/measure.ts';
import type { ProgramResult } from '../client/program-setup.ts';
import type { ApplicationSetup } from './application-setup.ts';
import { benchTopology, type RecordCounter } from './bench-topologies.ts';

const MIB = 1024 * 1024;
const LOOK_EVERY_MS = 20;
/** At least once commits every 30 s by default, which no turn would see. */
const COMMIT_MS = 1_000;

function application(setup: ApplicationSetup, counter: RecordCounter): Streams {
  return new Streams(benchTopology(setup, counter), {
    bootstrapServers: setup.bootstrap,
    applicationId: setup.application,
    stateDir: setup.stateDir,
    processingGuarantee: setup.guarantee,
    statestoreCacheMaxBytes: 0,
    ...(setup.guarantee === 'at_least_once' ? { commitIntervalMs: COMMIT_MS } : {}),
  });
}

/** Looks again and again until it is so; what ends the application ends the wait. */
async function until(app: Streams, isSo: () => boolean): Promise<void> {
  while (!isSo()) {
    if (app.failure !== null) throw app.failure;
    await sleep(LOOK_EVERY_MS);
  }
}

/** Ends with the time, or earlier with the input. */
export async function measureFlow(setup: ApplicationSetup): Promise<ProgramResult> {
  const counter: RecordCounter = { records: 0 };
  const app = application(setup, counter);
  await app.start();
  await until(app, () => counter.records > 0);
  await sleep(setup.warmupMs);
  const before = counter.records;
  if (before >= setup.records) throw new Error('the input ended within the warm-up');
  const watch = new Stopwatch();
  const endMs = performance.now() + setup.measureMs;
  let rssMib = 0;
  await until(app, () => {
    rssMib = Math.max(rssMib, process.memoryUsage.rss() / MIB);
    return performance.now() >= endMs || counter.records >= setup.records;
  });
  const messages = counter.records - before;
  const times = watch.read();
  await app.close();
  return { messages, ...times, total: counter.records, rssMib };
}

/** Tells after how many ms of the process the first record came in; SIGTERM closes it. */
export async function runUntilTold(setup: ApplicationSetup): Promise<void> {
  const counter: RecordCounter = { records: 0 };
  const app = application(setup, counter);
  const told = new Promise<void>((resolve) => process.once('SIGTERM', resolve));
  await app.start();
  await until(app, () => counter.records > 0);
  process.stdout.write(`${JSON.stringify({ firstMs: performance.now() })}\n`);
  await Promise.race([told, app.ended()]);
  await app.close();
  if (app.failure !== null) throw app.failure;
}
