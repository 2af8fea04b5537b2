/** A row's figures beside the table's. */
import type { TableRow } from './table-report.ts';

/** Flat out, a row must reach its rate so many times over. */
const TIMES_THE_RATE = 2;
/** What was due in the last moment may be acknowledged after the window. */
const NEARLY_THE_RATE = 0.99;

export interface Mark {
  readonly name: string;
  readonly unit: string;
  readonly value: number;
  /** Absent where the table wants nothing. */
  readonly bound?: number;
  readonly kind: 'at least' | 'at most';
  readonly holds: boolean;
  /** The table's bound is below what a Node process takes that does nothing. */
  readonly isFloor: boolean;
}

const NO_BOUND = { kind: 'at least', holds: true, isFloor: false } as const;

/** `floorMib` is what a bare Node process takes: a smaller bound is raised to it. */
export function marksOf(row: TableRow, floorMib: number): readonly Mark[] {
  const { scenario, flat, flat1k, held } = row;
  const isFloor = floorMib > scenario.memoryMib;
  const memoryMib = Math.max(scenario.memoryMib, floorMib);
  const marks: readonly Mark[] = [
    atLeast('flat out, 100 B', 'msg/s', flat.messagesPerSecond!, TIMES_THE_RATE * scenario.rate),
    { ...NO_BOUND, name: 'flat out, 1 KB', unit: 'msg/s', value: flat1k.messagesPerSecond! },
    atLeast('at the rate', 'msg/s', held.messagesPerSecond!, scenario.rate * NEARLY_THE_RATE),
    atMost('p99', 'ms', held.p99Ms!, scenario.p99Ms),
    { ...atMost('memory', 'MiB', held.brokerPeakMib!, memoryMib), isFloor },
    atMost('CPU', '% of a core', held.brokerCpuPercent!, scenario.cpuPercent),
  ];
  return marks.map((mark) => (mark.value === undefined ? notMeasured(mark) : mark));
}

/** A run of some modes only. */
function notMeasured({ name, unit }: Mark): Mark {
  return { ...NO_BOUND, name, unit, value: Number.NaN };
}

function atLeast(name: string, unit: string, value: number, bound: number): Mark {
  return { name, unit, value, bound, kind: 'at least', holds: value >= bound, isFloor: false };
}

function atMost(name: string, unit: string, value: number, bound: number): Mark {
  return { name, unit, value, bound, kind: 'at most', holds: value <= bound, isFloor: false };
}
