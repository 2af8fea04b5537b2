import { readdirSync } from 'node:fs';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { EmbeddedBroker } from '#millrace/broker/start-broker';
import type { Streams } from '#millrace/streams/runtime/streams';
import { Chromium } from '../../conformance/lib/chromium.mjs';
import { until } from '../../support/until.ts';
import { brokerWithTopics } from '../support/broker-with-topics.ts';
import { sendOrders, servedApp } from '../support/query-app.ts';

const PAGE = new URL('../../../src/streams/page/', import.meta.url);

let broker: EmbeddedBroker;
let app: Streams;
let base: string;

beforeAll(async () => {
  broker = await brokerWithTopics(['orders', 'prices'], 1);
  app = await servedApp(broker).start();
  base = `http://127.0.0.1:${app.server!.port}`;
});

afterAll(async () => {
  await app.close();
  await broker.close();
});

describe('the page of an application', () => {
  it('is served with everything that it loads', async () => {
    const page = await fetch(`${base}/`);
    expect(page.headers.get('content-security-policy')).toContain("default-src 'self'");
    const wanted = loadedBy(await page.text());
    expect(wanted).toContain('/page/streams.js');
    const seen = new Set<string>();
    for (const path of wanted) {
      if (seen.has(path)) continue;
      seen.add(path);
      const response = await fetch(base + path);
      expect([path, response.status]).toEqual([path, 200]);
      if (path.endsWith('.js') && !path.includes('uPlot')) {
        wanted.push(...loadedBy(await response.text()));
      }
    }
    expect([...seen]).toContain('/page/line-plot.js');
  });

  it('names every element that its scripts look for, and has no script within', async () => {
    const text = await (await fetch(`${base}/`)).text();
    expect(text).not.toMatch(/<script(?![^>]*\bsrc=)/);
    expect(text).not.toMatch(/\son\w+=/);
    for (const name of readdirSync(PAGE).filter((each) => each.endsWith('.js'))) {
      const script = await (await fetch(`${base}/page/${name}`)).text();
      for (const [, id] of script.matchAll(/(?:getElementById|TableRows|LinePlot)\('([^']+)'\)/g)) {
        expect(text, `${name} looks for ${id}`).toContain(`id="${id}"`);
      }
    }
  });

  it('makes rates of totals', async () => {
    const { Growing } = (await import(new URL('growing.js', PAGE).href)) as {
      Growing: new () => { rate(name: string, total: number, seconds: number): number };
    };
    const growing = new Growing();
    expect(growing.rate('a', 100, 10)).toBe(0);
    expect(growing.rate('a', 300, 12)).toBe(100);
    expect(growing.rate('a', 20, 13)).toBe(0);
    expect(growing.rate('a', 30, 14)).toBe(10);
  });
});

/** The paths that a file loads. */
function loadedBy(text: string): string[] {
  const links = text.matchAll(
    /(?:href|src)="(\/page\/[^"]+)"|(?:from|import)\s*\(?\s*['"`](\S+?)['"`]/g,
  );
  return Array.from(links, ([, link, module]) => (link ?? module!).replace(/^\.\//, '/page/'));
}

const STATE = `document.getElementById('state').textContent`;
const ASKED = `document.getElementById('login').open`;
const OUTCOME = `document.getElementById('login-form').elements.outcome.value`;
const CELLS = `[...document.querySelectorAll('#nodes tr')].map((row) => {
  return [...row.cells].map((cell) => cell.textContent);
})`;
const TASKS = `[...document.querySelectorAll('#tasks tr')].map((row) => row.cells[1].textContent)`;

describe.skipIf(!Chromium.isInstalled)('the page in Chromium, where there is one', () => {
  let browser: Chromium;

  beforeAll(async () => {
    browser = await Chromium.start();
    await browser.send('Page.navigate', { url: `${base}/` });
  }, 60_000);
  afterAll(() => browser.close());

  const holds = (what: string, expression: string) => {
    return until(what, () => {
      return browser.evaluate(expression).then(
        (value: unknown) => value === true,
        () => false,
      );
    });
  };

  const tell = (token: string) => {
    return browser.evaluate(`{
      const form = document.getElementById('login-form');
      form.elements.token.value = ${JSON.stringify(token)};
      form.requestSubmit();
    }`);
  };

  it('asks for the token, and shows nodes and tasks with what they did', async () => {
    await holds('it asks', ASKED);
    await tell('guess');
    await holds('it says that this is wrong', `${OUTCOME} !== ''`);
    await tell('sesame');
    await holds('the application runs', `${STATE} === 'RUNNING'`);
    expect(await browser.evaluate(ASKED)).toBe(false);
    const old = { key: 'old', timestamp: 1_000 };
    await sendOrders(broker, [old, { key: 'new', timestamp: 100_000_000 }, old, old]);
    await holds('the source has taken four', `${CELLS}[0][3] === '4'`);
    const rows = (await browser.evaluate(CELLS)) as string[][];
    expect(rows[0]!.slice(0, 2)).toEqual(['0', 'KSTREAM-SOURCE-0000000000']);
    expect(rows[0]![4]).toBe('0');
    const late = rows.filter(([, name]) => name!.startsWith('KSTREAM-AGGREGATE'));
    expect(late.map((cells) => cells.slice(5))).toEqual([
      ['0', '0'],
      ['2', '2'],
      ['2', '2'],
    ]);
    expect(await browser.evaluate(TASKS)).toEqual(['running', 'running']);
    await holds('a line is drawn', `document.querySelector('#rates canvas') !== null`);
    expect(browser.complaints.filter((line: string) => !line.includes('status of 401'))).toEqual(
      [],
    );
  }, 60_000);
});
