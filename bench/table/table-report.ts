/** The table beside its targets, as a terminal shows it. */
import { shortNumber } from '../comparison.ts';
import type { DriveResult } from '../drive/drive-result.ts';
import type { Figures } from '../figures.ts';
import type { TableScenario } from '../scenarios/table-scenario.ts';
import type { RunReport } from './run-report.ts';
import { type Mark, marksOf } from './table-marks.ts';

/** `held` is at the table's rate; flat out with records of 100 bytes, and of 1 KB. */
export const TABLE_MODES = ['held', 'flat', 'flat1k'] as const;

export type TableMode = (typeof TABLE_MODES)[number];

export type TableRounds = Readonly<Record<TableMode, DriveResult[]>>;

export interface TableRow {
  readonly scenario: TableScenario;
  readonly broker: string;
  readonly flat: Figures;
  readonly flat1k: Figures;
  readonly held: Figures;
  readonly command: string;
  /** Of each mode by itself. */
  readonly commands?: Readonly<Record<TableMode, string>>;
  /** Others took the processors while it was measured. */
  readonly isDisturbed?: boolean;
  /** Of each mode the turns in the order in which they were run. */
  readonly rounds: TableRounds;
}

export const TABLE_HEAD =
  '| scenario | broker | flat out 100 B, msg/s | 1 KB, msg/s | at the rate, msg/s | p99 ms ' +
  '| memory MiB | CPU % | 100 B of the limit | p50, times the least | other CPU s |\n' +
  '|---|---|---|---|---|---|---|---|---|---|---|\n';

export function tableLine(row: TableRow, floorMib: number): string {
  const cells = [
    `${row.scenario.title}${row.isDisturbed ? ' (disturbed)' : ''}`,
    row.broker,
    ...marksOf(row, floorMib).map(markText),
    row.flat.ofLimitPercent === undefined ? '-' : `${Math.round(row.flat.ofLimitPercent)} %`,
    shortNumber(row.held.timesLeastMs ?? Number.NaN),
    shortNumber(row.held.otherCpuSeconds ?? Number.NaN),
  ];
  return `| ${cells.join(' | ')} |\n`;
}

export function floorText({ floorMib, floorAnonymousMib }: RunReport): string {
  return (
    `A bare Node process takes ${Math.round(floorMib)} MiB, ${Math.round(floorAnonymousMib)} of ` +
    'them anonymous; a smaller bound of memory is raised to that, and marked (floor).'
  );
}

export function markText({ value, bound, kind, holds, isFloor }: Mark): string {
  if (bound === undefined) return shortNumber(value);
  const sign = kind === 'at least' ? '>=' : '<=';
  const text = `${holds ? '✓' : '✗'} ${shortNumber(value)} (${sign} ${shortNumber(bound)})`;
  return isFloor ? `${text} (floor)` : text;
}
