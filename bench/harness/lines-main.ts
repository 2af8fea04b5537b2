/** `npm run bench -- NAME ...`: a command line, or a scenario that is a list of them. */

import { COMMANDS } from '../commands/all.ts';
import { limitsText } from '../limits/distance.ts';
import { SuiteReport } from '../page/suite-report.ts';
import { keepSuite } from '../page/write-suite.ts';
import { writeFlames } from '../profile/write-flames.ts';
import { repositoryPath } from '../repository-path.ts';
import { runOrigin } from '../run-origin.ts';
import { BEYOND_THE_TABLE } from '../scenarios/beyond-the-table.ts';
import type { TurnSeries } from '../table/turn-series.ts';
import { helpLine } from './help-line.ts';
import type { LineRow } from './line-row.ts';
import { linesTable } from './lines-table.ts';
import { Options, optionLines } from './option-table.ts';
import { commandOf, optionsOf, type PlannedLine, planLine } from './planned-line.ts';
import { type LineRun, runLines } from './run-lines.ts';
import { RUN_OPTIONS, type RunOptions, readRunOptions } from './run-options.ts';
import { soakTable } from './soak-table.ts';

const DEFAULT_SECONDS = 3;
const SOAK_SECONDS = 120;

export function isLineName(name: string | undefined): boolean {
  return (
    commandOf(name) !== undefined || BEYOND_THE_TABLE.some((scenario) => scenario.name === name)
  );
}

/** What `npm run bench -- --help` says of command lines and the scenarios made of them. */
export function linesHelp(): string {
  const commands = COMMANDS.map(({ name, summary }) => `${helpLine(name, summary)}\n`);
  const scenarios = BEYOND_THE_TABLE.map(({ name, title }) => `${helpLine(name, title)}\n`);
  return (
    `a scenario as a command line (npm run bench -- NAME --help tells its options):\n` +
    `${commands.join('')}\nscenarios that are lists of such lines:\n${scenarios.join('')}`
  );
}

export async function runLinesMain(args: readonly string[]): Promise<void> {
  if (args.includes('--help') || args.includes('-h')) {
    process.stdout.write(helpOf(args[0]!));
    return;
  }
  const run = runOf(args);
  const command = ['npm run bench --', ...args].join(' ');
  const { limits, rows } = await runLines(run, (profiles) => writePage(profiles, args, command));
  const origin = runOrigin(command, run.options.against);
  await keepSuite(SuiteReport.ofLines(args[0]!, origin, rows));
  if (run.options.json) {
    process.stdout.write(`${JSON.stringify({ origin, limits, rows }, undefined, 2)}\n`);
    return;
  }
  process.stdout.write(linesTable(rows));
  process.stdout.write(limitsText(limits));
  for (const row of rows) process.stdout.write(soakOf(row, run));
  for (const { broker, command } of rows) {
    if (broker === 'millrace') process.stderr.write(`  ${command}\n`);
  }
}

async function writePage(
  profiles: string,
  args: readonly string[],
  command: string,
): Promise<void> {
  const folder = repositoryPath('bench/out');
  const page = await writeFlames(profiles, { folder, title: args[0]!, source: command });
  if (page !== undefined) process.stderr.write(`written: ${page}\n`);
}

function helpOf(name: string): string {
  const scenario = BEYOND_THE_TABLE.find((each) => each.name === name);
  if (scenario !== undefined) {
    const lines = scenario.lines.map((line) => `  ${line}\n`);
    return `${scenario.title}\n${lines.join('')}\n${optionLines(RUN_OPTIONS)}`;
  }
  const command = commandOf(name)!;
  const usage = `usage: npm run bench -- ${name} [options]   ${command.summary}\n`;
  return usage + optionLines(optionsOf(command));
}

function runOf(args: readonly string[]): LineRun {
  const scenario = BEYOND_THE_TABLE.find(({ name }) => name === args[0]);
  let lines: readonly PlannedLine[];
  let options: RunOptions;
  if (scenario === undefined) {
    const line = planLine(args);
    lines = [line];
    options = readRunOptions(line.options);
  } else {
    options = readRunOptions(new Options(scenario.name, RUN_OPTIONS, args.slice(1)));
    lines = scenario.lines.map((text) => planLine(text.split(' ')));
  }
  const seconds = options.seconds ?? scenario?.seconds ?? DEFAULT_SECONDS;
  return { lines, options, seconds, flags: flagsOf(options, seconds) };
}

function flagsOf({ warmupSeconds, rounds, against, overrides }: RunOptions, seconds: number) {
  const rivals = against.length === 0 ? '' : ` --against ${against.join(',')}`;
  const own = Object.entries(overrides).map(([name, value]) => ` --override ${name}=${value}`);
  const times = ` --seconds ${seconds} --warmup ${warmupSeconds} --rounds ${rounds}`;
  return times + rivals + own.join('');
}

function soakOf(row: LineRow, { seconds }: LineRun): string {
  const { series } = (row.rounds[0] ?? {}) as { series?: TurnSeries };
  if (series === undefined || seconds < SOAK_SECONDS) return '';
  return `\n${row.broker}: ${row.line}\n${soakTable(series)}`;
}
