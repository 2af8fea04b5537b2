/** What a run prints: a line for each turn, and the comparison at the end. */
import { type Row, shortNumber, verdictsOf } from './comparison.ts';
import type { Figures } from './figures.ts';
import type { RowScenario } from './scenario.ts';

/** The figures worth a place in a line, with their short names. */
const SHOWN: readonly (readonly [figure: string, label: string])[] = [
  ['timesFloorCpu', 'times the floor’s CPU'],
  ['startMs', 'start ms'],
  ['startCpuSeconds', 'CPU s to start'],
  ['killedStartMs', 'start after a kill ms'],
  ['killedStartCpuSeconds', 'CPU s after a kill'],
  ['stopMs', 'stop ms'],
  ['driverMs', 'test driver ms'],
  ['createMs', 'create ms'],
  ['idleMib', 'idle MiB'],
  ['addedMib', 'added MiB'],
  ['messagesPerSecond', 'msg/s'],
  ['restoredPerSecond', 'rows/s restored'],
  ['clientCpuUs', 'client CPU us a message'],
  ['clientRssMib', 'RSS MiB'],
  ['clientBufferMib', 'buffers MiB'],
  ['heapKibPerSecond', 'heap KiB/s'],
  ['osMessagesPerSecond', 'msg/s with os'],
  ['syncsPerSecond', 'syncs/s'],
  ['appendsPerSync', 'appends/sync'],
  ['mbPerSecond', 'MB/s'],
  ['p50Ms', 'p50'],
  ['p99Ms', 'p99'],
  ['p999Ms', 'p99.9'],
  ['maxMs', 'max ms'],
  ['reopenedMs', 'reopened ms'],
  ['caughtUpMs', 'caught up ms'],
  ['kibPerSocket', 'KiB a socket'],
  ['p99AloneMs', 'p99 alone'],
  ['p99Ratio', 'p99 ratio'],
  ['leftOver', 'left over'],
  ['franzGoJoinMs', 'franz-go ms'],
  ['franzGoConsumerJoinMs', 'franz-go (KIP-848) ms'],
  ['kafkaJsJoinMs', 'KafkaJS ms'],
  ['brokerCpuPerMillion', 'CPU s/M'],
  ['brokerCpuUsBatch', 'CPU us a batch'],
  ['brokerCpuPerGb', 'CPU s/GB'],
  ['uncommittedCpuPerGb', 'CPU s/GB read_uncommitted'],
  ['cpuRatio', 'of its CPU'],
  ['rateRatio', 'of its rate'],
  ['timerLateP50Ms', 'timer late p50'],
  ['timerLateP99Ms', 'timer late p99'],
  ['brokerCpuPercent', 'broker CPU %'],
  ['brokerPeakMib', 'peak MiB'],
  ['brokersAnonMib', 'anonymous MiB'],
  ['loadCpuSeconds', 'load CPU s'],
  ['controllerCpuSeconds', 'controllers CPU s'],
  ['otherCpuSeconds', 'other CPU s'],
];

export function figuresLine(figures: Figures): string {
  return shownOf([figures])
    .map(([figure, label]) => `${label} ${shortNumber(figures[figure]!)}`)
    .join(', ');
}

/** Those that any of them has, in the order in which they are shown. */
export function shownOf(all: readonly Figures[]): readonly (readonly [string, string])[] {
  return SHOWN.filter(([figure]) => all.some((figures) => figures[figure] !== undefined));
}

export function rowLines(scenario: RowScenario, row: Row): string {
  const lines = [`${scenario.name}: ${scenario.title}`, `  millrace  ${figuresLine(row.millrace)}`];
  const { rival, floor } = row;
  if (floor !== undefined) lines.push(`  floor     ${figuresLine(floor)}`);
  if (rival !== undefined) lines.push(`  ${rival.name.padEnd(10)}${figuresLine(rival.figures)}`);
  for (const { figure, value, bound, reached } of verdictsOf(scenario, row)) {
    const word = reached === undefined ? 'not compared' : reached ? 'reached' : 'NOT REACHED';
    const shown = value === undefined ? '-' : shortNumber(value);
    lines.push(`  ${figure}: ${shown} (wanted ${bound}): ${word}`);
  }
  return `${lines.join('\n')}\n`;
}
