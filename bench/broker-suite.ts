/** The broker and WebSocket scenarios: `bench:kafka`, `bench:floor`, `bench:websocket`. */
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type BenchOptions, readBenchOptions, USAGE } from './bench-options.ts';
import type { Row } from './comparison.ts';
import type { Contestant } from './contestant.ts';
import { contestants } from './contestants.ts';
import { besideFloor, combine, type Figures } from './figures.ts';
import { runLoadProcess } from './load-process.ts';
import { writeFlames } from './profile/write-flames.ts';
import { profileSummary } from './profile-summary.ts';
import { figuresLine, rowLines } from './report.ts';
import { repositoryPath } from './repository-path.ts';
import { saveRows } from './results.ts';
import { takeTurn, wantsOwnBrokers } from './run-scenario.ts';
import type { Scenario } from './scenario.ts';
import { SCENARIOS } from './scenarios.ts';
import { touchMemory } from './touch-memory.ts';

/** A Java broker needs its hot paths compiled before the first figure counts. */
const JVM_WARMUP_SECONDS = 10;

const note = (text: string): void => void process.stderr.write(`${text}\n`);

async function warmUp(who: Contestant): Promise<void> {
  const broker = await who.shared();
  if (who.name === 'kafka') await runLoadProcess(broker, ['produce'], JVM_WARMUP_SECONDS, 1);
}

/** A B A B: so that what changes on the machine in the meantime meets both. */
async function runScenario(
  scenario: Scenario,
  all: readonly Contestant[],
  options: BenchOptions,
): Promise<Row> {
  const rounds: Record<string, Figures[]> = {};
  const taking = all.filter((who) => takesPart(who, scenario));
  const count = Math.min(options.rounds, scenario.mostRounds ?? options.rounds);
  for (let round = 0; round < count; round++) {
    for (const who of taking) {
      const figures = await who.explaining(takeTurn(scenario, who, options));
      rounds[who.name] = [...(rounds[who.name] ?? []), figures];
      note(`${scenario.name} ${who.name} ${round + 1}: ${figuresLine(figures)}`);
    }
  }
  const rival = taking.find(({ name }) => name !== 'millrace' && name !== 'floor')?.name;
  const flags = options.against.length === 0 ? '' : ` --against ${options.against}`;
  const floor = rounds.floor === undefined ? undefined : combine(rounds.floor);
  return {
    scenario: scenario.name,
    title: scenario.title,
    millrace: besideFloor(combine(rounds.millrace ?? []), floor),
    ...(rival === undefined
      ? {}
      : { rival: { name: rival, figures: besideFloor(combine(rounds[rival] ?? []), floor) } }),
    ...(floor === undefined ? {} : { floor }),
    command: `npm run bench --${flags} --only ${scenario.name}`,
  };
}

function takesPart(who: Contestant, scenario: Scenario): boolean {
  return who.name === 'millrace' || (scenario.rivals ?? ['kafka']).some((rival) => rival === who.name);
}

async function runAll(options: BenchOptions, all: readonly Contestant[]): Promise<Row[]> {
  const rows: Row[] = [];
  let warm = false;
  for (const scenario of options.scenarios) {
    if (wantsOwnBrokers(scenario)) {
      for (const who of all) await who.stopShared();
      warm = false;
    } else if (!warm) {
      for (const who of all) await warmUp(who);
      warm = true;
    }
    const row = await runScenario(scenario, all, options);
    rows.push(row);
    if (!options.json) process.stdout.write(rowLines(scenario, row));
  }
  return rows;
}

export async function runBrokerSuite(args: readonly string[]): Promise<void> {
  const options = readBenchOptions(args);
  if (options === undefined) {
    const list = SCENARIOS.map(({ name, title }) => `  ${name.padEnd(20)}${title}`);
    process.stdout.write(`${USAGE}\n\n${list.join('\n')}\n`);
    return;
  }
  const folder = await mkdtemp(join(tmpdir(), 'millrace-bench-'));
  let all: Contestant[] = [];
  let stopping = false;
  const stop = async (): Promise<void> => {
    if (stopping) return;
    stopping = true;
    for (const who of all) await who.stopAll();
    if (options.profile) {
      note(await profileSummary(join(folder, 'profiles', 'broker')));
      const source = ['npm run bench --', ...args].join(' ');
      const title = options.scenarios.map(({ name }) => name).join(' ');
      const out = repositoryPath('bench/out');
      const page = await writeFlames(join(folder, 'profiles'), { folder: out, title, source });
      if (page !== undefined) note(`written: ${page}`);
    }
    await rm(folder, { recursive: true, force: true });
  };
  for (const signal of ['SIGINT', 'SIGTERM'] as const) {
    process.once(signal, () => void stop().then(() => process.exit(1)));
  }
  try {
    all = await contestants(options, folder, note);
    if (options.touchGib > 0) await touchMemory(options.touchGib);
    const rows = await runAll(options, all);
    if (options.json) process.stdout.write(`${JSON.stringify(rows, undefined, 2)}\n`);
    if (options.save) await saveRows(rows);
  } finally {
    await stop();
  }
}
