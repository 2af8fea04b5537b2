/** `npm run bench`: the table that the project is tuned for, with millrace's own client. */
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { BrokerProcess } from '../brokers/broker-process.ts';
import { KAFKA_VERSION, kafkaClassPath, missingForKafka, startKafka } from '../brokers/kafka.ts';
import { startMillrace } from '../brokers/millrace.ts';
import { figuresOf, medianOf } from '../figures.ts';
import { runLoadProcess } from '../load-process.ts';
import { writeReport } from '../page/write-report.ts';
import { runOrigin } from '../run-origin.ts';
import { TABLE } from '../scenarios/table.ts';
import type { TableScenario } from '../scenarios/table-scenario.ts';
import { bareNodeMib } from './bare-node.ts';
import type { RunReport } from './run-report.ts';
import { readTableOptions, TABLE_USAGE, type TableOptions } from './table-options.ts';
import { TABLE_HEAD, type TableRounds, type TableRow, tableLine } from './table-report.ts';
import { tableTurn } from './table-turn.ts';

const JVM_WARMUP_SECONDS = 10;
/** Of a turn: a broker and a client start, a group is joined, a topic goes. */
const AROUND_A_TURN_MS = 1_500;
const MODES = ['flat', 'flat1k', 'held'] as const;

const note = (text: string): void => void process.stderr.write(`${text}\n`);

export async function runTableSuite(args: readonly string[]): Promise<void> {
  const options = readTableOptions(args);
  if (options === undefined) {
    const rows = TABLE.map(({ name, title }) => `  ${name.padEnd(18)}${title}`);
    process.stdout.write(`${TABLE_USAGE}\n\n${rows.join('\n')}\n`);
    return;
  }
  const folder = await mkdtemp(join(tmpdir(), 'millrace-bench-'));
  let kafka: BrokerProcess | undefined;
  try {
    if (options.withKafka) kafka = await warmKafka(folder);
    const { floorMib, rows } = await runRows(options, folder, kafka);
    const rivals = kafka === undefined ? [] : [`Apache Kafka ${KAFKA_VERSION}`];
    const origin = runOrigin(['npm run bench --', ...args].join(' '), rivals);
    await tell({ origin, floorMib, rows }, options);
  } finally {
    await kafka?.stop();
    await rm(folder, { recursive: true, force: true });
  }
}

async function warmKafka(folder: string): Promise<BrokerProcess | undefined> {
  const missing = await missingForKafka();
  if (missing !== undefined) {
    note(`kafka is left out: it cannot be had, ${missing}`);
    return undefined;
  }
  note('Apache Kafka is fetched and warmed');
  const classPath = await kafkaClassPath(folder);
  const kafka = await startKafka({ folder: join(folder, 'kafka'), classPath }, {});
  await runLoadProcess(kafka, ['produce'], JVM_WARMUP_SECONDS, 1);
  return kafka;
}

async function runRows(
  options: TableOptions,
  folder: string,
  kafka: BrokerProcess | undefined,
): Promise<Pick<RunReport, 'floorMib' | 'rows'>> {
  const floorMib = await bareNodeMib();
  const rows: TableRow[] = [];
  const each = kafka === undefined ? 1 : 2;
  const rowMs =
    each *
    MODES.length *
    options.rounds *
    (options.warmupMs + options.measureMs + AROUND_A_TURN_MS);
  for (const [i, scenario] of options.scenarios.entries()) {
    const leftSeconds = Math.round(((options.scenarios.length - i) * rowMs) / 1000);
    note(`${scenario.title}: ${Math.round(rowMs / 1000)} s, all that is left ${leftSeconds} s`);
    const own = await startMillrace({ folder: join(folder, scenario.name), profileFolder: '' }, {});
    try {
      rows.push(...(await rowsOf(scenario, kafka === undefined ? [own] : [own, kafka], options)));
    } finally {
      await own.stop();
    }
    await rm(join(folder, scenario.name), { recursive: true, force: true });
  }
  return { floorMib, rows };
}

async function tell(report: RunReport, options: TableOptions): Promise<void> {
  const { floorMib, rows } = report;
  if (options.json) process.stdout.write(`${JSON.stringify(report, undefined, 2)}\n`);
  else {
    process.stdout.write(TABLE_HEAD + rows.map((row) => tableLine(row, floorMib)).join(''));
    process.stdout.write(`\nA bare Node process takes ${Math.round(floorMib)} MiB.\n`);
    for (const { broker, command } of rows) if (broker === 'millrace') note(`  ${command}`);
  }
  for (const path of await writeReport(report, options.out)) note(`written: ${path}`);
}

/** The brokers in turn, and every second round in reverse. */
async function rowsOf(
  scenario: TableScenario,
  brokers: readonly BrokerProcess[],
  options: TableOptions,
): Promise<TableRow[]> {
  const rounds = brokers.map(() => ({ flat: [], flat1k: [], held: [] }) as TableRounds);
  for (const mode of ['held', 'flat', 'flat1k'] as const) {
    for (let round = 0; round < options.rounds; round++) {
      const order = [...brokers.keys()];
      if (round % 2 === 1) order.reverse();
      for (const i of order) {
        const rate = mode === 'held' ? scenario.rate : 0;
        const recordBytes = mode === 'flat1k' ? 1024 : 100;
        const settings = { ...options, rate, recordBytes, profileFolder: '' };
        rounds[i]![mode].push(await tableTurn(scenario, brokers[i]!, settings));
      }
    }
  }
  const command = commandOf(scenario, options);
  return rounds.map((own, i) => ({
    scenario,
    broker: i === 0 ? 'millrace' : 'kafka',
    flat: medianOf(own.flat.map(figuresOf)),
    flat1k: medianOf(own.flat1k.map(figuresOf)),
    held: medianOf(own.held.map(figuresOf)),
    command,
    rounds: own,
  }));
}

/** What makes the row again, whatever the defaults are by then. */
function commandOf({ name }: TableScenario, options: TableOptions): string {
  const { warmupMs, measureMs, rounds, withKafka } = options;
  const times = `--seconds ${measureMs / 1000} --warmup ${warmupMs / 1000} --rounds ${rounds}`;
  return `npm run bench -- --only ${name} ${times}${withKafka ? ' --against kafka' : ''}`;
}
