/** The broker and WebSocket scenarios: `bench:kafka`, `bench:floor`, `bench:websocket`. */

import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type BenchOptions, readBenchOptions, USAGE } from './bench-options.ts';
import type { Row } from './comparison.ts';
import { besideFloor, type Figures, medianOf } from './figures.ts';
import type { Contestant } from './harness/contestant.ts';
import { contestants } from './harness/contestants.ts';
import { helpLine } from './harness/help-line.ts';
import { spreadOf, takeRounds } from './harness/rounds.ts';
import { stoppedOnce } from './harness/stopped-once.ts';
import { touchMemory } from './harness/touch-memory.ts';
import { warmUp } from './harness/warm-up.ts';
import { SuiteReport } from './page/suite-report.ts';
import { keepSuite } from './page/write-suite.ts';
import { writeFlames } from './profile/write-flames.ts';
import { profileSummary } from './profile-summary.ts';
import { figuresLine, rowLines } from './report.ts';
import { repositoryPath } from './repository-path.ts';
import { saveRows } from './results.ts';
import { runOrigin } from './run-origin.ts';
import type { Scenario } from './scenario.ts';
import { SCENARIOS } from './scenarios.ts';
import { takeTurn, wantsOwnBrokers } from './turns/run-scenario.ts';

const note = (text: string): void => void process.stderr.write(`${text}\n`);

/** Of all rounds of a scenario, so many may be repeated because others took the processors. */
const SPARE_ROUNDS = 1;

/** Each round takes its turns in the reverse of the last one's order. */
async function runScenario(
  scenario: Scenario,
  all: readonly Contestant[],
  options: BenchOptions,
): Promise<Row> {
  const taking = all.filter((who) => takesPart(who, scenario));
  const count = Math.min(options.rounds, scenario.mostRounds ?? options.rounds);
  const { kept, voided } = await takeRounds(
    taking.map(({ name }) => name),
    count,
    count > 1 ? SPARE_ROUNDS : 0,
    async (name, round) => {
      const who = taking.find((each) => each.name === name)!;
      const figures = await who.explaining(takeTurn(scenario, who, options));
      note(`${scenario.name} ${name} ${round + 1}: ${figuresLine(figures)}`);
      return { figures, result: figures };
    },
  );
  if (voided > 0)
    note(`${scenario.name}: rounds repeated, as others took the processors: ${voided}`);
  const of = (name: string): readonly Figures[] =>
    (kept.get(name) ?? []).map(({ figures }) => figures);
  const rival = taking.find(({ name }) => name !== 'millrace' && name !== 'floor')?.name;
  const flags = options.against.length === 0 ? '' : ` --against ${options.against}`;
  const times = ` --seconds ${options.seconds} --warmup ${options.warmupSeconds} --rounds ${count}`;
  const floor = kept.has('floor') ? medianOf(of('floor')) : undefined;
  return {
    scenario: scenario.name,
    title: scenario.title,
    millrace: besideFloor(medianOf(of('millrace')), floor),
    spread: spreadOf(of('millrace')),
    ...(rival === undefined
      ? {}
      : { rival: { name: rival, figures: besideFloor(medianOf(of(rival)), floor) } }),
    ...(floor === undefined ? {} : { floor }),
    command: `npm run bench --${flags} --only ${scenario.name}${times}`,
  };
}

function takesPart(who: Contestant, scenario: Scenario): boolean {
  return (
    who.name === 'millrace' || (scenario.rivals ?? ['kafka']).some((rival) => rival === who.name)
  );
}

async function runAll(options: BenchOptions, all: readonly Contestant[]): Promise<Row[]> {
  const rows: Row[] = [];
  for (const [i, scenario] of options.scenarios.entries()) {
    note(`${scenario.name}: ${scenario.title} (${i + 1} of ${options.scenarios.length})`);
    const isAlone = wantsOwnBrokers(scenario);
    for (const who of all) await (isAlone ? who.stopShared() : warmUp(who));
    const row = await runScenario(scenario, all, options);
    rows.push(row);
    if (!options.json) process.stdout.write(rowLines(scenario, row));
  }
  return rows;
}

async function tellPage(
  { suite, against }: BenchOptions,
  args: readonly string[],
  rows: readonly Row[],
): Promise<void> {
  const origin = runOrigin(['npm run bench --', ...args].join(' '), against);
  await keepSuite(SuiteReport.ofRows(suite, origin, rows, SCENARIOS));
}

export async function runBrokerSuite(args: readonly string[]): Promise<void> {
  const options = readBenchOptions(args);
  if (options === undefined) {
    const list = SCENARIOS.map(({ name, title }) => helpLine(name, title));
    process.stdout.write(`${USAGE}\n\n${list.join('\n')}\n`);
    return;
  }
  const folder = await mkdtemp(join(tmpdir(), 'millrace-bench-'));
  let all: Contestant[] = [];
  const cleanUp = async (): Promise<void> => {
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
  await stoppedOnce(async () => {
    all = await contestants(options, folder, note);
    if (options.touchGib > 0) await touchMemory(options.touchGib);
    const rows = await runAll(options, all);
    if (options.json) process.stdout.write(`${JSON.stringify(rows, undefined, 2)}\n`);
    if (options.save) await saveRows(rows);
    await tellPage(options, args, rows);
  }, cleanUp);
}
