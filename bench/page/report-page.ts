/** A run as one HTML file that needs nothing else: its figures, its plots, where they come from. */
import { shortNumber } from '../comparison.ts';
import type { RunReport } from '../table/run-report.ts';
import { type Mark, marksOf } from '../table/table-marks.ts';
import { TABLE_MODES, type TableRow } from '../table/table-report.ts';
import { escaped } from './escaped.ts';
import { pageFrame } from './page-frame.ts';
import { plotsOf } from './row-plots.ts';

export function reportPage(report: RunReport): string {
  const scenarios = [...new Set(report.rows.map(({ scenario }) => scenario.name))];
  const groups = scenarios.map((name) =>
    report.rows.filter(({ scenario }) => scenario.name === name),
  );
  return pageFrame({
    title: 'millrace: the table',
    heading: 'The table that millrace is tuned for',
    origin: report.origin,
    facts: [['a bare Node process', floorText(report)]],
    main: [summary(report), ...groups.map((rows) => section(rows, report))].join('\n'),
    plots: groups.map(plotsOf),
  });
}

function floorText({ floorMib, floorAnonymousMib }: RunReport): string {
  return `${shortNumber(floorMib)} MiB, of them ${shortNumber(floorAnonymousMib)} anonymous`;
}

function summary({ rows, floorMib }: RunReport): string {
  const names = rows.length === 0 ? [] : marksOf(rows[0]!, floorMib).map(nameWithUnit);
  const head = ['scenario', 'broker', ...names, 'other CPU, s'];
  const body = rows.map((row) => {
    const cells = [
      `<th><a href="#${row.scenario.name}">${escaped(row.scenario.title)}</a></th>`,
      `<td>${escaped(row.broker)}</td>`,
      ...marksOf(row, floorMib).map((mark) => markCell(mark, 'td')),
      `<td>${shortNumber(row.held.otherCpuSeconds ?? Number.NaN)}</td>`,
    ];
    return `<tr>${cells.join('')}</tr>`;
  });
  const titles = head.map((name) => `<th>${escaped(name)}</th>`).join('');
  return `<div class="wide"><table class="summary"><thead><tr>${titles}</tr></thead>
<tbody>${body.join('\n')}</tbody></table></div>
<p>Each figure stands above what the table wants. Flat out that is twice the table's rate; p99,
memory and CPU are those of the broker held at the rate. Memory is the broker's anonymous
memory. Where its bound is below all that a bare Node process takes, that counts, and is marked
"floor". Other CPU is what neither the broker
nor the client took while the rate was held: where it is much, the row is worth little.</p>`;
}

function section(rows: readonly TableRow[], report: RunReport): string {
  const { origin } = report;
  const { scenario, command } = rows[0]!;
  const source = [origin.machine, `node ${origin.node}`, ...origin.versions];
  const figures = rows.map((row) => {
    const cells = marksOf(row, report.floorMib).map(
      (mark) => `<div><dt>${escaped(nameWithUnit(mark))}</dt>${markCell(mark, 'dd')}</div>`,
    );
    return `<h3>${escaped(row.broker)}</h3><dl class="marks">${cells.join('')}</dl>
<p class="quiet">${escaped(spreadText(row))}</p>`;
  });
  return `<section id="${scenario.name}">
<h2>${escaped(scenario.title)}</h2>
${figures.join('\n')}
<div class="plots"></div>
<p class="source">${escaped(source.join(' · '))} · commit ${escaped(origin.commit)}<br>
<code>${escaped(command)}</code></p>
</section>`;
}

/** So that a difference is not taken for more than it is. */
function spreadText({ rounds }: TableRow): string {
  const count = Math.max(...TABLE_MODES.map((mode) => rounds[mode].length));
  if (count < 2) return 'One round: nothing is known of its spread.';
  const spread = (values: readonly number[]): string =>
    values.length === 0
      ? 'not measured'
      : `${shortNumber(Math.min(...values))} to ${shortNumber(Math.max(...values))}`;
  return (
    `The middle of ${count} rounds. ` +
    `Flat out, msg/s: ${spread(rounds.flat.map((turn) => turn.messagesPerSecond))}; ` +
    `p99, ms: ${spread(rounds.held.map((turn) => turn.p99Ms))}; ` +
    `CPU, %: ${spread(rounds.held.map((turn) => turn.brokerCpuPercent))}.`
  );
}

function nameWithUnit({ name, unit }: Mark): string {
  return `${name}, ${unit}`;
}

function markCell({ value, bound, kind, holds, isFloor }: Mark, tag: 'td' | 'dd'): string {
  if (bound === undefined) return `<${tag}>${shortNumber(value)}</${tag}>`;
  const sign = kind === 'at least' ? '≥' : '≤';
  const wanted = `${sign} ${shortNumber(bound)}${isFloor ? ' (floor)' : ''}`;
  const verdict = holds ? '<b class="good">✓' : '<b class="bad">✗';
  return `<${tag}>${verdict} ${shortNumber(value)}</b> <small>${wanted}</small></${tag}>`;
}
