import { type EmbeddedBroker, startBroker } from 'millrace';
import { Admin } from 'millrace/client';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { API } from '../../src/protocol/api-keys.ts';
import { encodeRequest } from '../../src/protocol/frames.ts';
import { ENGINES } from '../support/http-engines.ts';
import { WebSocketClient } from '../support/web-socket-client.ts';

const basic = (user: string, password: string) =>
  `Basic ${Buffer.from(`${user}:${password}`).toString('base64')}`;

const ALICE = basic('alice', 'one');
const ROOT = basic('root', 'three');

function unsecured(claims: object): string {
  const [head, body] = [{ alg: 'none' }, claims].map((part) => {
    return Buffer.from(JSON.stringify(part)).toString('base64url');
  });
  return `${head}.${body}.`;
}

const inSeconds = (seconds: number) => Math.floor(Date.now() / 1000) + seconds;

describe.each(ENGINES)('the gateway on %s', (engine) => {
  let broker: EmbeddedBroker;
  let admin: Admin;

  beforeAll(async () => {
    broker = await startBroker({
      config: {
        'millrace.http.engine': engine,
        'millrace.http.authentication': 'required',
        'millrace.http.open.paths': '/livez,/readyz',
        'listener.name.http.sasl.enabled.mechanisms': 'PLAIN,SCRAM-SHA-256,OAUTHBEARER',
        'listener.name.http.millrace.sasl.users': 'alice:one,root:three',
        'listener.name.http.oauthbearer.sasl.server.callback.handler.class':
          'OAuthBearerUnsecuredValidatorCallbackHandler',
        'authorizer.class.name': 'org.apache.kafka.metadata.authorizer.StandardAuthorizer',
        'super.users': 'User:root;User:ANONYMOUS',
        'millrace.connection.authentication.timeout.ms': '1500',
        'connection.failed.authentication.delay.ms': '0',
      },
    });
    for (const name of ['open', 'shown', 'secret']) await broker.createTopic(name);
    admin = new Admin({ bootstrapServers: broker.bootstrapServers });
    await allow('alice', 'open', 'read');
    await allow('alice', 'open', 'write');
    await allow('alice', 'shown', 'describe');
    await admin.scram.alter([{ user: 'carol', mechanism: 'SCRAM-SHA-256', password: 'four' }]);
  });

  afterAll(async () => {
    await admin.close();
    await broker.close();
  });

  const ruleOf = (user: string, topic: string, operation: 'read' | 'write' | 'describe') =>
    ({
      resourceType: 'topic',
      resourceName: topic,
      patternType: 'literal',
      principal: `User:${user}`,
      host: '*',
      operation,
      permission: 'allow',
    }) as const;

  async function allow(...[user, topic, operation]: Parameters<typeof ruleOf>) {
    const rule = ruleOf(user, topic, operation);
    expect((await admin.acls.create([rule])).get(rule)).toBeNull();
  }

  const url = (path: string) => `${broker.httpUrl}${path}`;
  const wsUrl = (query = '') => `${broker.httpUrl.replace('http', 'ws')}/ws${query}`;

  async function statusOf(path: string, authorization?: string, init: RequestInit = {}) {
    const headers = authorization === undefined ? {} : { authorization };
    const response = await fetch(url(path), { ...init, headers });
    await response.text();
    return response.status;
  }

  async function connected(authorization = ALICE): Promise<WebSocketClient> {
    const client = await WebSocketClient.open(wsUrl(), 'millrace.json', { authorization });
    await client.next((text) => text.type === 'hello');
    return client;
  }

  it('serves nothing over HTTP but health and the page to who does not say who it is', async () => {
    const paths = ['/topics', '/topics/open/records', '/metrics', '/asyncapi.yaml'];
    for (const path of [...paths, '/transactions', '/cluster']) {
      expect(await statusOf(path)).toBe(401);
      expect(await statusOf(path, basic('alice', 'wrong'))).toBe(401);
      expect(await statusOf(path, basic('nobody', 'one'))).toBe(401);
      expect(await statusOf(path, 'Bearer nonsense')).toBe(401);
      expect(await statusOf(path, 'Something else')).toBe(401);
    }
    const body = { method: 'POST', body: '{"value":"x"}\n' };
    expect(await statusOf('/topics/open/records', undefined, body)).toBe(401);
    for (const path of ['/livez', '/readyz', '/']) expect(await statusOf(path)).toBe(200);
    expect(await statusOf('/metrics', ALICE)).toBe(200);
  });

  it('answers wrong credentials after the time that Kafka has for it', async () => {
    const opened = await startBroker({
      config: {
        'millrace.http.engine': engine,
        'millrace.http.authentication': 'required',
        'listener.name.http.sasl.enabled.mechanisms': 'PLAIN',
        'listener.name.http.millrace.sasl.users': 'alice:one',
        'connection.failed.authentication.delay.ms': '300',
      },
    });
    const askedMs = performance.now();
    const headers = { authorization: basic('alice', 'two') };
    expect((await fetch(`${opened.httpUrl}/topics`, { headers })).status).toBe(401);
    expect(performance.now() - askedMs).toBeGreaterThan(290);
    await opened.close();
  });

  it('serves metrics to everybody where it is told so, and the topics to nobody unknown', async () => {
    const opened = await startBroker({
      config: {
        'millrace.http.engine': engine,
        'millrace.http.authentication': 'required',
        'millrace.http.open.paths': '/metrics',
        'listener.name.http.sasl.enabled.mechanisms': 'SCRAM-SHA-256',
      },
    });
    const statuses = ['/metrics', '/livez', '/topics'].map(async (path) => {
      return (await fetch(`${opened.httpUrl}${path}`)).status;
    });
    expect(await Promise.all(statuses)).toEqual([200, 401, 401]);
    await opened.close();
  });

  it('holds the clients of HTTP to their rights', async () => {
    const response = await fetch(url('/topics'), { headers: { authorization: ALICE } });
    const { topics } = (await response.json()) as { topics: { topic: string }[] };
    expect(topics.map(({ topic }) => topic).sort()).toEqual(['open', 'shown']);
    expect(await statusOf('/topics/open/records', ALICE)).toBe(200);
    expect(await statusOf('/topics/shown/records', ALICE)).toBe(403);
    expect(await statusOf('/topics/secret/records', ALICE)).toBe(404);
    expect(await statusOf('/topics/none/records', ALICE)).toBe(404);
    expect(await statusOf('/transactions', ALICE)).toBe(403);
    expect(await statusOf('/transactions', ROOT)).toBe(200);
    const body = { method: 'POST', body: '{"value":"x"}\n' };
    expect(await statusOf('/topics/open/records', ALICE, body)).toBe(200);
    expect(await statusOf('/topics/shown/records', ALICE, body)).toBe(403);
    expect(await statusOf('/topics/secret/records', ALICE, body)).toBe(404);
    const page = await fetch(url('/asyncapi.yaml'), { headers: { authorization: ALICE } });
    expect(await page.text()).not.toContain('secret');
  });

  it('opens WebSockets to who shows a password, a token or a ticket', async () => {
    const refused = WebSocketClient.open(wsUrl(), '', { authorization: basic('alice', 'x') });
    await expect(refused).rejects.toThrow('401');
    await expect(WebSocketClient.open(wsUrl('?ticket=x'))).rejects.toThrow('401');
    const token = unsecured({ sub: 'alice', exp: inSeconds(100) });
    for (const authorization of [ALICE, basic('carol', 'four'), `Bearer ${token}`]) {
      (await connected(authorization)).close();
    }
    const asked = await fetch(url('/ticket'), {
      method: 'POST',
      headers: { authorization: ALICE },
    });
    const { ticket, user } = (await asked.json()) as { ticket: string; user: string };
    expect(user).toBe('alice');
    const client = await WebSocketClient.open(wsUrl(`?ticket=${ticket}`));
    await client.next((text) => text.type === 'hello');
    expect(await client.ask({ type: 'subscribe', topic: 'open' })).toMatchObject({ type: 'ok' });
    client.close();
    // A ticket serves once.
    await expect(WebSocketClient.open(wsUrl(`?ticket=${ticket}`))).rejects.toThrow('401');
    expect(await statusOf('/ticket', undefined, { method: 'POST' })).toBe(401);
  });

  it('takes the command auth, and nothing before it', async () => {
    const client = await WebSocketClient.open(wsUrl(), 'millrace.json');
    const early = await client.ask({ type: 'topics' });
    expect(early).toMatchObject({ type: 'error', code: 'unauthenticated' });
    const wrong = await client.ask({ type: 'auth', user: 'alice', password: 'x' });
    expect(wrong).toMatchObject({ type: 'error', code: 'unauthenticated' });
    const right = await client.ask({ type: 'auth', user: 'alice', password: 'one' });
    expect(right).toMatchObject({ type: 'ok', principal: 'alice' });
    const { topics } = (await client.ask({ type: 'topics' })) as { topics: { topic: string }[] };
    expect(topics.map(({ topic }) => topic).sort()).toEqual(['open', 'shown']);
    client.close();
  });

  it('ends the socket of who never says who it is', async () => {
    const client = await WebSocketClient.open(wsUrl(), 'millrace.json');
    expect(await client.closed).toMatchObject({ status: 4001 });
  });

  it('ends a socket when its token is over, and when its credential is gone', async () => {
    const token = unsecured({ sub: 'alice', exp: inSeconds(4) });
    const short = await connected(`Bearer ${token}`);
    expect(await short.closed).toMatchObject({ status: 4002 });
    await admin.scram.alter([{ user: 'dave', mechanism: 'SCRAM-SHA-256', password: 'five' }]);
    const dave = await connected(basic('dave', 'five'));
    await admin.scram.alter([{ user: 'dave', mechanism: 'SCRAM-SHA-256', password: null }]);
    expect(await dave.closed).toMatchObject({ status: 4003 });
    await expect(connected(basic('dave', 'five'))).rejects.toThrow('401');
    expect(await statusOf('/topics', basic('dave', 'five'))).toBe(401);
  });

  it('holds sockets to their rights', async () => {
    const client = await connected();
    const codeOf = async (command: object) => {
      const answer = await client.ask({ ...command });
      return answer.type === 'ok' ? 'ok' : answer.code;
    };
    expect(await codeOf({ type: 'subscribe', topic: 'open' })).toBe('ok');
    expect(await codeOf({ type: 'subscribe', topic: 'shown' })).toBe('forbidden');
    expect(await codeOf({ type: 'subscribe', topic: 'secret' })).toBe('unknown_topic');
    const all = await client.ask({ type: 'subscribe', pattern: '*' });
    const positions = all.positions as { topic: string }[];
    expect(new Set(positions.map(({ topic }) => topic))).toEqual(new Set(['open']));
    const records = [{ value: 'x' }];
    expect(await codeOf({ type: 'produce', topic: 'open', records })).toBe('ok');
    expect(await codeOf({ type: 'produce', topic: 'shown', records })).toBe('forbidden');
    expect(await codeOf({ type: 'produce', topic: 'secret', records })).toBe('unknown_topic');
    const group = { id: 'mine' };
    expect(await codeOf({ type: 'subscribe', topic: 'open', group })).toBe('forbidden');
    expect(await codeOf({ type: 'producer' })).toBe('ok');
    client.close();
  });

  it('ends subscriptions when the right to read is taken away', async () => {
    await broker.createTopic('passing');
    await allow('alice', 'passing', 'read');
    const client = await connected();
    expect(await client.ask({ type: 'subscribe', sub: 7, topic: 'passing' })).toMatchObject({
      type: 'ok',
    });
    await admin.acls.delete([ruleOf('alice', 'passing', 'read')]);
    const ended = await client.next((text) => text.type === 'ended');
    expect(ended).toMatchObject({ sub: 7, code: 'forbidden' });
    client.close();
  });

  it('lets Kafka clients in by the upgrade, or by SASL', async () => {
    const header = { correlationId: 1, clientId: null };
    const framed = (frame: Buffer) => {
      const length = Buffer.alloc(4);
      length.writeInt32BE(frame.length);
      return Buffer.concat([length, frame]);
    };
    const metadata = framed(encodeRequest(API.METADATA, 9, header, { topics: null }));
    const known = await WebSocketClient.open(wsUrl(), 'kafka', { authorization: ALICE });
    known.sendBinary(metadata);
    const answer = await known.nextFrame();
    expect(answer.includes('open')).toBe(true);
    expect(answer.includes('secret')).toBe(false);
    known.close();
    const unknown = await WebSocketClient.open(wsUrl(), 'kafka');
    unknown.sendBinary(metadata);
    await unknown.closed;
    const login = await WebSocketClient.open(wsUrl(), 'kafka');
    const handshake = { mechanism: 'PLAIN' };
    login.sendBinary(framed(encodeRequest(API.SASL_HANDSHAKE, 1, header, handshake)));
    await login.nextFrame();
    const authBytes = Buffer.from('\0alice\0one');
    login.sendBinary(framed(encodeRequest(API.SASL_AUTHENTICATE, 2, header, { authBytes })));
    await login.nextFrame();
    login.sendBinary(metadata);
    expect((await login.nextFrame()).includes('secret')).toBe(false);
    login.close();
  });
});
