/** The page of a suite: who took part side by side, what was wanted, and what was sampled. */
import { shortNumber, type Verdict } from '../comparison.ts';
import { shownOf } from '../report.ts';
import { escaped } from './escaped.ts';
import { pageFrame } from './page-frame.ts';
import { type Plot, plotsOfTurns } from './row-plots.ts';
import type { SuiteReport, SuiteSection } from './suite-report.ts';

export function suitePage({ name, origin, sections }: SuiteReport): string {
  const main = [summary(sections), ...sections.map((each) => sectionOf(each, origin.commit))];
  return pageFrame({
    title: `millrace: ${name}`,
    heading: `millrace: ${name}`,
    origin,
    facts: [],
    main: main.join('\n'),
    plots: sections.map(plotsIn),
  });
}

function plotsIn({ takers }: SuiteSection): readonly Plot[] {
  const turns = takers.flatMap(({ name, turn }, color) => {
    if (turn === undefined) return [];
    return [{ label: name, broker: name, color, dash: 'solid' as const, result: turn }];
  });
  return turns.length === 0 ? [] : plotsOfTurns(turns);
}

function summary(sections: readonly SuiteSection[]): string {
  const body = sections.map(({ name, title, verdicts }) => {
    const link = `<th><a href="#${escaped(name)}">${escaped(title)}</a></th>`;
    const told = verdicts.length === 0 ? 'nothing is wanted' : verdicts.map(verdictText).join(', ');
    return `<tr>${link}<td>${told}</td></tr>`;
  });
  return `<div class="wide"><table class="summary"><thead><tr><th>scenario</th>
<th>what is wanted of millrace</th></tr></thead><tbody>${body.join('\n')}</tbody></table></div>`;
}

function verdictText({ figure, value, bound, reached }: Verdict): string {
  const text = `${escaped(figure)} ${value === undefined ? '-' : shortNumber(value)}`;
  if (reached === undefined) return `${text} (${escaped(bound)}): not compared`;
  const mark = reached ? '<b class="good">✓' : '<b class="bad">✗';
  return `${mark} ${text}</b> (${escaped(bound)})`;
}

function sectionOf({ name, title, takers, command }: SuiteSection, commit: string): string {
  const heads = takers.map((taker) => `<th>${escaped(taker.name)}</th>`);
  const rows = shownOf(takers.map(({ figures }) => figures)).map(([figure, label]) => {
    const values = takers.map(({ figures }) => figures[figure]);
    const most = Math.max(...values.map((value) => value ?? 0));
    const cells = values.map((value, i) => barCell(value, most, i));
    return `<tr><th>${escaped(label)}</th>${cells.join('')}</tr>`;
  });
  return `<section id="${escaped(name)}">
<h2>${escaped(title)}</h2>
<div class="wide"><table class="bars"><thead><tr><th></th>${heads.join('')}</tr></thead>
<tbody>${rows.join('\n')}</tbody></table></div>
<div class="plots"></div>
<p class="source">commit ${escaped(commit)}<br>
<code>${escaped(command)}</code></p>
</section>`;
}

/** The number, and a bar as long as its share of the largest one in the line. */
function barCell(value: number | undefined, most: number, color: number): string {
  if (value === undefined) return '<td>-</td>';
  const share = most > 0 ? Math.max(0, Math.round((100 * value) / most)) : 0;
  const style = `width:${share}%;background:var(--plot-${color % 4})`;
  return `<td>${shortNumber(value)}<span class="bar" style="${style}"></span></td>`;
}
