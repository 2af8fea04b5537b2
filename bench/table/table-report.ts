/** The table beside its targets, as a terminal shows it. */
import { shortNumber } from '../comparison.ts';
import type { Figures } from '../figures.ts';
import type { TableScenario } from '../scenarios/table-scenario.ts';
import type { TableResult } from './table-result.ts';

/** Flat out, a row must reach its rate so many times over. */
const TIMES_THE_RATE = 2;

export type TableRounds = Readonly<Record<'flat' | 'flat1k' | 'held', TableResult[]>>;

export interface TableRow {
  readonly scenario: TableScenario;
  readonly broker: string;
  readonly flat: Figures;
  readonly flat1k: Figures;
  readonly held: Figures;
  readonly command: string;
  /** Of each mode the turns in the order in which they were run. */
  readonly rounds: TableRounds;
}

export const TABLE_HEAD =
  '| scenario | broker | flat out 100 B, msg/s | 1 KB, msg/s | at the rate, msg/s | p99 ms ' +
  '| memory MiB | CPU % | other CPU s |\n|---|---|---|---|---|---|---|---|---|\n';

/** `floorMib` is what a bare Node process takes: a smaller bound is raised to it. */
export function tableLine(row: TableRow, floorMib: number): string {
  const { scenario, broker, flat, flat1k, held } = row;
  const memory = Math.max(scenario.memoryMib, floorMib);
  const cells = [
    scenario.title,
    broker,
    atLeast(flat.messagesPerSecond!, TIMES_THE_RATE * scenario.rate),
    shortNumber(flat1k.messagesPerSecond!),
    // What was due in the last moment may be acknowledged after the window.
    atLeast(held.messagesPerSecond!, scenario.rate * 0.99),
    atMost(held.p99Ms!, scenario.p99Ms),
    `${atMost(held.brokerPeakMib!, memory)}${memory > scenario.memoryMib ? ' (floor)' : ''}`,
    atMost(held.brokerCpuPercent!, scenario.cpuPercent),
    shortNumber(held.otherCpuSeconds!),
  ];
  return `| ${cells.join(' | ')} |\n`;
}

function atLeast(value: number, bound: number): string {
  return `${value >= bound ? '✓' : '✗'} ${shortNumber(value)} (>= ${shortNumber(bound)})`;
}

function atMost(value: number, bound: number): string {
  return `${value <= bound ? '✓' : '✗'} ${shortNumber(value)} (<= ${shortNumber(bound)})`;
}
