import { request } from 'node:http';
import type { Socket } from 'node:net';
import { afterEach, describe, expect, it } from 'vitest';
import { GatewayFixture } from '../gateway-fixture.ts';

const gateways: GatewayFixture[] = [];
afterEach(async () => {
  for (const gateway of gateways.splice(0)) await gateway.close();
});

async function start(config: Record<string, string | number> = {}): Promise<GatewayFixture> {
  const gateway = await GatewayFixture.start({ config });
  gateways.push(gateway);
  return gateway;
}

/** A socket that never answers. `bytes` holds what it was sent. */
function openDeaf(url: string): Promise<{ socket: Socket; bytes(): Buffer; ended: Promise<void> }> {
  return new Promise((resolve, reject) => {
    const headers = {
      connection: 'Upgrade',
      upgrade: 'websocket',
      'sec-websocket-version': '13',
      'sec-websocket-key': Buffer.alloc(16).toString('base64'),
    };
    const call = request(url.replace('ws', 'http'), { headers });
    call.on('upgrade', (_response, socket, head: Buffer) => {
      const chunks: Buffer[] = [head];
      socket.on('data', (chunk: Buffer) => chunks.push(chunk));
      const ended = new Promise<void>((done) => {
        socket.on('close', done);
        socket.on('end', () => socket.destroy());
      });
      resolve({ socket: socket as Socket, bytes: () => Buffer.concat(chunks) as Buffer, ended });
    });
    call.on('error', reject);
    call.end();
  });
}

describe('a session', () => {
  it('is told when the broker stops, and that it may come again', async () => {
    const gateway = await GatewayFixture.start();
    const client = await gateway.connect();
    await gateway.broker.close();
    const { status, reason } = await client.closed;
    expect([status, JSON.parse(reason)]).toMatchObject([1001, { code: 'going_away', retry: true }]);
  });

  it('is pinged when it is quiet, and closed when it says nothing to that', async () => {
    const gateway = await start({ 'millrace.websocket.ping.interval.ms': 1000 });
    const deaf = await openDeaf(gateway.url);
    const alive = await gateway.connect();
    await deaf.ended;
    const ping = Buffer.from([0x89, 0x00]);
    const text = deaf.bytes().toString('latin1');
    expect(deaf.bytes().includes(ping)).toBe(true);
    expect(text).toContain('{"code":"idle"');
    expect(await alive.ask({ type: 'ping' })).toMatchObject({ type: 'ok' });
  });

  it('leaves nothing behind after many subscriptions', async () => {
    const gateway = await start({ 'millrace.websocket.max.messages.per.second': 1_000_000 });
    await gateway.broker.createTopic('t', { partitions: 3 });
    const client = await gateway.connect();
    for (let i = 0; i < 2000; i++) {
      client.tell({ type: 'subscribe', sub: 1, topic: 't', filter: { key: `k${i}` } });
      client.tell({ type: 'unsubscribe', sub: 1 });
    }
    for (let sub = 1; sub <= 20; sub++) await client.ask({ type: 'subscribe', sub, pattern: '*' });
    client.close();
    await client.closed;
    const last = await gateway.connect();
    await last.ask({ type: 'ping' });
    const metrics = await (await fetch(`${gateway.broker.httpUrl}/metrics`)).text();
    expect(metrics).toMatch(/^millrace_websocket_sockets 1$/m);
    expect(metrics).toMatch(/^millrace_streams 0$/m);
    expect(metrics).toMatch(/^millrace_streamed_partitions 0$/m);
  });
});
