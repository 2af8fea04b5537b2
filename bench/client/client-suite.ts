/** `npm run bench -- --suite client`: millrace's client beside others on one broker. */
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { BrokerProcess } from '../brokers/broker-process.ts';
import { kafkaClassPath, startKafka } from '../brokers/kafka.ts';
import { startMillrace } from '../brokers/millrace.ts';
import type { Row } from '../comparison.ts';
import { combine, type Figures } from '../figures.ts';
import { runLoadProcess } from '../load-process.ts';
import { figuresLine, rowLines } from '../report.ts';
import { saveRows } from '../results.ts';
import { touchMemory } from '../touch-memory.ts';
import { CLIENT_USAGE, type ClientSuiteOptions, readClientOptions } from './client-options.ts';
import { type ClientProgram, ownProgram, rivalProgram } from './client-programs.ts';
import type { ClientScenario } from './client-scenarios.ts';
import { CLIENT_SCENARIOS } from './client-scenarios.ts';
import { clientTurn } from './client-turn.ts';

/** A JVM needs its hot paths compiled before the first figure counts. */
const JVM_WARMUP_SECONDS = 10;

const note = (text: string): void => void process.stderr.write(`${text}\n`);

export async function runClientSuite(args: readonly string[]): Promise<void> {
  const options = readClientOptions(args);
  if (options === undefined) {
    const list = CLIENT_SCENARIOS.map(({ name, title }) => `  ${name.padEnd(25)}${title}`);
    process.stdout.write(`${CLIENT_USAGE}\n\n${list.join('\n')}\n`);
    return;
  }
  const folder = await mkdtemp(join(tmpdir(), 'millrace-bench-'));
  let broker: BrokerProcess | undefined;
  try {
    const programs = await programsOf(options);
    if (options.touchGib > 0) await touchMemory(options.touchGib);
    broker = await startBroker(options, folder);
    const rows: Row[] = [];
    for (const scenario of options.scenarios) {
      rows.push(...(await runScenario(scenario, programs, broker, options)));
    }
    if (options.json) process.stdout.write(`${JSON.stringify(rows, undefined, 2)}\n`);
    if (options.save) await saveRows(rows);
  } finally {
    await broker?.stop();
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

async function startBroker(options: ClientSuiteOptions, folder: string): Promise<BrokerProcess> {
  const at = join(folder, 'broker');
  if (options.broker === 'millrace') return startMillrace({ folder: at, profileFolder: '' }, {});
  const broker = await startKafka({ folder: at, classPath: await kafkaClassPath(folder) }, {});
  await runLoadProcess(broker, ['produce'], JVM_WARMUP_SECONDS, 1);
  return broker;
}

/** A B, then B A: what changes on the machine in the meantime meets all of them. */
async function runScenario(
  scenario: ClientScenario,
  programs: readonly ClientProgram[],
  broker: BrokerProcess,
  options: ClientSuiteOptions,
): Promise<Row[]> {
  const taking = programs.filter((each) => each.takesPart(scenario));
  const rounds = new Map<string, Figures[]>(taking.map(({ name }) => [name, []]));
  const count = scenario.seconds === undefined ? options.rounds : 1;
  for (let round = 0; round < count; round++) {
    for (const program of round % 2 === 0 ? taking : [...taking].reverse()) {
      const figures = await clientTurn(scenario, program, broker, options);
      rounds.get(program.name)!.push(figures);
      note(`${scenario.name} ${program.name} ${round + 1}: ${figuresLine(figures)}`);
    }
  }
  const rows = rowsOf(scenario, rounds, options);
  if (!options.json) for (const row of rows) process.stdout.write(rowLines(scenario, row));
  return rows;
}

/** A row for each rival, or one without. */
function rowsOf(
  scenario: ClientScenario,
  rounds: ReadonlyMap<string, readonly Figures[]>,
  { broker }: ClientSuiteOptions,
): Row[] {
  const names = [...rounds.keys()].filter((name) => name !== 'millrace');
  const own: Row = {
    scenario: scenario.name,
    title: scenario.title,
    millrace: combine(rounds.get('millrace')!),
    command: `npm run bench -- --suite client --broker ${broker} --only ${scenario.name}`,
  };
  if (names.length === 0) return [own];
  return names.map((name) => ({ ...own, rival: { name, figures: combine(rounds.get(name)!) } }));
}
