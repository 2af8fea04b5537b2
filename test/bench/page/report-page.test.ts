import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { writeReport } from '../../../bench/page/write-report.ts';
import { Unavailable } from '../../conformance/lib/cache.mjs';
import { Chromium } from '../../conformance/lib/chromium.mjs';
import { fixtureRun } from './fixture-run.ts';

const LOAD_MS = 10_000;

/** For each plot its title, its lines' names, and how many pixels are drawn in how many colors. */
const PLOTS = `[...document.querySelectorAll('.uplot')].map((plot) => {
  const canvas = plot.querySelector('canvas');
  const { data } = canvas.getContext('2d').getImageData(0, 0, canvas.width, canvas.height);
  const counts = new Map();
  for (let at = 0; at < data.length; at += 4) {
    if (data[at + 3] < 255) continue;
    const color = data[at] + ',' + data[at + 1] + ',' + data[at + 2];
    counts.set(color, (counts.get(color) ?? 0) + 1);
  }
  return {
    section: plot.closest('section').id,
    title: plot.querySelector('.u-title').textContent,
    lines: [...plot.querySelectorAll('.u-legend .u-series th')].map((each) => each.textContent),
    colors: [...counts].filter(([, count]) => count > 40).map(([color]) => color),
  };
})`;
const GROUND = 'getComputedStyle(document.body).backgroundColor';
const BLUE = { light: '47,111,222', dark: '106,156,245' };

interface SeenPlot {
  readonly section: string;
  readonly title: string;
  readonly lines: readonly string[];
  readonly colors: readonly string[];
}

let folder: string;
let page: string;
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'millrace-report-'));
  [page = ''] = await writeReport(fixtureRun(), folder);
});
afterAll(() => rm(folder, { recursive: true, force: true }));

/** Undefined where there is no browser, with the reason. */
async function browserOrReason(): Promise<Chromium | string> {
  try {
    return await Chromium.start();
  } catch (error) {
    if (error instanceof Unavailable) return error.message;
    throw error;
  }
}

async function drawn(browser: Chromium, scheme: 'light' | 'dark'): Promise<SeenPlot[]> {
  const features = [{ name: 'prefers-color-scheme', value: scheme }];
  await browser.send('Emulation.setEmulatedMedia', { features });
  await browser.send('Page.navigate', { url: pathToFileURL(page).href });
  const until = performance.now() + LOAD_MS;
  for (;;) {
    const seen = (await browser.evaluate(PLOTS)) as SeenPlot[];
    const isDrawn = seen.every(({ colors }) => colors.includes(BLUE[scheme].replaceAll(' ', '')));
    if (seen.length === 8 && isDrawn) return seen;
    if (performance.now() > until) return seen;
  }
}

describe('the page of a run', () => {
  it('needs nothing but itself, and holds the figures, their bounds and where they come from', async () => {
    const text = await readFile(page, 'utf8');
    expect(text).not.toMatch(/<(?:link|img|iframe)\b|<script[^>]*\bsrc=|@import|url\(/);
    expect(text).toContain('2 cores (&lt;/script> &amp; Sons), 24 GiB');
    for (const fact of ['abcdef0-changed', 'v20.20.2', 'Apache Kafka 4.3.1', '≤ 40.2 (floor)']) {
      expect(text).toContain(fact);
    }
    expect(text).toContain('<code>npm run bench -- --only async-batch</code>');
    expect(text).toContain('The middle of 3 rounds.');
  });

  it('has the whole run beside it as JSON', async () => {
    const report = JSON.parse(await readFile(join(folder, 'report.json'), 'utf8'));
    expect(report).toEqual(fixtureRun());
  });

  for (const scheme of ['light', 'dark'] as const) {
    it(`draws its plots in a browser that likes it ${scheme}`, async (context) => {
      const browser = await browserOrReason();
      if (typeof browser === 'string') return context.skip(browser);
      try {
        const plots = await drawn(browser, scheme);
        const ofBatches = plots.filter(({ section }) => section === 'async-batch');
        expect(ofBatches.map(({ title }) => title)).toEqual([
          'Throughput, messages/s',
          'Latency percentiles at the rate, ms',
          'CPU, % of a core',
          'Memory of the broker, MiB',
        ]);
        expect(plots).toHaveLength(8);
        for (const { title, colors } of plots) expect(colors, title).toContain(BLUE[scheme]);
        expect(ofBatches[1]!.lines).toEqual([
          'percentile',
          'millrace, at the rate',
          'kafka, at the rate',
          'bound of p99',
        ]);
        const ground = await browser.evaluate(GROUND);
        expect(ground).toBe(scheme === 'light' ? 'rgb(243, 245, 248)' : 'rgb(18, 22, 29)');
        expect(browser.complaints).toEqual([]);
      } finally {
        await browser.close();
      }
    });
  }
});
