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

describe('the page of a cluster', () => {
  const STATE = {
    nodeId: 1,
    isFenced: false,
    controllers: { leaderId: 7, epoch: 4, voters: [7, 8], offset: 12_345, ageMs: 340 },
    brokers: [
      { id: 1, address: 'a:1', rack: null, state: 'active', leaders: 3, replicas: 1200 },
      { id: 2, address: 'b:1', rack: 'r', state: 'fenced', leaders: 0, replicas: 7 },
    ],
    partitions: { count: 9, underReplicated: 0, underMinimum: 0, offline: 0 },
    inSyncChanges: { expansions: 1, shrinks: 2, refusals: 0 },
    followers: [{ id: 2, partitions: 5, lag: 12_300, worst: 'orders-3' }],
    lostLogDirs: [] as string[],
  };
  type State = typeof STATE;
  interface View {
    factsText(state: State): string;
    troublesText(state: State): string;
    brokerRows(state: State): object[];
  }
  const view = async (): Promise<View> => {
    const { href } = new URL('src/gateway/page/cluster-view.js', `file://${ROOT}`);
    return (await import(href)) as View;
  };

  it('asks once where the broker decides alone', async () => {
    const response = await fetch(`${broker.httpUrl}/cluster`);
    expect(response.status).toBe(204);
    expect(await response.text()).toBe('');
  });

  it('tells who leads the controllers, and how old the metadata are', async () => {
    const { factsText } = await view();
    expect(factsText(STATE)).toBe(
      'controller 7 of 7, 8 leads in epoch 4 · metadata at 12,345, 0.3 s old · 9 partitions · ' +
        'in-sync changes from here: 1 expanded, 2 shrunk',
    );
    const controllers = { ...STATE.controllers, leaderId: -1 };
    expect(factsText({ ...STATE, controllers })).toMatch(/^no controller leads in epoch 4/);
  });

  it('tells what is wrong, and nothing where all is well', async () => {
    const { troublesText } = await view();
    expect(troublesText(STATE)).toBe('');
    const partitions = { count: 9, underReplicated: 5, underMinimum: 2, offline: 1 };
    const troubled = { ...STATE, isFenced: true, partitions, lostLogDirs: ['/d'] };
    expect(troublesText(troubled)).toBe(
      'this broker is fenced · 1 offline · 2 under min.insync.replicas · 5 under-replicated · ' +
        'lost log directories: /d',
    );
  });

  it('shows how far each broker is behind in what this one leads', async () => {
    const { brokerRows } = await view();
    expect(brokerRows(STATE)).toEqual([
      { cells: ['1 (this)', 'a:1', '', 'active', '3', '1,200', '', ''], isBad: false },
      { cells: [2, 'b:1', 'r', 'fenced', '0', '7', '12.3K', 'orders-3'], isBad: true },
    ]);
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
