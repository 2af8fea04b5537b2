/** `npm run bench -- --suite client`: millrace's client beside others on one broker. */
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Row } from '../comparison.ts';
import { type Figures, medianOf } from '../figures.ts';
import type { Contestant } from '../harness/contestant.ts';
import { helpLine } from '../harness/help-line.ts';
import { oneBroker } from '../harness/one-broker.ts';
import { spreadOf, takeRounds } from '../harness/rounds.ts';
import { touchMemory } from '../harness/touch-memory.ts';
import { SuiteReport } from '../page/suite-report.ts';
import { keepSuite } from '../page/write-suite.ts';
import { figuresLine, rowLines } from '../report.ts';
import { saveRows } from '../results.ts';
import { runOrigin } from '../run-origin.ts';
import { CLIENT_USAGE, type ClientSuiteOptions, readClientOptions } from './client-options.ts';
import { type ClientProgram, ownProgram, rivalProgram } from './client-programs.ts';
import type { ClientScenario } from './client-scenarios.ts';
import { CLIENT_SCENARIOS } from './client-scenarios.ts';
import { clientTurn } from './client-turn.ts';

/** Of all rounds of a scenario, so many may be repeated because others took the processors. */
const SPARE_ROUNDS = 1;

const note = (text: string): void => void process.stderr.write(`${text}\n`);

export async function runClientSuite(args: readonly string[]): Promise<void> {
  const options = readClientOptions(args);
  if (options === undefined) {
    const list = CLIENT_SCENARIOS.map(({ name, title }) => helpLine(name, title, 25));
    process.stdout.write(`${CLIENT_USAGE}\n\n${list.join('\n')}\n`);
    return;
  }
  const folder = await mkdtemp(join(tmpdir(), 'millrace-bench-'));
  let who: Contestant | undefined;
  try {
    const programs = await programsOf(options);
    if (options.touchGib > 0) await touchMemory(options.touchGib);
    who = await oneBroker(options.broker, folder, note);
    const rows: Row[] = [];
    for (const scenario of options.scenarios) {
      rows.push(...(await runScenario(scenario, programs, who, options)));
    }
    if (options.json) process.stdout.write(`${JSON.stringify(rows, undefined, 2)}\n`);
    if (options.save) await saveRows(rows);
    const origin = runOrigin(['npm run bench --', ...args].join(' '), [options.broker]);
    await keepSuite(SuiteReport.ofRows('client', origin, rows, CLIENT_SCENARIOS));
  } finally {
    await who?.stopAll();
    await rm(folder, { recursive: true, force: true });
  }
}

async function programsOf({ against }: ClientSuiteOptions): Promise<ClientProgram[]> {
  const programs = [ownProgram('millrace')];
  for (const name of against) {
    const found = await rivalProgram(name);
    if (typeof found !== 'string') programs.push(found);
    else note(`${name} is left out: ${found}`);
  }
  return programs;
}

/** A B, then B A: what changes on the machine in the meantime meets all of them. */
async function runScenario(
  scenario: ClientScenario,
  programs: readonly ClientProgram[],
  who: Contestant,
  options: ClientSuiteOptions,
): Promise<Row[]> {
  const taking = programs.filter((each) => each.takesPart(scenario));
  const count = scenario.seconds === undefined ? options.rounds : 1;
  const broker = await who.shared();
  const { kept } = await takeRounds(
    taking.map(({ name }) => name),
    count,
    count > 1 ? SPARE_ROUNDS : 0,
    async (name, round) => {
      const program = taking.find((each) => each.name === name)!;
      const figures = await who.explaining(clientTurn(scenario, program, broker, options));
      note(`${scenario.name} ${name} ${round + 1}: ${figuresLine(figures)}`);
      return { figures, result: figures };
    },
  );
  const rounds = new Map([...kept].map(([name, all]) => [name, all.map(({ figures }) => figures)]));
  const rows = rowsOf(scenario, rounds, options);
  if (!options.json) for (const row of rows) process.stdout.write(rowLines(scenario, row));
  return rows;
}

/** A row for each rival, or one without. */
function rowsOf(
  scenario: ClientScenario,
  rounds: ReadonlyMap<string, readonly Figures[]>,
  options: ClientSuiteOptions,
): Row[] {
  const { broker, seconds, warmupSeconds } = options;
  const names = [...rounds.keys()].filter((name) => name !== 'millrace');
  const times = `--seconds ${seconds} --warmup ${warmupSeconds} --rounds ${options.rounds}`;
  const own: Row = {
    scenario: scenario.name,
    title: scenario.title,
    millrace: medianOf(rounds.get('millrace')!),
    spread: spreadOf(rounds.get('millrace')!),
    command: `npm run bench -- --suite client --broker ${broker} --only ${scenario.name} ${times}`,
  };
  if (names.length === 0) return [own];
  return names.map((name) => ({ ...own, rival: { name, figures: medianOf(rounds.get(name)!) } }));
}
