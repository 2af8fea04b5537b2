import { connect, type Socket } from 'node:net';
import { startBroker } from 'millrace';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { ENGINES } from '../../support/http-engines.ts';
import { WebSocketClient } from '../../support/web-socket-client.ts';
import { GatewayFixture, useEngine } from '../gateway-fixture.ts';

const UPGRADE_TO_HTTP2 =
  'Connection: Upgrade, HTTP2-Settings\r\nUpgrade: h2c\r\nHTTP2-Settings: AA\r\n';
const OPEN_WEB_SOCKET =
  'GET /ws HTTP/1.1\r\nHost: x\r\nConnection: Upgrade\r\nUpgrade: websocket\r\n' +
  'Sec-WebSocket-Key: AAAAAAAAAAAAAAAAAAAAAA==\r\nSec-WebSocket-Version: 13\r\n';

function within(count: number, pattern: RegExp): (text: string) => boolean {
  return (text) => Array.from(text.matchAll(pattern)).length >= count;
}

describe.each(ENGINES)('the engine %s', (name) => {
  let gateway: GatewayFixture;
  beforeAll(async () => {
    useEngine(name);
    gateway = await GatewayFixture.start();
    await gateway.broker.createTopic('t');
  });
  afterAll(() => gateway.close());

  /** What comes until `isEnough` or the end of the connection. */
  function exchange(
    pieces: readonly string[],
    isEnough: (text: string) => boolean,
  ): Promise<string> {
    return new Promise((resolve, reject) => {
      const socket: Socket = connect(Number(new URL(gateway.broker.httpUrl).port), '127.0.0.1');
      let text = '';
      socket.on('error', reject);
      socket.on('close', () => resolve(text));
      socket.on('data', (chunk) => {
        text += chunk.toString();
        if (isEnough(text)) socket.end();
      });
      for (const piece of pieces) socket.write(piece);
    });
  }

  it('is named in the metrics', async () => {
    const response = await fetch(`${gateway.broker.httpUrl}/metrics`);
    expect(await response.text()).toContain(`millrace_http_engine_info{engine="${name}"} 1`);
  });

  it('answers clients that would rather speak HTTP/2', async () => {
    const get = `GET /livez HTTP/1.1\r\nHost: x\r\n${UPGRADE_TO_HTTP2}\r\n`;
    expect(await exchange([get], within(1, /ok\n/g))).toMatch(/^HTTP\/1.1 200 OK\r\n/);
    const body = '{"value":"a"}\n'.repeat(3);
    const post = `POST /topics/t/records HTTP/1.1\r\nHost: x\r\nContent-Length: ${body.length}\r\n`;
    const pieces = [`${post}${UPGRADE_TO_HTTP2}\r\n${body.slice(0, 10)}`, body.slice(10)];
    expect(await exchange(pieces, within(1, /"count":3/g))).toMatch(/^HTTP\/1.1 200 OK\r\n/);
  });

  it('refuses a handshake that is none, and origins, with an answer that says why', async () => {
    const noKey = OPEN_WEB_SOCKET.replace(/Sec-WebSocket-Key.*\r\n/, '');
    expect(await exchange([`${noKey}\r\n`], within(1, /\}/g))).toMatch(
      /^HTTP\/1.1 426 .*not_supp/s,
    );
    const foreign = `${OPEN_WEB_SOCKET}Origin: http://evil.example\r\n\r\n`;
    expect(await exchange([foreign], within(1, /\}/g))).toMatch(/^HTTP\/1.1 403 .*"forbidden"/s);
  });

  it('is not confused by a handshake behind a request that waits for its answer', async () => {
    const first = 'GET /metrics HTTP/1.1\r\nHost: x\r\n\r\n';
    const text = await exchange(
      [`${first}${OPEN_WEB_SOCKET}Origin: http://evil\r\n\r\n`],
      () => true,
    );
    expect(text).not.toContain(' 101 ');
    const client = await gateway.connect();
    expect(await client.ask({ type: 'ping' })).toMatchObject({ type: 'ok' });
  });

  it('says what it does not serve', async () => {
    const { httpUrl } = gateway.broker;
    expect((await fetch(`${httpUrl}/nowhere?x=1`)).status).toBe(404);
    const refused = await fetch(`${httpUrl}/topics`, { method: 'DELETE' });
    expect([refused.status, refused.headers.get('allow')]).toEqual([405, 'GET, POST, OPTIONS']);
  });

  it('reads a command that comes in many reads', async () => {
    const client = await WebSocketClient.open(gateway.url);
    client.sendText(JSON.stringify({ type: 'ping', id: 1, pad: 'x'.repeat(300_000) }));
    expect(await client.next((text) => text.id === 1)).toMatchObject({ type: 'ok' });
    client.close();
    await client.closed;
  });

  it('cannot listen where another listens', async () => {
    const { host } = new URL(gateway.broker.httpUrl);
    const config = { 'millrace.http.listener': host, 'millrace.http.engine': name };
    await expect(startBroker({ config })).rejects.toThrow(
      `cannot listen on ${host}; is it in use?`,
    );
  });
});
