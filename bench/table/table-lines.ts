/** The three command lines of a row: each is measured, and each can be typed as it stands. */
import type { TableScenario } from '../scenarios/table-scenario.ts';
import type { TableMode } from './table-report.ts';

export function lineOf({ held, flat, rate }: TableScenario, mode: TableMode): string {
  if (mode === 'held') return `${held} --rate ${rate}`;
  return mode === 'flat' ? flat : `${flat} --record-size 1KB`;
}
