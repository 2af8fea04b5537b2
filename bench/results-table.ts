/** The tables of bench/README.md. */
import { type Row, shortNumber, verdictsOf } from './comparison.ts';
import type { Figures } from './figures.ts';
import type { RowScenario } from './scenario.ts';
import { SCENARIOS } from './scenarios.ts';

const HEAD = [
  '| scenario | load | millrace | rival | ratio, and what is wanted |',
  '|---|---|---|---|---|',
];

const ALL_RIVALS_HEAD = [
  '| scenario | load | millrace | others, the same minute | what is wanted |',
  '|---|---|---|---|---|',
];

export interface Results {
  readonly machine: string;
  readonly node: string;
  readonly rows: readonly Row[];
}

export function renderTable(results: Results): string {
  // A cleaner at work has its own budget, log.cleaner.dedupe.buffer.size.
  const loads = results.rows.filter((row) => row.scenario !== 'compaction-beside');
  const peak = (figuresOf: (row: Row) => Figures | undefined): string =>
    shortNumber(Math.max(0, ...loads.map((row) => figuresOf(row)?.brokerPeakMib ?? 0)));
  const own = peak((row) => row.millrace);
  const rival = peak((row) => row.rival?.figures);
  return [
    machineLine(results),
    '',
    ...HEAD,
    ...results.rows.map((row) => tableRow(scenarioOf(row), row, [row])),
    `| all but the compaction | anonymous memory, highest under any load, MiB | ${own} | ${rival} | <= 160 |`,
    '',
  ].join('\n');
}

function machineLine({ machine, node }: Results): string {
  return `${machine}, Node ${node}; load generator and broker share the cores.`;
}

/** A line for each scenario, with all the others that ran it. */
export function renderAllRivals(results: Results, scenarios: readonly RowScenario[]): string {
  const lines = scenarios.flatMap((scenario) => {
    const rows = results.rows.filter((row) => row.scenario === scenario.name);
    return rows.length === 0 ? [] : [tableRow(scenario, rows.at(-1)!, rows)];
  });
  return [machineLine(results), '', ...ALL_RIVALS_HEAD, ...lines, ''].join('\n');
}

function scenarioOf(row: Row): RowScenario | undefined {
  return SCENARIOS.find(({ name }) => name === row.scenario);
}

/** `all`: the same scenario beside other rivals. */
function tableRow(scenario: RowScenario | undefined, row: Row, all: readonly Row[]): string {
  const verdicts = scenario === undefined ? [] : verdictsOf(scenario, row);
  const told = verdicts.map(({ figure, value, bound, reached }) => {
    const mark = reached === false ? ' **missed**' : '';
    return `${figure} ${value === undefined ? '-' : shortNumber(value)} (${bound})${mark}`;
  });
  const others = all.flatMap(({ rival }) => {
    return rival === undefined ? [] : [`${rival.name}: ${cell(rival.figures)}`];
  });
  if (row.floor !== undefined) others.unshift(`floor: ${cell(row.floor)}`);
  const other = others.length === 0 ? '-' : others.join('; ');
  const cells = [`\`${row.scenario}\``, row.title, cell(row.millrace), other, told.join('; ')];
  return `| ${cells.join(' | ')} |`;
}

const PARTS: readonly (readonly [figure: string, unit: string])[] = [
  ['timesFloorCpu', 'times the floor’s CPU'],
  ['startMs', 'ms to start'],
  ['startCpuSeconds', 'CPU s to start'],
  ['killedStartMs', 'ms to start after a kill'],
  ['killedStartCpuSeconds', 'CPU s after a kill'],
  ['idleMib', 'MiB idle'],
  ['addedMib', 'MiB added'],
  ['messagesPerSecond', 'msg/s'],
  ['restoredPerSecond', 'rows/s restored'],
  ['clientCpuUs', 'us of client CPU'],
  ['clientRssMib', 'MiB RSS'],
  ['clientBufferMib', 'MiB of buffers'],
  ['heapKibPerSecond', 'KiB/s of heap growth'],
  ['osMessagesPerSecond', 'msg/s with `os`'],
  ['appendsPerSync', 'appends a sync'],
  ['mbPerSecond', 'MB/s'],
  ['p50Ms', 'ms p50'],
  ['p99Ms', 'ms p99'],
  ['p99AloneMs', 'ms p99 alone'],
  ['caughtUpMs', 'ms to catch up'],
  ['kibPerSocket', 'KiB a socket'],
  ['leftOver', 'of the bytes left'],
  ['franzGoJoinMs', 'ms franz-go'],
  ['franzGoConsumerJoinMs', 'ms franz-go (KIP-848)'],
  ['kafkaJsJoinMs', 'ms KafkaJS'],
  ['brokerCpuPerMillion', 'CPU s/M'],
  ['uncommittedCpuPerGb', 'CPU s/GB read_uncommitted'],
  ['cpuRatio', 'of its CPU'],
  ['rateRatio', 'of its rate'],
  ['otherCpuSeconds', 's of other CPU'],
];

function cell(figures: Figures): string {
  return PARTS.filter(([figure]) => figures[figure] !== undefined)
    .map(([figure, unit]) => `${shortNumber(figures[figure]!)} ${unit}`)
    .join(', ');
}
