/** What two runs are compared by, and what is too little to speak of. */
import type { DriveResult } from '../drive/drive-result.ts';
import type { TableMode } from '../table/table-report.ts';

export interface ComparedFigure {
  readonly title: string;
  readonly mode: TableMode;
  readonly valueOf: (turn: DriveResult) => number;
  readonly better: 'more' | 'less';
  /** Of the earlier figure: a smaller change counts as none. */
  readonly leastShare: number;
  /** The same in the figure's unit, for figures near zero. */
  readonly least: number;
}

export const COMPARED_FIGURES: readonly ComparedFigure[] = [
  {
    title: 'flat out, 100 B, msg/s',
    mode: 'flat',
    valueOf: (turn) => turn.messagesPerSecond,
    better: 'more',
    leastShare: 0.1,
    least: 0,
  },
  {
    title: 'flat out, 1 KB, msg/s',
    mode: 'flat1k',
    valueOf: (turn) => turn.messagesPerSecond,
    better: 'more',
    leastShare: 0.1,
    least: 0,
  },
  {
    title: 'p99, ms',
    mode: 'held',
    valueOf: (turn) => turn.p99Ms,
    better: 'less',
    leastShare: 0.2,
    least: 0.5,
  },
  {
    title: 'memory, MiB',
    mode: 'held',
    valueOf: (turn) => turn.brokerPeakMib,
    better: 'less',
    leastShare: 0.1,
    least: 2,
  },
  {
    title: 'CPU, % of a core',
    mode: 'held',
    valueOf: (turn) => turn.brokerCpuPercent,
    better: 'less',
    leastShare: 0.1,
    least: 2,
  },
];
