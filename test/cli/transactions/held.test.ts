import { once } from 'node:events';
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { startBroker } from 'millrace';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { runCli } from '../run-cli.ts';

const SINCE = Date.UTC(2026, 0, 2, 3, 4, 5);
const HELD = {
  topic: 't',
  partition: 3,
  lastStableOffset: 60,
  highWatermark: 100,
  producerId: 7,
  producerEpoch: 2,
  sinceMs: SINCE,
  writer: { transactionalId: 'txn', clientId: 'app', address: '10.0.0.1' },
};
let server: Server;
let url: string;

beforeEach(async () => {
  server = createServer((request, response) => {
    const isKnown = request.url === '/transactions';
    response.statusCode = isKnown ? 200 : 404;
    const unknown = { ...HELD, partition: 4, sinceMs: null, writer: null };
    response.end(JSON.stringify({ held: [HELD, unknown] }));
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
});

afterEach(async () => {
  server.close();
  await once(server, 'close');
});

test('held shows the transaction of each held partition, and whose it is', async () => {
  const { code, out } = await runCli(['transactions', 'held', '--http-url', url]);
  expect(code).toBe(0);
  const [titles, ...rows] = out
    .trimEnd()
    .split('\n')
    .map((line) => line.split(/ {2,}/));
  expect(titles!.slice(-4)).toEqual(['TransactionalId', 'ProducerId', 'ClientId', 'Address']);
  expect(rows[0]!.slice(-5)).toEqual(['2026-01-02T03:04:05.000Z', 'txn', '7', 'app', '10.0.0.1']);
  expect(rows[1]!.slice(-5)).toEqual(['-', '-', '7', '-', '-']);
});

test('held says why a listener cannot be asked', async () => {
  const { code, errors } = await runCli([
    'transactions',
    'held',
    '--http-url',
    'http://127.0.0.1:1',
  ]);
  expect(code).not.toBe(0);
  expect(errors).toContain('cannot ask http://127.0.0.1:1');
});

test('a broker without transactions holds nothing', async () => {
  await using broker = await startBroker();
  await broker.createTopic('t');
  const words = ['transactions', 'held', '--http-url', broker.httpUrl, '-o', 'json'];
  expect(JSON.parse((await runCli(words)).out)).toEqual([]);
});
