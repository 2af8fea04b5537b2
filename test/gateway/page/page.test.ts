import { existsSync, readdirSync } from 'node:fs';
import { createRequire } from 'node:module';
import type { EmbeddedBroker } from 'millrace';
import { afterAll, beforeAll, describe, expect, it, test } from 'vitest';
import { connect, type StartPosition } from '../../../src/websocket/index.ts';
import { GatewayFixture } from '../gateway-fixture.ts';

const WebSocket = createRequire(import.meta.url)('ws') as unknown;
const ROOT = new URL('../../../', import.meta.url).pathname;

let gateway: GatewayFixture;
let broker: EmbeddedBroker;
beforeAll(async () => {
  gateway = await GatewayFixture.start();
  broker = gateway.broker;
});
afterAll(() => gateway.close());

async function get(path: string): Promise<{ type: string; policy: string; text: string }> {
  const response = await fetch(broker.httpUrl + path);
  expect(response.status, path).toBe(200);
  return {
    type: response.headers.get('content-type') ?? '',
    policy: response.headers.get('content-security-policy') ?? '',
    text: await response.text(),
  };
}

/** The paths that a file loads from the broker. */
function loadedBy(text: string): string[] {
  const links = text.matchAll(
    /(?:href|src)="(\/page\/[^"]+)"|(?:from|import)\s*\(?\s*['"`](\S+?)['"`]/g,
  );
  return Array.from(links, ([, link, module]) => (link ?? module!).replace(/^\.\//, '/page/'));
}

describe('the page', () => {
  it('is served with everything that it loads', async () => {
    const page = await get('/');
    expect(page.type).toBe('text/html; charset=utf-8');
    expect(page.policy).toContain("default-src 'self'");
    const wanted = loadedBy(page.text);
    expect(wanted).toContain('/page/app.js');
    const seen = new Set<string>();
    for (const path of wanted) {
      if (seen.has(path)) continue;
      seen.add(path);
      const { type, text } = await get(path);
      if (type.startsWith('text/javascript') && !path.includes('uPlot')) {
        wanted.push(...loadedBy(text));
      }
    }
    expect([...seen]).toContain('/page/client.js');
    expect([...seen]).toContain('/page/client-zstd-decoder.js');
  });

  it('has no script or handler within its text, which its policy would forbid', async () => {
    const { text } = await get('/');
    expect(text).not.toMatch(/<script(?![^>]*\bsrc=)/);
    expect(text).not.toMatch(/\son\w+=/);
  });

  it('names every element that its scripts look for', async () => {
    const { text } = await get('/');
    for (const name of readdirSync(`${ROOT}src/gateway/page`)) {
      if (!name.endsWith('.js')) continue;
      const script = (await get(`/page/${name}`)).text;
      for (const [, id] of script.matchAll(/getElementById\('([^']+)'\)/g)) {
        expect(text, `${name} looks for ${id}`).toContain(`id="${id}"`);
      }
    }
  });

  it('shows a newcomer the last hundred records of a topic', async () => {
    const { text } = await get('/');
    const [, list] = /<select id="tail-from">(.*?)<\/select>/s.exec(text)!;
    const choices = Array.from(list!.matchAll(/value="(\w+)"/g), ([, value]) => value!);
    expect(choices).toEqual(['recent', 'latest', 'earliest']);
    const page = new URL('src/gateway/page/tail-start.js', `file://${ROOT}`);
    const { startOf } = (await import(page.href)) as { startOf: (choice: string) => StartPosition };
    await broker.createTopic('opened', { partitions: 2 });
    const client = connect(broker.httpUrl, { WebSocket });
    const records = Array.from({ length: 90 }, (_, i) => ({ value: `v${i}` }));
    for (const partition of [0, 1]) await client.produce('opened', records, { partition });
    const offsets: number[] = [];
    for await (const { offset } of client.subscribe('opened', { from: startOf(choices[0]!) })) {
      if (offsets.push(offset) === 100) break;
    }
    expect(Math.min(...offsets)).toBe(40);
    client.close();
  });

  it('is there for a bundled broker as well', () => {
    // Chunks of the bundle lie in dist/bundle/chunks: see src/gateway/http/static-files.ts.
    const seenFromChunk = new URL('../../gateway/page/', `file://${ROOT}dist/bundle/chunks/x.js`);
    expect(existsSync(new URL('index.html', seenFromChunk))).toBe(true);
  });

  it('refuses names outside of its directory', async () => {
    for (const name of ['nothing.js', '..%2Fgateway.js', '%2e%2e%2fgateway.js']) {
      const response = await fetch(`${broker.httpUrl}/page/${name}`);
      expect(response.status).toBe(404);
    }
  });
});

test.each([
  [{}, ''],
  [{ Ongoing: 2, CompleteCommit: 5 }, 'transactions: 2 Ongoing, 5 CompleteCommit'],
])('the page counts transactions by state: %j', async (states, text) => {
  const path = `${broker.httpUrl}/page/transaction-counts.js`;
  const source = await (await fetch(path)).text();
  const module = await import(`data:text/javascript,${encodeURIComponent(source)}`);
  expect(module.countsText(states)).toBe(text);
});
