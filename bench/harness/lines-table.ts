/** The rows of command lines, as a terminal shows them. */
import { shortNumber } from '../comparison.ts';
import type { LineRow } from './line-row.ts';

/** Those that a row has are shown. */
const COLUMNS: readonly (readonly [figure: string, head: string])[] = [
  ['messagesPerSecond', 'msg/s'],
  ['mbPerSecond', 'MB/s'],
  ['p50Ms', 'p50 ms'],
  ['p99Ms', 'p99 ms'],
  ['p999Ms', 'p99.9 ms'],
  ['maxMs', 'max ms'],
  ['startMs', 'start ms'],
  ['stopMs', 'stop ms'],
  ['createMs', 'create ms'],
  ['idleMib', 'idle MiB'],
  ['addedMib', 'added MiB'],
  ['ofLimitPercent', '% of the limit'],
  ['timesLeastMs', 'p50, times the least'],
  ['brokerPeakMib', 'broker MiB'],
  ['brokerCpuPercent', 'broker CPU %'],
  ['brokerCpuPerMillion', 'CPU s/M'],
  ['clientCpuUs', 'client CPU us a message'],
  ['producerCpuPercent', 'producers CPU %'],
  ['consumerCpuPercent', 'consumers CPU %'],
  ['timerLateP99Ms', 'timer late p99 ms'],
  ['otherCpuSeconds', 'other CPU s'],
];

/** What all lines begin with stands above the table; columns that are 0 in all rows are left out. */
export function linesTable(rows: readonly LineRow[]): string {
  const columns = COLUMNS.filter(([figure]) =>
    rows.some((row) => (row.figures[figure] ?? 0) !== 0),
  );
  const common = commonWords(rows.map((row) => row.line));
  const head = [common, 'broker', ...columns.map(([, name]) => name)];
  const cells = rows.map((row) => [
    `${row.line.slice(common.length).trim()}${row.isDisturbed ? ' (disturbed)' : ''}`,
    row.broker,
    ...columns.map(([figure]) => cell(row, figure)),
  ]);
  const widths = head.map((name, i) =>
    Math.max(name.length, ...cells.map((row) => row[i]!.length)),
  );
  const line = (row: readonly string[]): string =>
    `| ${row.map((each, i) => (i < 2 ? each.padEnd(widths[i]!) : each.padStart(widths[i]!))).join(' | ')} |\n`;
  const rule = `|${widths.map((width, i) => '-'.repeat(width + 1) + (i < 2 ? '-' : ':')).join('|')}|\n`;
  return line(head) + rule + cells.map(line).join('');
}

/** With the spread where there were several rounds. */
function cell({ figures, spread, rounds }: LineRow, figure: string): string {
  const value = figures[figure];
  if (value === undefined) return '';
  if (rounds.length < 2) return shortNumber(value);
  return `${shortNumber(value)} ±${Math.round(50 * (spread[figure] ?? 0))}%`;
}

function commonWords(lines: readonly string[]): string {
  const words = lines[0]!.split(' ');
  const isCommon = (count: number): boolean =>
    lines.every((line) => `${line} `.startsWith(`${words.slice(0, count).join(' ')} `));
  let count = words.length;
  while (count > 0 && !isCommon(count)) count--;
  return words.slice(0, count).join(' ');
}
