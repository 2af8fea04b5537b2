/** The plots of one row: each mode of each broker is a line, and the table's bound another. */
import type { DriveResult } from '../drive/drive-result.ts';
import { TABLE_MODES, type TableMode, type TableRow } from '../table/table-report.ts';
import type { TurnSeries } from '../table/turn-series.ts';
import { CURVE_POSITIONS, percentileCurve } from './percentile-curve.ts';
import { cpuOf, memoryOf, ratesOf, timesOf } from './series-lines.ts';

export interface PlotLine {
  readonly label: string;
  readonly values: readonly (number | null)[];
  /** Which of the page's colors; -1 is the one of bounds. */
  readonly color: number;
  readonly dash: 'solid' | 'dashed' | 'dotted';
}

export interface Plot {
  readonly title: string;
  readonly unit: string;
  readonly axis: 'seconds' | 'percentiles';
  readonly at: readonly number[];
  readonly lines: readonly PlotLine[];
}

const MODES = { held: 'at the rate', flat: 'flat out, 100 B', flat1k: 'flat out, 1 KB' } as const;
const DASHES = { held: 'solid', flat: 'dashed', flat1k: 'dotted' } as const;

/** What is drawn as one line of each plot. */
export interface DrawnTurn {
  readonly label: string;
  /** Whose client drove it. */
  readonly broker: string;
  readonly color: number;
  readonly dash: PlotLine['dash'];
  readonly result: DriveResult;
}

/** The plots of turns for which nothing is wanted. */
export function plotsOfTurns(turns: readonly DrawnTurn[]): readonly Plot[] {
  // A consumer of what is there already is not timed.
  const timed = turns.filter(({ result }) => result.maxMs > 0);
  return [
    overTime('Throughput', 'messages/s', turns, ratesOf),
    ...(timed.length === 0 ? [] : [percentiles('Latency percentiles', timed)]),
    cpuPlot(turns),
    overTime('Memory of the broker', 'MiB', turns, memoryOf),
  ];
}

/** `rows`: of one scenario, a row for each broker. */
export function plotsOf(rows: readonly TableRow[]): readonly Plot[] {
  const { p99Ms, memoryMib, cpuPercent } = rows[0]!.scenario;
  const all = TABLE_MODES.flatMap((mode) => turnsOf(rows, mode));
  const held = turnsOf(rows, 'held');
  return [
    overTime('Throughput', 'messages/s', all, ratesOf),
    withBound(percentiles('Latency percentiles at the rate', held), 'bound of p99', p99Ms),
    withBound(cpuPlot(held), 'bound', cpuPercent),
    withBound(overTime('Memory of the broker', 'MiB', held, memoryOf), 'bound', memoryMib),
  ];
}

/** Of several rounds the middle one: by its rate flat out, by its p99 where the rate is held. */
function turnsOf(rows: readonly TableRow[], mode: TableMode): readonly DrawnTurn[] {
  const figure = mode === 'held' ? 'p99Ms' : 'messagesPerSecond';
  return rows.flatMap(({ broker, rounds: { [mode]: taken } }, color) => {
    const rounds = [...taken].sort((one, other) => one[figure] - other[figure]);
    const result = rounds[Math.floor((rounds.length - 1) / 2)];
    const label = `${broker}, ${MODES[mode]}`;
    return result === undefined ? [] : [{ label, broker, color, dash: DASHES[mode], result }];
  });
}

function lineOf({ label, color, dash }: DrawnTurn, values: PlotLine['values']): PlotLine {
  return { label, values, color, dash };
}

function overTime(
  title: string,
  unit: string,
  turns: readonly DrawnTurn[],
  valuesOf: (series: TurnSeries, times: readonly number[]) => PlotLine['values'],
): Plot {
  const at = timesOf(turns.map(({ result }) => result.series));
  const lines = turns.map((turn) => lineOf(turn, valuesOf(turn.result.series, at)));
  return { title, unit, axis: 'seconds', at, lines };
}

function cpuPlot(turns: readonly DrawnTurn[]): Plot {
  const plot = overTime('CPU', '% of a core', turns, (series, times) =>
    cpuOf(series, 'broker', times),
  );
  const clients = turns.map(({ broker, color, result }): PlotLine => {
    const values = cpuOf(result.series, 'client', plot.at);
    return { label: `client of ${broker}`, values, color, dash: 'dotted' };
  });
  return { ...plot, lines: [...plot.lines, ...clients] };
}

function percentiles(title: string, turns: readonly DrawnTurn[]): Plot {
  const lines = turns.map((turn) => lineOf(turn, percentileCurve(turn.result.histogram)));
  const at = CURVE_POSITIONS;
  const known = at.findLastIndex((_, i) => lines.some(({ values }) => values[i] !== null)) + 1;
  return {
    title,
    unit: 'ms',
    axis: 'percentiles',
    at: at.slice(0, known),
    lines: lines.map((line) => ({ ...line, values: line.values.slice(0, known) })),
  };
}

function withBound(plot: Plot, label: string, bound: number): Plot {
  const values = plot.at.map(() => bound);
  return { ...plot, lines: [...plot.lines, { label, values, color: -1, dash: 'dashed' }] };
}
