/** A run beside an earlier one: what got worse, and whether the run fails by that. */
import { compareRows, comparisonTable, type FigureCompared } from '../compare/compare-rows.ts';
import { notComparable } from '../compare/kept-run.ts';
import type { TableScenario } from '../scenarios/table-scenario.ts';
import type { RunReport } from './run-report.ts';
import type { TableOptions } from './table-options.ts';
import type { TableRow } from './table-report.ts';

type Note = (text: string) => void;

export function compareWithKept(before: RunReport, after: RunReport, note: Note): void {
  const compared = compareRows(
    rowsOfBroker(before.rows, 'millrace'),
    rowsOfBroker(after.rows, 'millrace'),
  );
  process.stdout.write(`\n${comparisonTable(compared)}`);
  const reason = notComparable(before, after);
  if (reason !== undefined) note(`${reason}; nothing is judged by that`);
  else
    fail(
      compared.filter(({ verdict }) => verdict === 'lost'),
      note,
    );
}

/** What seems lost is measured again: what chance made once it seldom makes twice. */
export async function compareWithEarlier(
  rows: readonly TableRow[],
  options: TableOptions,
  again: (scenarios: readonly TableScenario[]) => Promise<readonly TableRow[]>,
  note: Note,
): Promise<void> {
  const lost = lostOf(rows);
  if (lost.length === 0) return;
  const scenarios = options.scenarios.filter(({ name }) =>
    lost.some((each) => each.scenario === name),
  );
  note('what seems lost is measured again');
  const lostAgain = lostOf(await again(scenarios));
  fail(
    lost.filter((one) => lostAgain.some((other) => isSame(one, other))),
    note,
  );
}

function lostOf(rows: readonly TableRow[]): readonly FigureCompared[] {
  const compared = compareRows(rowsOfBroker(rows, 'earlier'), rowsOfBroker(rows, 'millrace'));
  process.stdout.write(`\n${comparisonTable(compared)}`);
  return compared.filter(({ verdict }) => verdict === 'lost');
}

function isSame(one: FigureCompared, other: FigureCompared): boolean {
  return one.scenario === other.scenario && one.figure === other.figure;
}

function fail(lost: readonly FigureCompared[], note: Note): void {
  for (const { scenario, figure } of lost) note(`lost: ${scenario}, ${figure}`);
  if (lost.length > 0) process.exitCode = 1;
}

function rowsOfBroker(rows: readonly TableRow[], broker: string): readonly TableRow[] {
  return rows.filter((row) => row.broker === broker);
}
