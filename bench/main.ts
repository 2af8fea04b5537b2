/** `npm run bench` (the table, unless a suite is named), `bench:kafka`, `bench:websocket`: the scenarios, both brokers in turn. */
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type BenchOptions, readBenchOptions, USAGE } from './bench-options.ts';
import { runClientSuite } from './client/client-suite.ts';
import type { Row } from './comparison.ts';
import type { Contestant } from './contestant.ts';
import { contestants } from './contestants.ts';
import { besideFloor, combine, type Figures } from './figures.ts';
import { isLineName, runLinesMain } from './harness/lines-main.ts';
import { runLoadProcess } from './load-process.ts';
import { profileSummary } from './profile-summary.ts';
import { figuresLine, rowLines } from './report.ts';
import { saveRows } from './results.ts';
import { takeTurn, wantsOwnBrokers } from './run-scenario.ts';
import type { Scenario } from './scenario.ts';
import { SCENARIOS } from './scenarios.ts';
import { runTableSuite } from './table/table-suite.ts';
import { touchMemory } from './touch-memory.ts';

/** A Java broker needs its hot paths compiled before the first figure counts. */
const JVM_WARMUP_SECONDS = 10;

const args = process.argv.slice(2);
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
  return who.name === 'millrace' || (scenario.rivals ?? ['kafka']).includes(who.name);
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

/** The one that is named, or else the one that the first of `--only` belongs to. */
function suiteOf(all: readonly string[]): string {
  const argumentOf = (flag: string): string | undefined => {
    const at = all.findIndex((arg) => arg === flag || arg.startsWith(`${flag}=`));
    if (at < 0) return undefined;
    return all[at]!.includes('=') ? all[at]!.slice(flag.length + 1) : all[at + 1];
  };
  const first = argumentOf('--only')?.split(',')[0];
  const isBrokers = SCENARIOS.some(({ name }) => name === first);
  return argumentOf('--suite') ?? (isBrokers ? 'broker' : 'table');
}

async function main(): Promise<void> {
  const [first] = args;
  if (first !== undefined && !first.startsWith('-')) {
    if (!isLineName(first)) throw new Error(`there is no "${first}"; --help shows what there is`);
    return runLinesMain(args);
  }
  const suite = suiteOf(args);
  if (suite === 'client') return runClientSuite(args);
  if (suite === 'table') return runTableSuite(args);
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
    if (options.profile) note(await profileSummary(join(folder, 'profiles')));
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

// Where nothing is left to wait for, the process would end as if all were well.
process.once('beforeExit', () => {
  note('bench: nothing is left to do, but the figures are not complete');
  process.exit(1);
});

main().then(
  // With the exit code that a comparison has set.
  () => process.exit(),
  (error: unknown) => {
    note(error instanceof Error ? `bench: ${error.message}` : String(error));
    process.exit(1);
  },
);
