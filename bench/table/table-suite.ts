/** `npm run bench`: the table that the project is tuned for, with millrace's own client. */
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { BrokerProcess } from '../brokers/broker-process.ts';
import { KAFKA_VERSION, kafkaClassPath, missingForKafka, startKafka } from '../brokers/kafka.ts';
import { startMillrace } from '../brokers/millrace.ts';
import { compareRows, comparisonTable, type FigureCompared } from '../compare/compare-rows.ts';
import { earlierBuild } from '../compare/earlier-build.ts';
import { keptRun, notComparable } from '../compare/kept-run.ts';
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

const note = (text: string): void => void process.stderr.write(`${text}\n`);

export async function runTableSuite(args: readonly string[]): Promise<void> {
  const options = readTableOptions(args);
  if (options === undefined) {
    const rows = TABLE.map(({ name, title }) => `  ${name.padEnd(18)}${title}`);
    process.stdout.write(`${TABLE_USAGE}\n\n${rows.join('\n')}\n`);
    return;
  }
  const kept = options.compare === '' ? undefined : await keptRun(options.compare);
  if (kept !== undefined && options.with !== '') {
    compareWithKept(kept, await keptRun(options.with));
    return;
  }
  const folder = await mkdtemp(join(tmpdir(), 'millrace-bench-'));
  const others: Others = { kafka: undefined, earlier: undefined };
  try {
    if (options.baseline !== '') others.earlier = await earlierOf(options.baseline, folder);
    if (options.withKafka) others.kafka = await warmKafka(folder);
    const measured = await runRows(options, folder, others);
    const rivals = others.kafka === undefined ? [] : [`Apache Kafka ${KAFKA_VERSION}`];
    if (others.earlier !== undefined) rivals.push(`an earlier build: ${options.baseline}`);
    const origin = runOrigin(['npm run bench --', ...args].join(' '), rivals);
    const report = { origin, ...measured };
    await tell(report, options);
    if (kept !== undefined) compareWithKept(kept, report);
    if (others.earlier !== undefined)
      await compareWithEarlier(measured.rows, options, folder, others);
  } finally {
    await others.kafka?.stop();
    await rm(folder, { recursive: true, force: true });
  }
}

/** Who takes turns with this build. */
interface Others {
  kafka: BrokerProcess | undefined;
  /** The folder of an earlier build. */
  earlier: string | undefined;
}

async function earlierOf(baseline: string, folder: string): Promise<string> {
  note(`the earlier build is made ready: ${baseline}`);
  return earlierBuild(baseline, folder);
}

function compareWithKept(before: RunReport, after: RunReport): void {
  const compared = compareRows(
    rowsOfBroker(before.rows, 'millrace'),
    rowsOfBroker(after.rows, 'millrace'),
  );
  process.stdout.write(`\n${comparisonTable(compared)}`);
  const reason = notComparable(before, after);
  if (reason !== undefined) note(`${reason}; nothing is judged by that`);
  else fail(compared.filter(({ verdict }) => verdict === 'lost'));
}

/** What seems lost is measured again: what chance made once it seldom makes twice. */
async function compareWithEarlier(
  rows: readonly TableRow[],
  options: TableOptions,
  folder: string,
  others: Others,
): Promise<void> {
  const lost = lostOf(rows);
  if (lost.length === 0) return;
  const scenarios = options.scenarios.filter(({ name }) =>
    lost.some((each) => each.scenario === name),
  );
  note('what seems lost is measured again');
  const again = await runRows({ ...options, scenarios }, folder, others);
  const lostAgain = lostOf(again.rows);
  fail(lost.filter((one) => lostAgain.some((other) => isSame(one, other))));
}

function lostOf(rows: readonly TableRow[]): readonly FigureCompared[] {
  const compared = compareRows(rowsOfBroker(rows, 'earlier'), rowsOfBroker(rows, 'millrace'));
  process.stdout.write(`\n${comparisonTable(compared)}`);
  return compared.filter(({ verdict }) => verdict === 'lost');
}

function isSame(one: FigureCompared, other: FigureCompared): boolean {
  return one.scenario === other.scenario && one.figure === other.figure;
}

function fail(lost: readonly FigureCompared[]): void {
  for (const { scenario, figure } of lost) note(`lost: ${scenario}, ${figure}`);
  if (lost.length > 0) process.exitCode = 1;
}

function rowsOfBroker(rows: readonly TableRow[], broker: string): readonly TableRow[] {
  return rows.filter((row) => row.broker === broker);
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
  others: Others,
): Promise<Pick<RunReport, 'floorMib' | 'rows'>> {
  const floorMib = await bareNodeMib();
  const rows: TableRow[] = [];
  const each = 1 + (others.kafka === undefined ? 0 : 1) + (others.earlier === undefined ? 0 : 1);
  const rowMs =
    each *
    options.modes.length *
    options.rounds *
    (options.warmupMs + options.measureMs + AROUND_A_TURN_MS);
  for (const [i, scenario] of options.scenarios.entries()) {
    const leftSeconds = Math.round(((options.scenarios.length - i) * rowMs) / 1000);
    note(`${scenario.title}: ${Math.round(rowMs / 1000)} s, all that is left ${leftSeconds} s`);
    const brokers = await brokersOf(join(folder, scenario.name), others);
    try {
      rows.push(...(await rowsOf(scenario, brokers, options)));
    } finally {
      for (const broker of brokers) if (broker !== others.kafka) await broker.stop();
    }
    await rm(join(folder, scenario.name), { recursive: true, force: true });
  }
  return { floorMib, rows };
}

/** millrace and an earlier build are fresh for each row. */
async function brokersOf(folder: string, { kafka, earlier }: Others): Promise<BrokerProcess[]> {
  const brokers = [await startMillrace({ folder: join(folder, 'own'), profileFolder: '' }, {})];
  if (earlier !== undefined) {
    const node = { folder: join(folder, 'earlier'), profileFolder: '', earlier };
    brokers.push(await startMillrace(node, {}));
  }
  return kafka === undefined ? brokers : [...brokers, kafka];
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
  for (const mode of options.modes) {
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
    broker: brokers[i]!.name,
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
