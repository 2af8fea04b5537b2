import { request } from 'node:http';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { EmbeddedBroker } from '#millrace/broker/start-broker';
import type { Streams } from '#millrace/streams/runtime/streams';
import { until } from '../../support/until.ts';
import { brokerWithTopics } from '../support/broker-with-topics.ts';
import { queriedApp, sendOrders, servedApp } from '../support/query-app.ts';

const TOKEN = { authorization: 'Bearer sesame' };

let broker: EmbeddedBroker;
let app: Streams;
let base: string;

beforeAll(async () => {
  broker = await brokerWithTopics(['orders', 'prices'], 1);
  app = await servedApp(broker).start();
  await sendOrders(broker, [{ key: 'Graz', timestamp: 1_000 }]);
  await until('it is counted', async () => app.store('counts').get('Graz') === 1);
  base = `http://127.0.0.1:${app.server!.port}`;
});

afterAll(async () => {
  await app.close();
  await broker.close();
});

function ask(body: unknown, headers: Record<string, string> = TOKEN): Promise<Response> {
  return fetch(`${base}/streams/query`, {
    method: 'POST',
    headers,
    body: typeof body === 'string' ? body : JSON.stringify(body),
  });
}

function questionOf(store: string, query: object) {
  return { store, partitions: null, maxLag: null, position: null, query };
}

/** With headers that `fetch` does not let a program set. */
function statusOf(path: string, headers: Record<string, string>): Promise<number> {
  return new Promise((resolve, reject) => {
    const { port } = app.server!;
    const asked = request({ host: '127.0.0.1', port, path, headers }, (response) => {
      response.resume();
      resolve(response.statusCode ?? 0);
    });
    asked.once('error', reject).end();
  });
}

describe('the server of an application', () => {
  it('answers questions in base64', async () => {
    const key = Buffer.from('Graz').toString('base64');
    const response = await ask(questionOf('counts', { op: 'get', key }));
    expect(response.status).toBe(200);
    const value = Buffer.alloc(8);
    value.writeBigInt64BE(1n);
    expect(await response.json()).toEqual({
      rows: [[null, value.toString('base64'), 1_000, -1, -1]],
    });
  });

  it.each([
    ['{', 400, 'expected JSON'],
    [{ store: 5 }, 400, 'expected JSON with a store and a query'],
    [questionOf('never', { op: 'all', reverse: false }), 404, 'no store never'],
    [questionOf('counts', { op: 'drop' }), 400, "there is no question 'drop'"],
    [questionOf('counts', { op: 'fetchAll', fromTime: 0, toTime: 1 }), 400, 'has no fetchAll'],
    [{ ...questionOf('counts', { op: 'all', reverse: false }), partitions: [7] }, 421, 'not here'],
    [`"${'x'.repeat(2 << 20)}"`, 413, 'at most'],
  ])('refuses %j', async (body, status, reason) => {
    const response = await ask(body);
    expect(response.status).toBe(status);
    expect(((await response.json()) as { reason: string }).reason).toContain(reason);
  });

  it('tells nothing to those who do not know its token', async () => {
    for (const headers of [{}, { authorization: 'Bearer guess' }, { authorization: 'Basic x' }]) {
      const given = headers as Record<string, string>;
      expect((await ask(questionOf('counts', { op: 'all', reverse: false }), given)).status).toBe(
        401,
      );
      for (const path of ['/metrics', '/streams/figures', '/streams/metadata', '/anything']) {
        expect((await fetch(base + path, { headers: given })).status).toBe(401);
      }
    }
  });

  it('serves no page of somebody else', async () => {
    const { port } = app.server!;
    expect(await statusOf('/metrics', { ...TOKEN, host: `127.0.0.1:${port}` })).toBe(200);
    expect(await statusOf('/metrics', { ...TOKEN, host: `evil.example:${port}` })).toBe(403);
    const origin = 'http://evil.example';
    expect(await statusOf('/metrics', { ...TOKEN, origin })).toBe(403);
  });

  it('tells metrics, metadata and figures', async () => {
    const metrics = await (await fetch(`${base}/metrics`, { headers: TOKEN })).text();
    expect(metrics).toMatch(/^kafka_stream_task_process_total\{.*task_id="0_0".*\} 1$/m);
    const metadata = await (await fetch(`${base}/streams/metadata`, { headers: TOKEN })).json();
    expect(metadata).toMatchObject({
      applicationId: 'queried',
      hosts: [{ hostInfo: app.server, isThis: true }],
    });
    const figures = (await (await fetch(`${base}/streams/figures`, { headers: TOKEN })).json()) as {
      nodes: { name: string; taken: number }[];
      tasks: object[];
    };
    expect(figures.nodes[0]).toMatchObject({ name: 'KSTREAM-SOURCE-0000000000', taken: 1, lag: 0 });
    expect(figures.tasks).toMatchObject([
      { name: '0_0', state: 'running', processed: 1 },
      { name: '1_0', state: 'running', processed: 0 },
    ]);
    expect((await fetch(`${base}/streams/never`, { headers: TOKEN })).status).toBe(404);
  });
});

describe('the settings of the server', () => {
  const start = async (more: object) => {
    return await queriedApp(broker, { applicationId: 'other', ...more }).start();
  };

  it.each([
    [{ applicationServer: 'nowhere' }, 'expected host:port'],
    [{ applicationServer: 'example.org:80' }, 'say where with applicationServerListen'],
    [
      { applicationServer: '127.0.0.1:0', applicationServerListen: '0.0.0.0:0' },
      'give applicationServerToken as well',
    ],
  ])('refuse %j', async (more, message) => {
    await expect(start(more)).rejects.toThrow(message);
  });

  it('may ask the program who is served', async () => {
    const seen: string[] = [];
    await using other = await start({
      applicationServer: '127.0.0.1:0',
      applicationServerAuthorize: ({ path, headers }: { path: string; headers: object }) => {
        seen.push(path);
        return 'x-who' in headers;
      },
    });
    const url = `http://127.0.0.1:${other.server!.port}/metrics`;
    expect((await fetch(url)).status).toBe(401);
    expect((await fetch(url, { headers: { 'x-who': 'ada' } })).status).toBe(200);
    expect(seen).toEqual(['/metrics', '/metrics']);
    expect(
      (await fetch(url.replace('/metrics', '/'), { headers: { 'x-who': 'ada' } })).status,
    ).toBe(404);
  });

  it('opens none by default', async () => {
    await using other = await start({});
    expect(other.server).toBeNull();
  });
});
