/** What all programs of other libraries measure, and how they print it: as Application.java does. */
import { setTimeout as sleep } from 'node:timers/promises';

const MIB = 1024 * 1024;
const MICROSECONDS = 1e6;
const LOOK_EVERY_MS = 20;
const FIRST_RECORD_MS = 30_000;

/** `--name value`, one behind the other. */
export function readSetup() {
  const [, , ...args] = process.argv;
  const setup = {};
  for (let i = 0; i < args.length; i += 2) setup[args[i].slice(2)] = args[i + 1];
  return setup;
}

/** `counter.records` grows with each record that comes in. */
export async function measureFlow(setup, counter, close) {
  const warmupMs = Number(setup.warmupMs);
  const measureMs = Number(setup.measureMs);
  const endMs = performance.now() + FIRST_RECORD_MS;
  while (counter.records === 0) {
    if (performance.now() > endMs) throw new Error('it took no record within 30 s');
    await sleep(LOOK_EVERY_MS);
  }
  await sleep(warmupMs);
  const before = counter.records;
  const cpu = process.cpuUsage();
  const fromMs = performance.now();
  let rssMib = 0;
  while (performance.now() - fromMs < measureMs && counter.records < Number(setup.records)) {
    rssMib = Math.max(rssMib, process.memoryUsage.rss() / MIB);
    await sleep(LOOK_EVERY_MS);
  }
  const messages = counter.records - before;
  const seconds = (performance.now() - fromMs) / 1000;
  const { user, system } = process.cpuUsage(cpu);
  const cpuSeconds = (user + system) / MICROSECONDS;
  await close();
  const result = { messages, seconds, cpuSeconds, total: counter.records, rssMib };
  process.stdout.write(`${JSON.stringify(result)}\n`, () => process.exit(0));
}
