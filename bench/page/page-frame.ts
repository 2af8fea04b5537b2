/** What all pages have in common: one HTML file that needs nothing else and draws its plots. */
import { readFileSync } from 'node:fs';
import { repositoryPath } from '../repository-path.ts';
import type { RunOrigin } from '../run-origin.ts';
import { escaped } from './escaped.ts';
import type { Plot } from './row-plots.ts';

export interface PageParts {
  readonly title: string;
  readonly heading: string;
  readonly origin: RunOrigin;
  /** What is told besides of where the figures come from. */
  readonly facts: readonly (readonly [name: string, value: string])[];
  /** HTML; each element of the class `plots` gets the plots of its number. */
  readonly main: string;
  readonly plots: readonly (readonly Plot[])[];
}

export function pageFrame(parts: PageParts): string {
  // A "<" within the JSON could end the element that holds it.
  const plots = JSON.stringify(parts.plots).replaceAll('<', '\\u003c');
  return `<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width">
<title>${escaped(parts.title)}, ${escaped(parts.origin.at.slice(0, 10))}</title>
<style>${file('node_modules/uplot/dist/uPlot.min.css')}</style>
<style>${file('bench/page/assets/report.css')}</style>
</head>
<body>
<header>
<h1>${escaped(parts.heading)}</h1>
${originList(parts)}
</header>
<main>
${parts.main}
</main>
<script type="application/json" id="plots">${plots}</script>
<script>${file('node_modules/uplot/dist/uPlot.iife.min.js')}</script>
<script>${file('bench/page/assets/report.js')}</script>
</body>
</html>
`;
}

function originList({ origin, facts }: PageParts): string {
  const all = [
    ['when', origin.at],
    ['machine', origin.machine],
    ['node', origin.node],
    ['versions', origin.versions.join(', ')],
    ['commit', origin.commit],
    ...facts,
    ['command', origin.command],
  ] as const;
  const items = all.map(([name, value]) => `<dt>${name}</dt><dd>${escaped(value)}</dd>`);
  return `<dl class="origin">${items.join('')}</dl>`;
}

function file(path: string): string {
  return readFileSync(repositoryPath(path), 'utf8');
}
