/** An application on the filled input: measured for a time, or run until it is told to end. */
import { setTimeout as sleep } from 'node:timers/promises';
import { Streams, type StreamsOptions } from 'millrace/streams';
import { Stopwatch } from '../client/measure.ts';
import type { ProgramResult } from '../client/program-setup.ts';
import type { ApplicationSetup } from './application-setup.ts';
import { benchTopology, type RecordCounter } from './bench-topologies.ts';

const MIB = 1024 * 1024;
const LOOK_EVERY_MS = 20;
/** At least once commits every 30 s by default, which no turn would see. */
const COMMIT_MS = 1_000;

/** A commit lies within. */
const COMMITS_MS = 1_500;

const print = (line: object): void => void process.stdout.write(`${JSON.stringify(line)}\n`);

function application(
  setup: ApplicationSetup,
  counter: RecordCounter,
  more: Partial<StreamsOptions> = {},
): Streams {
  return new Streams(benchTopology(setup, counter), {
    bootstrapServers: setup.bootstrap,
    applicationId: setup.application,
    stateDir: setup.stateDir,
    processingGuarantee: setup.guarantee,
    statestoreCacheMaxBytes: 0,
    ...(setup.guarantee === 'at_least_once' ? { commitIntervalMs: COMMIT_MS } : {}),
    ...more,
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
  const told = untilTold();
  await app.start();
  await until(app, () => counter.records > 0);
  print({ firstMs: performance.now() });
  await endedWell(app, told);
}

/** Tells when it runs; nothing that it sends lingers. SIGTERM closes it. */
export async function runWithoutLinger(setup: ApplicationSetup): Promise<void> {
  const app = application(setup, { records: 0 }, { producer: { lingerMs: 0 } });
  const told = untilTold();
  await app.start();
  print({ runningMs: performance.now() });
  await endedWell(app, told);
}

/** Tells when it has taken all rows of the table, and committed them. */
export async function readRows(setup: ApplicationSetup): Promise<void> {
  const counter: RecordCounter = { records: 0 };
  const app = application(setup, counter);
  const told = untilTold();
  await app.start();
  await until(app, () => counter.records >= setup.records);
  await sleep(COMMITS_MS);
  print({ rows: counter.records });
  await endedWell(app, told);
}

/** Tells when it runs, how many rows it restored, and for how long rows came. */
export async function restoreRows(setup: ApplicationSetup): Promise<void> {
  const app = application(setup, { records: 0 });
  const told = untilTold();
  let fromMs = 0;
  const looking = setInterval(() => {
    if (fromMs === 0 && app.restoredRows > 0) fromMs = performance.now();
  }, 1);
  await app.start();
  const runningMs = performance.now();
  clearInterval(looking);
  const { restoredRows } = app;
  print({ runningMs, restoredRows, restoreMs: fromMs === 0 ? 0 : runningMs - fromMs });
  await endedWell(app, told);
}

function untilTold(): Promise<void> {
  return new Promise((resolve) => process.once('SIGTERM', resolve));
}

async function endedWell(app: Streams, told: Promise<void>): Promise<void> {
  await Promise.race([told, app.ended()]);
  await app.close();
  if (app.failure !== null) throw app.failure;
}
