/** The rows of two runs beside each other, figure by figure. */
import { shortNumber } from '../comparison.ts';
import type { TableRow } from '../table/table-report.ts';
import { compareRounds, type RoundsCompared } from './compare-rounds.ts';
import { COMPARED_FIGURES } from './compared-figures.ts';

export interface FigureCompared extends RoundsCompared {
  readonly scenario: string;
  readonly figure: string;
}

/** Rows of scenarios that both have. */
export function compareRows(
  before: readonly TableRow[],
  after: readonly TableRow[],
): readonly FigureCompared[] {
  return after.flatMap((row) => {
    const { name } = row.scenario;
    const earlier = before.find(({ scenario }) => scenario.name === name);
    if (earlier === undefined) return [];
    return COMPARED_FIGURES.flatMap((figure) => {
      const valuesOf = ({ rounds }: TableRow) => rounds[figure.mode].map(figure.valueOf);
      const compared = compareRounds(figure, valuesOf(earlier), valuesOf(row));
      if (compared === undefined) return [];
      return [{ scenario: name, figure: figure.title, ...compared }];
    });
  });
}

export function comparisonTable(all: readonly FigureCompared[]): string {
  const head =
    '| scenario | figure | before | now | change | noise | pairs | |\n|---|---|---|---|---|---|---|---|\n';
  const lines = all.map((each) => {
    const { scenario, figure, before, after, change, noise, pairs, verdict } = each;
    const cells = [
      scenario,
      figure,
      shortNumber(before),
      shortNumber(after),
      `${change > 0 ? '+' : ''}${percent(change)}`,
      pairs < 2 ? 'not known' : percent(noise),
      String(pairs),
      verdict,
    ];
    return `| ${cells.join(' | ')} |\n`;
  });
  return head + lines.join('');
}

function percent(share: number): string {
  return `${(share * 100).toFixed(0)} %`;
}
