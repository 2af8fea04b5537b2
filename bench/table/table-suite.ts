/** `npm run bench`: the table that the project is tuned for, with millrace's own client. */

import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { KAFKA_VERSION } from '../brokers/kafka.ts';
import { startMillrace } from '../brokers/millrace.ts';
import { earlierBuild } from '../compare/earlier-build.ts';
import { keptRun } from '../compare/kept-run.ts';
import { Contestant } from '../harness/contestant.ts';
import { contestants } from '../harness/contestants.ts';
import { helpLine } from '../harness/help-line.ts';
import { linesHelp } from '../harness/lines-main.ts';
import { stoppedOnce } from '../harness/stopped-once.ts';
import { limitsText } from '../limits/distance.ts';
import { measureLimits } from '../limits/limits.ts';
import { writeReport } from '../page/write-report.ts';
import { writeFlames } from '../profile/write-flames.ts';
import { repositoryPath } from '../repository-path.ts';
import { runOrigin } from '../run-origin.ts';
import { TABLE } from '../scenarios/table.ts';
import type { TableScenario } from '../scenarios/table-scenario.ts';
import { bareNode } from './bare-node.ts';
import { furtherTables } from './further-tables.ts';
import type { RunReport } from './run-report.ts';
import { compareWithEarlier, compareWithKept } from './table-comparison.ts';
import { readTableOptions, TABLE_USAGE, type TableOptions } from './table-options.ts';
import { floorText, TABLE_HEAD, type TableRow, tableLine } from './table-report.ts';
import { type TableField, TableRun } from './table-run.ts';

/** Each limit is measured for so long. */
const LIMIT_MS = 250;

const note = (text: string): void => void process.stderr.write(`${text}\n`);

export async function runTableSuite(args: readonly string[]): Promise<void> {
  const options = readTableOptions(args);
  if (options === undefined) {
    const rows = TABLE.map(({ name, title }) => `${helpLine(name, title)}\n`);
    const table = `the rows of the table:\n${rows.join('')}`;
    process.stdout.write(`${TABLE_USAGE}\n\n${table}\n${linesHelp()}`);
    return;
  }
  const kept = options.compare === '' ? undefined : await keptRun(options.compare);
  if (kept !== undefined && options.with !== '') {
    compareWithKept(kept, await keptRun(options.with), note);
    return;
  }
  const folder = await mkdtemp(join(tmpdir(), 'millrace-bench-'));
  let all: Contestant[] = [];
  const cleanUp = async (): Promise<void> => {
    for (const who of all) await who.stopAll();
    if (options.profile) await writeProfiles(join(folder, 'profiles'), args);
    await rm(folder, { recursive: true, force: true });
  };
  await stoppedOnce(async () => {
    all = await contestants({ ...options, overrides: {} }, folder, note);
    if (options.baseline !== '') all.splice(1, 0, await earlierOf(options.baseline, folder));
    const { report, field } = await runTable(options, args, folder, all);
    await tell(report, options);
    if (kept !== undefined) compareWithKept(kept, report, note);
    if (options.baseline !== '') {
      const again = (scenarios: readonly TableScenario[]): Promise<readonly TableRow[]> =>
        new TableRun({ ...options, scenarios }, field).rows();
      await compareWithEarlier(report.rows, options, again, note);
    }
  }, cleanUp);
  await furtherTables(options, note);
}

async function earlierOf(baseline: string, folder: string): Promise<Contestant> {
  note(`the earlier build is made ready: ${baseline}`);
  const earlier = await earlierBuild(baseline, folder);
  return new Contestant('earlier', folder, (at, config) =>
    startMillrace({ folder: at, profileFolder: '', earlier }, config),
  );
}

async function runTable(
  options: TableOptions,
  args: readonly string[],
  folder: string,
  all: readonly Contestant[],
): Promise<{ readonly report: RunReport; readonly field: TableField }> {
  note('a bare Node process, and the limits of this machine: 3 s');
  const { residentMib: floorMib, anonymousMib: floorAnonymousMib } = await bareNode();
  const limits = await measureLimits(folder, LIMIT_MS);
  const profileFolder = options.profile ? join(folder, 'profiles') : '';
  const field = { all, limits, profileFolder, note };
  const rows = await new TableRun(options, field).rows();
  const rivals = all.flatMap(({ name }) =>
    name === 'kafka' ? [`Apache Kafka ${KAFKA_VERSION}`] : [],
  );
  if (options.baseline !== '') rivals.push(`an earlier build: ${options.baseline}`);
  const origin = runOrigin(['npm run bench --', ...args].join(' '), rivals);
  return { report: { origin, floorMib, floorAnonymousMib, limits, rows }, field };
}

async function tell(report: RunReport, options: TableOptions): Promise<void> {
  const { floorMib, limits, rows } = report;
  if (options.json) process.stdout.write(`${JSON.stringify(report, undefined, 2)}\n`);
  else {
    process.stdout.write(TABLE_HEAD + rows.map((row) => tableLine(row, floorMib)).join(''));
    process.stdout.write(`\n${floorText(report)}\n`);
    if (limits !== undefined) process.stdout.write(limitsText(limits));
    for (const { broker, commands } of rows) {
      if (broker === 'millrace')
        for (const line of Object.values(commands ?? {})) note(`  ${line}`);
    }
  }
  for (const path of await writeReport(report, options.out)) note(`written: ${path}`);
}

async function writeProfiles(profiles: string, args: readonly string[]): Promise<void> {
  const page = {
    folder: repositoryPath('bench/out'),
    title: 'table',
    source: ['npm run bench --', ...args].join(' '),
  };
  const path = await writeFlames(profiles, page);
  if (path !== undefined) note(`written: ${path}`);
}
