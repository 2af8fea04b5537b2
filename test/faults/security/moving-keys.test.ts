/** An identity provider that moves, stalls, lies and goes away. */
import { createServer, type RequestListener, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { setTimeout as delay } from 'node:timers/promises';
import { exportJWK, generateKeyPair, type JWK, type JWTPayload, SignJWT } from 'jose';
import { type EmbeddedBroker, startBroker } from 'millrace';
import { afterEach, beforeAll, describe, expect, test } from 'vitest';
import { API } from '../../../src/protocol/api-keys.ts';
import { until } from '../../support/until.ts';
import { WireClient } from '../../support/wire-client.ts';

const HOUR_S = 3600;
const READ_MS_MAX = 300;
const MUCH_BYTES = 5_000_000;

type Key = Awaited<ReturnType<typeof generateKeyPair>> & { readonly jwk: JWK };

let [first, second] = [{} as Key, {} as Key];
const lines: string[] = [];
const open: { close(): unknown }[] = [];

async function newKey(kid: string): Promise<Key> {
  const pair = await generateKeyPair('ES256');
  return { ...pair, jwk: { ...(await exportJWK(pair.publicKey)), kid, alg: 'ES256' } };
}

beforeAll(async () => {
  [first, second] = [await newKey('1'), await newKey('2')];
});

afterEach(async () => {
  for (const each of open.splice(0).reverse()) await each.close();
  lines.length = 0;
});

async function provider(answer: RequestListener): Promise<string> {
  const server: Server = createServer(answer);
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  open.push({
    close: () => {
      server.closeAllConnections();
      server.close();
    },
  });
  return `http://127.0.0.1:${(server.address() as AddressInfo).port}/keys`;
}

const publishing = (...keys: Key[]): RequestListener => {
  return (_, response) => response.end(JSON.stringify({ keys: keys.map(({ jwk }) => jwk) }));
};

async function brokerOf(url: string, config: object = {}): Promise<EmbeddedBroker> {
  const note = (line: string) => lines.push(line);
  const broker = await startBroker({
    config: {
      listeners: 'SASL_PLAINTEXT://127.0.0.1:0',
      'sasl.enabled.mechanisms': 'OAUTHBEARER,PLAIN',
      'millrace.sasl.users': 'alice:secret',
      'sasl.oauthbearer.jwks.endpoint.url': url,
      'sasl.oauthbearer.jwks.endpoint.retry.backoff.max.ms': '0',
      'sasl.login.read.timeout.ms': `${READ_MS_MAX}`,
      'connection.failed.authentication.delay.ms': '0',
      'millrace.http.listener': 'none',
      ...config,
    },
    logger: { info: note, warn: note, error: note },
  });
  open.push(broker);
  return broker;
}

function tokenOf({ jwk, privateKey }: Key, claims: JWTPayload = {}): Promise<string> {
  const now = Math.floor(Date.now() / 1000);
  const whole = { sub: 'bob', iat: now, exp: now + 100, ...claims };
  return new SignJWT(whole).setProtectedHeader({ alg: 'ES256', kid: jwk.kid! }).sign(privateKey);
}

async function isAccepted(broker: EmbeddedBroker, mechanism: string, bytes: string) {
  const client = await WireClient.open(broker.port);
  await client.ask(API.SASL_HANDSHAKE, 1, { mechanism });
  const answer = await client.ask(API.SASL_AUTHENTICATE, 2, { authBytes: Buffer.from(bytes) });
  client.close();
  return answer.errorCode === 0 && answer.authBytes.length === 0;
}

const takes = (broker: EmbeddedBroker, token: string) => {
  return isAccepted(broker, 'OAUTHBEARER', `n,,\x01auth=Bearer ${token}\x01\x01`);
};

/** Who needs no identity provider must not wait for one. */
async function othersLogIn(broker: EmbeddedBroker): Promise<void> {
  const startedMs = performance.now();
  expect(await isAccepted(broker, 'PLAIN', '\0alice\0secret')).toBe(true);
  expect(performance.now() - startedMs).toBeLessThan(READ_MS_MAX);
}

describe('keys', () => {
  test('are found where they were moved to', async () => {
    const moved = await provider(publishing(first));
    const broker = await brokerOf(
      await provider((_, response) => response.writeHead(302, { location: moved }).end()),
    );
    expect(await takes(broker, await tokenOf(first))).toBe(true);
  });

  test('that move in a circle refuse tokens, and nobody else', async () => {
    const broker = await brokerOf(
      await provider((_, response) => response.writeHead(302, { location: '/keys' }).end()),
    );
    expect(await takes(broker, await tokenOf(first))).toBe(false);
    await othersLogIn(broker);
    expect(lines.join('\n')).toMatch(/a token is refused: (.*fetch failed|request timed out)/);
  });

  test.each<[string, RequestListener]>([
    ['fails', (_, response) => response.writeHead(500).end()],
    ['answers with nonsense', (_, response) => response.end('<html>')],
    ['answers with something else', (_, response) => response.end('{"keys":7}')],
    ['answers with too much', (_, response) => response.end(Buffer.alloc(MUCH_BYTES, ' '))],
    ['never answers', () => undefined],
    ['answers by and by', (_, response) => void response.write('{"keys":[')],
    ['cuts its answer', (_, response) => response.socket!.destroy()],
  ])('of a provider that %s refuse tokens until it mends', async (_, answer) => {
    let present = answer;
    const broker = await brokerOf(await provider((...asked) => present(...asked)));
    const token = await tokenOf(first);
    const refused = takes(broker, token);
    await othersLogIn(broker);
    expect(await refused).toBe(false);
    expect(lines.join('\n')).toMatch(/a token is refused: \S+/);
    expect(lines.join('\n')).not.toContain(token);
    present = publishing(first);
    expect(await takes(broker, token)).toBe(true);
  });

  test('that are known serve on while their provider is gone, and change when it is back', async () => {
    let present = publishing(first);
    const url = await provider((...asked) => present(...asked));
    const soon = { 'sasl.oauthbearer.jwks.endpoint.refresh.ms': '1' };
    const broker = await brokerOf(url, soon);
    const [old, young] = [await tokenOf(first), await tokenOf(second)];
    expect(await takes(broker, old)).toBe(true);
    present = (_, response) => response.socket!.destroy();
    await delay(5);
    for (let i = 0; i < 5; i++) expect(await takes(broker, old)).toBe(true);
    await until('a line of the failure', async () => lines.join().includes('those known stay'));
    present = publishing(second);
    await until('the new key', () => takes(broker, young));
    await until('the end of the old key', async () => !(await takes(broker, old)));
  });
});

describe('clocks that are an hour apart', () => {
  const now = Math.floor(Date.now() / 1000);
  test.each<[string, JWTPayload]>([
    ['ahead', { iat: now + HOUR_S, nbf: now + HOUR_S, exp: now + 2 * HOUR_S }],
    ['behind', { iat: now - 2 * HOUR_S, nbf: now - 2 * HOUR_S, exp: now - HOUR_S }],
  ])('refuse tokens of a provider that is %s, but for a skew that allows it', async (_, claims) => {
    const url = await provider(publishing(first));
    const token = await tokenOf(first, claims);
    expect(await takes(await brokerOf(url), token)).toBe(false);
    const skewed = { 'sasl.oauthbearer.clock.skew.seconds': `${HOUR_S + 60}` };
    expect(await takes(await brokerOf(url, skewed), token)).toBe(true);
  });
});
