/** millrace's figures beside a rival's, and what the targets make of them. */
import type { Figures } from './figures.ts';
import type { RowScenario, Target } from './scenario.ts';

export interface Rival {
  readonly name: string;
  readonly figures: Figures;
}

export interface Row {
  readonly scenario: string;
  readonly title: string;
  readonly millrace: Figures;
  /** How far millrace's rounds lie apart, over the middle one. */
  readonly spread?: Figures;
  readonly rival?: Rival;
  /** Of the C program that does the least a broker can. */
  readonly floor?: Figures;
  /** How the row was made, to be repeated. */
  readonly command: string;
}

export interface Verdict {
  readonly figure: string;
  /** A ratio to the rival's figure, or the figure itself; undefined where there was no rival. */
  readonly value: number | undefined;
  readonly bound: string;
  readonly reached: boolean | undefined;
}

export function judge(target: Target, row: Row): Verdict {
  const { figure, atLeast, atMost } = target;
  const own = row.millrace[figure];
  const other = row.rival?.figures[figure];
  const ratio = own === undefined || other === undefined ? undefined : own / other;
  const value = target.of === 'fixed' ? own : ratio;
  const sign = atLeast === undefined ? '<=' : '>=';
  const bound = `${sign} ${shortNumber(atLeast ?? atMost ?? 0)}${target.of === 'rival' ? 'x' : ''}`;
  if (value === undefined) return { figure, value, bound, reached: undefined };
  const reached = atLeast === undefined ? value <= (atMost ?? 0) : value >= atLeast;
  return { figure, value, bound, reached };
}

export function verdictsOf(scenario: RowScenario, row: Row): Verdict[] {
  return scenario.targets.map((target) => judge(target, row));
}

export function shortNumber(value: number): string {
  if (!Number.isFinite(value)) return '-';
  if (Math.abs(value) >= 100) return Math.round(value).toLocaleString('en-US');
  if (Math.abs(value) >= 10) return value.toFixed(1);
  return value.toFixed(Math.abs(value) >= 0.1 || value === 0 ? 2 : 4);
}
