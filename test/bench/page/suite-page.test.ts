import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { Row } from '../../../bench/comparison.ts';
import { figuresOf } from '../../../bench/figures.ts';
import type { LineRow } from '../../../bench/harness/line-row.ts';
import { SuiteReport } from '../../../bench/page/suite-report.ts';
import { writeSuite } from '../../../bench/page/write-suite.ts';
import type { RowScenario } from '../../../bench/scenario.ts';
import { Unavailable } from '../../conformance/lib/cache.mjs';
import { Chromium } from '../../conformance/lib/chromium.mjs';
import { fixtureRun, fixtureTurn } from './fixture-run.ts';

const LOAD_MS = 10_000;

const SCENARIO: RowScenario = {
  name: 'ws-json-1',
  title: 'one socket <json>',
  targets: [
    { figure: 'messagesPerSecond', atLeast: 600_000, of: 'fixed' },
    { figure: 'p99Ms', atMost: 0.5, of: 'rival' },
  ],
};

function row(rival: string, p99Ms: number): Row {
  return {
    scenario: SCENARIO.name,
    title: SCENARIO.title,
    millrace: { messagesPerSecond: 1_200_000, p99Ms: 4 },
    rival: { name: rival, figures: { messagesPerSecond: 300_000, p99Ms } },
    command: 'npm run bench -- --suite websocket --only ws-json-1',
  };
}

function lineRow(broker: string, factor: number): LineRow {
  const rounds = [fixtureTurn(100_000, factor), fixtureTurn(110_000, factor)];
  return {
    line: 'e2e --rate 100000',
    broker,
    figures: figuresOf(rounds[0]!),
    spread: {},
    isDisturbed: false,
    command: 'npm run bench -- e2e --rate 100000 --seconds 3',
    rounds,
  };
}

let folder: string;
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'millrace-suite-'));
});
afterAll(() => rm(folder, { recursive: true, force: true }));

describe('the page of a suite', () => {
  it('has all rivals of a scenario side by side, and what is wanted', async () => {
    const { origin } = fixtureRun();
    const rows = [row('nats', 5), row('jetstream', 60)];
    const report = SuiteReport.ofRows('websocket', origin, rows, [SCENARIO]);
    const [page = '', json = ''] = await writeSuite(report, folder);
    const text = await readFile(page, 'utf8');
    expect(text).not.toMatch(/<(?:link|img|iframe)\b|<script[^>]*\bsrc=|@import|url\(/);
    expect(text).toContain('one socket &lt;json>');
    expect(text).toContain('<th>millrace</th><th>nats</th><th>jetstream</th>');
    expect(text).toContain('<b class="good">✓ messagesPerSecond 1,200,000</b> (>= 600,000)');
    expect(text).toContain('<b class="bad">✗ p99Ms 0.80</b> (&lt;= 0.50x)');
    expect(text).toContain('300,000<span class="bar" style="width:25%');
    const kept = JSON.parse(await readFile(json, 'utf8'));
    expect(kept.sections[0].takers.map(({ name }: { name: string }) => name)).toEqual([
      'millrace',
      'nats',
      'jetstream',
    ]);
  });

  it('draws in a browser what a command line has sampled', async (context) => {
    const { origin } = fixtureRun();
    const rows = [lineRow('millrace', 1), lineRow('kafka', 1.5)];
    const [page = ''] = await writeSuite(SuiteReport.ofLines('e2e', origin, rows), folder);
    const browser = await browserOrReason();
    if (typeof browser === 'string') return context.skip(browser);
    try {
      await browser.send('Page.navigate', { url: pathToFileURL(page).href });
      const titles = `[...document.querySelectorAll('.uplot .u-title')].map((e) => e.textContent)`;
      const until = performance.now() + LOAD_MS;
      let seen: unknown[] = [];
      while (seen.length < 4 && performance.now() < until) {
        seen = (await browser.evaluate(titles)) as unknown[];
      }
      expect(seen).toEqual([
        'Throughput, messages/s',
        'Latency percentiles, ms',
        'CPU, % of a core',
        'Memory of the broker, MiB',
      ]);
      expect(browser.complaints).toEqual([]);
    } finally {
      await browser.close();
    }
  });
});

/** The reason where there is none. */
async function browserOrReason(): Promise<Chromium | string> {
  try {
    return await Chromium.start();
  } catch (error) {
    if (error instanceof Unavailable) return error.message;
    throw error;
  }
}
