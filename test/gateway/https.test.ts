import { createPrivateKey } from 'node:crypto';
import { mkdtempSync, readdirSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { type RequestOptions, request } from 'node:https';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { connect } from 'node:tls';
import { type EmbeddedBroker, startBroker } from 'millrace';
import { Admin } from 'millrace/client';
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import { API } from '../../src/protocol/api-keys.ts';
import { encodeRequest } from '../../src/protocol/frames.ts';
import { ThrowAwayAuthority } from '../../src/security/tls/throw-away-authority.ts';
import { ENGINES } from '../support/http-engines.ts';
import { until } from '../support/until.ts';
import { WebSocketClient } from '../support/web-socket-client.ts';

type Config = Readonly<Record<string, string>>;

const authority = new ThrowAwayAuthority();
const strangers = new ThrowAwayAuthority();
const HOSTS = ['localhost', '127.0.0.1'];
const SERVER = authority.issue({ commonName: 'localhost', hosts: HOSTS });
const TLS: Config = {
  'millrace.http.listener': 'https://127.0.0.1:0',
  'ssl.keystore.certificate.chain': SERVER.certificate,
  'ssl.keystore.key': SERVER.key,
};
const ca = authority.certificate;

let broker: EmbeddedBroker;

function holderOf(commonName: string, issuer = authority): RequestOptions {
  const { certificate: cert, key } = issuer.issue({ commonName });
  return { ca, cert, key };
}

interface Answer {
  readonly status: number;
  readonly text: string;
  readonly headers: Readonly<Record<string, unknown>>;
}

function ask(path: string, options: RequestOptions = {}, body = ''): Promise<Answer> {
  return new Promise((resolve, reject) => {
    const call = request(`${broker.httpUrl}${path}`, { ca, agent: false, ...options });
    call.on('response', (response) => {
      let text = '';
      response.on('data', (chunk) => {
        text += chunk;
      });
      response.on('end', () => {
        resolve({ status: response.statusCode!, text, headers: response.headers });
      });
    });
    call.on('error', reject);
    call.end(body);
  });
}

async function socketOf(tls: RequestOptions = { ca }, subprotocol = 'millrace.json', query = '') {
  const url = `${broker.httpUrl.replace('http', 'ws')}/ws${query}`;
  const client = await WebSocketClient.open(url, subprotocol, {}, { agent: false, ...tls });
  if (subprotocol !== 'kafka') await client.next((text) => text.type === 'hello');
  return client;
}

describe.each(ENGINES)('HTTPS on %s', (engine) => {
  let folder: string;

  beforeAll(() => {
    folder = mkdtempSync(join(tmpdir(), 'millrace-https-'));
  });
  afterAll(() => rmSync(folder, { recursive: true }));
  afterEach(() => broker.close());

  async function open(config: Config = TLS, lines: string[] = []): Promise<void> {
    const log = (line: string) => {
      lines.push(line);
    };
    broker = await startBroker({
      config: { 'millrace.http.engine': engine, ...config },
      logger: { info: log, warn: log, error: log },
    });
    await broker.createTopic('words');
  }

  function shownSerial(): Promise<string> {
    const [host, port] = broker.httpUrl.slice('https://'.length).split(':') as [string, string];
    return new Promise((resolve, reject) => {
      const socket = connect({ host, port: Number(port), ca }, () => {
        resolve(socket.getPeerX509Certificate()!.serialNumber);
        socket.destroy();
      });
      socket.on('error', reject);
    });
  }

  it('serves HTTP and WebSocket', async () => {
    await open();
    expect((await ask('/livez')).status).toBe(200);
    const posted = await ask('/topics/words/records', { method: 'POST' }, '{"value":"hello"}\n');
    expect(posted).toMatchObject({ status: 200 });
    const client = await socketOf();
    await client.ask({ type: 'subscribe', sub: 1, topic: 'words', from: 'earliest' });
    const { records } = await client.next((text) => text.type === 'records');
    expect(records).toMatchObject([{ value: 'hello' }]);
    const big = 'x'.repeat(400_000);
    await client.ask({ type: 'produce', topic: 'words', records: [{ value: big }] });
    const next = await client.next((text) => text.type === 'records');
    expect((next.records as { value: string }[])[0]!.value).toHaveLength(big.length);
    client.close();
  });

  it('takes an encrypted key, and leaves no file of it behind', async () => {
    const before = readdirSync(tmpdir()).filter((name) => name.startsWith('millrace-tls-'));
    const encrypted = createPrivateKey(SERVER.key).export({
      type: 'pkcs8',
      format: 'pem',
      cipher: 'aes-256-cbc',
      passphrase: 'open sesame',
    });
    await open({
      ...TLS,
      'ssl.keystore.key': encrypted.toString(),
      'listener.name.http.ssl.key.password': 'open sesame',
    });
    expect((await ask('/livez')).status).toBe(200);
    const after = readdirSync(tmpdir()).filter((name) => name.startsWith('millrace-tls-'));
    expect(after).toEqual(before);
  });

  it('takes new certificates while it runs; sockets that are open stay so', async () => {
    const location = join(folder, 'renewed.pem');
    const write = ({ certificate, key }: { certificate: string; key: string }) => {
      writeFileSync(`${location}.new`, certificate + key);
      renameSync(`${location}.new`, location);
    };
    write(SERVER);
    const lines: string[] = [];
    const files = { 'ssl.keystore.type': 'PEM', 'ssl.keystore.location': location };
    await open({ 'millrace.http.listener': TLS['millrace.http.listener']!, ...files }, lines);
    const client = await socketOf();
    const before = await shownSerial();
    write({ certificate: 'no certificate', key: '' });
    await until('the broken one is told of', async () =>
      lines.some((line) => line.includes('listener HTTP keeps its certificates')),
    );
    expect(await shownSerial()).toBe(before);
    write(authority.issue({ commonName: 'localhost', hosts: HOSTS }));
    await until('the new one is shown', async () => (await shownSerial()) !== before);
    expect(await client.ask({ type: 'ping' })).toMatchObject({ type: 'ok' });
    const later = await socketOf();
    expect(await later.ask({ type: 'ping' })).toMatchObject({ type: 'ok' });
    later.close();
    client.close();
  }, 30_000);
});

describe.skipIf(!ENGINES.includes('uws'))('uWebSockets.js', () => {
  it.each([
    ['ssl.client.auth=required', { 'ssl.client.auth': 'required' }],
    ['ssl.enabled.protocols', { 'ssl.enabled.protocols': 'TLSv1.3' }],
    ['ssl.cipher.suites', { 'ssl.cipher.suites': 'TLS_AES_128_GCM_SHA256' }],
  ])('does not pretend to serve %s', async (what, config) => {
    const refused = startBroker({
      config: {
        ...TLS,
        'millrace.http.engine': 'uws',
        'ssl.truststore.certificates': ca,
        ...config,
      },
    });
    await expect(refused).rejects.toThrow(`millrace.http.engine=uws does not serve ${what}`);
  });
});

describe('the engine auto', () => {
  afterEach(() => broker.close());

  it.each([
    ['what loads', {}, ENGINES[0]],
    ['Node where clients show certificates', { 'ssl.client.auth': 'required' }, 'node'],
    ['Node where suites are chosen', { 'ssl.cipher.suites': 'TLS_AES_128_GCM_SHA256' }, 'node'],
  ])('is %s', async (_, config, engine) => {
    const lines: string[] = [];
    const log = (line: string) => {
      lines.push(line);
    };
    broker = await startBroker({
      config: { ...TLS, 'ssl.truststore.certificates': ca, ...config },
      logger: { info: log, warn: log, error: log },
    });
    const metrics = await ask('/metrics', holderOf('somebody'));
    expect(metrics.text).toContain(`millrace_http_engine_info{engine="${engine}"} 1`);
    const isTold = lines.some((line) => line.startsWith('Node serves HTTPS, as uWebSockets.js'));
    expect(isTold).toBe(Object.keys(config).length > 0);
  });
});

describe('clients of HTTPS with certificates', () => {
  const AUTHORIZER = 'org.apache.kafka.metadata.authorizer.StandardAuthorizer';

  async function open(config: Config = {}): Promise<void> {
    broker = await startBroker({
      config: {
        ...TLS,
        'listener.name.http.ssl.client.auth': 'required',
        'ssl.truststore.certificates': ca,
        'ssl.principal.mapping.rules': 'RULE:^CN=([a-zA-Z]+)$/$1/L',
        'authorizer.class.name': AUTHORIZER,
        'super.users': 'User:ANONYMOUS',
        ...config,
      },
    });
    for (const name of ['open', 'secret']) await broker.createTopic(name);
    await using admin = new Admin({ bootstrapServers: broker.bootstrapServers });
    for (const operation of ['read', 'write'] as const) {
      const rule = {
        resourceType: 'topic',
        resourceName: 'open',
        patternType: 'literal',
        principal: 'User:alice',
        host: '*',
        operation,
        permission: 'allow',
      } as const;
      expect((await admin.acls.create([rule])).get(rule)).toBeNull();
    }
  }

  afterEach(() => broker.close());

  const topicsIn = (answer: unknown) =>
    (answer as { topics: { topic: string }[] }).topics.map(({ topic }) => topic);

  it('are who it says, and held to the rights of that user', async () => {
    await open();
    const alice = holderOf('Alice');
    expect(topicsIn(JSON.parse((await ask('/topics', alice)).text))).toEqual(['open']);
    const body = '{"value":"x"}\n';
    const post = { ...alice, method: 'POST' };
    expect((await ask('/topics/open/records', post, body)).status).toBe(200);
    expect((await ask('/topics/secret/records', post, body)).status).toBe(404);
    expect((await ask('/topics/open/records', holderOf('bob'))).status).toBe(404);
    const client = await socketOf(alice);
    expect(topicsIn(await client.ask({ type: 'topics' }))).toEqual(['open']);
    const taken = await client.ask({ type: 'subscribe', topic: 'secret' });
    expect(taken).toMatchObject({ code: 'unknown_topic' });
    client.close();
  });

  it('are kept out without a certificate that is trusted and names somebody', async () => {
    await open();
    await expect(ask('/livez')).rejects.toThrow();
    await expect(ask('/livez', holderOf('alice', strangers))).rejects.toThrow();
    // No rule makes a user of this name.
    await expect(ask('/livez', holderOf('not a name'))).rejects.toThrow();
    expect((await ask('/livez', holderOf('alice'))).status).toBe(200);
  });

  it('get tickets, and speak Kafka, as who they are', async () => {
    await open();
    const alice = holderOf('alice');
    const { text } = await ask('/ticket', { ...alice, method: 'POST' });
    expect(JSON.parse(text)).toMatchObject({ user: 'alice' });
    const client = await socketOf(alice, 'kafka');
    const header = { correlationId: 1, clientId: null };
    const frame = encodeRequest(API.METADATA, 9, header, { topics: null });
    const length = Buffer.alloc(4);
    length.writeInt32BE(frame.length);
    client.sendBinary(Buffer.concat([length, frame]));
    const answer = await client.nextFrame();
    expect(answer.includes('open')).toBe(true);
    expect(answer.includes('secret')).toBe(false);
    client.close();
  });

  it('may show a password instead where certificates are only requested', async () => {
    await open({
      'listener.name.http.ssl.client.auth': 'requested',
      'millrace.http.authentication': 'required',
      'listener.name.http.sasl.enabled.mechanisms': 'PLAIN',
      'listener.name.http.millrace.sasl.users': 'alice:one',
    });
    const nobody = await ask('/topics');
    expect(nobody.status).toBe(401);
    expect(nobody.headers['www-authenticate']).toContain('Basic');
    const byScript = await ask('/topics', { headers: { 'x-requested-with': 'XMLHttpRequest' } });
    expect(byScript.headers['www-authenticate']).toBe('Bearer');
    const authorization = `Basic ${Buffer.from('alice:one').toString('base64')}`;
    const alice = await ask('/topics', { headers: { authorization } });
    expect(topicsIn(JSON.parse(alice.text))).toEqual(['open']);
    expect((await ask('/topics', holderOf('alice'))).status).toBe(200);
    // What is shown in the request goes before the certificate.
    const wrong = `Basic ${Buffer.from('alice:two').toString('base64')}`;
    const headers = { authorization: wrong };
    expect((await ask('/topics', { ...holderOf('alice'), headers })).status).toBe(401);
    await expect(ask('/topics', holderOf('alice', strangers))).rejects.toThrow();
  });
});
