import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { API } from '../../../src/protocol/index.ts';
import { KafkaOverWebSocket } from '../../support/kafka-over-web-socket.ts';
import { WebSocketClient } from '../../support/web-socket-client.ts';
import { GatewayFixture } from '../gateway-fixture.ts';

let gateway: GatewayFixture;
beforeAll(async () => {
  gateway = await GatewayFixture.start({
    config: {
      'millrace.websocket.max.sockets': 3,
      'millrace.websocket.max.subscriptions': 2,
      'millrace.websocket.max.frame.bytes': 2048,
      'millrace.websocket.max.messages.per.second': 50,
      'millrace.websocket.allowed.origins': 'https://app.example',
    },
  });
  await gateway.broker.createTopic('t');
});
afterAll(() => gateway.close());

describe('a command that is wrong', () => {
  it('gets an error that names the field, and the socket stays', async () => {
    const client = await gateway.connect();
    client.sendText('{"type":');
    expect(await client.next((text) => text.type === 'error')).toMatchObject({ code: 'bad_json' });
    client.sendText('[1,2]');
    expect(await client.next((text) => text.type === 'error')).toMatchObject({ code: 'bad_json' });
    const subscribe = { type: 'subscribe', topic: 't' };
    const cases: [object, string, string][] = [
      [{ type: 'fly' }, 'unknown_command', 'type'],
      [{ type: 7 }, 'bad_value', 'type'],
      [{ type: 'constructor' }, 'unknown_command', 'type'],
      [{ ...subscribe, sub: 'x' }, 'bad_value', 'sub'],
      [{ ...subscribe, topics: ['t'] }, 'bad_value', 'topic'],
      [{ ...subscribe, from: 'somewhere' }, 'bad_value', 'from'],
      [{ ...subscribe, from: { offset: -1 } }, 'bad_value', 'from.offset'],
      [{ ...subscribe, from: { token: 'xx' } }, 'bad_token', 'from.token'],
      [{ ...subscribe, credit: { records: 1.5 } }, 'bad_value', 'credit.records'],
      [{ ...subscribe, policy: 'panic' }, 'bad_value', 'policy'],
      [{ ...subscribe, filter: { path: 'a.b' } }, 'bad_value', 'filter.path'],
      [{ ...subscribe, filter: {} }, 'bad_value', 'filter'],
      [{ ...subscribe, filter: { key: 'k', header: ['h', 'v'] } }, 'bad_value', 'filter'],
      [{ ...subscribe, filter: { path: '$.a' } }, 'bad_value', 'filter.equals'],
      [{ ...subscribe, partitions: [4] }, 'unknown_partition', 'partitions'],
      [{ type: 'subscribe', topic: 'u' }, 'unknown_topic', 'topic'],
      [{ type: 'credit', sub: 5, records: 1 }, 'unknown_subscription', 'sub'],
    ];
    for (const [command, code, field] of cases) {
      expect(await client.ask(command as Record<string, unknown>)).toMatchObject({ code, field });
    }
    for (const sub of [1, 2]) await client.ask({ ...subscribe, sub });
    const third = await client.ask({ ...subscribe, sub: 3 });
    expect(third).toMatchObject({ code: 'too_many_subscriptions' });
    const twice = await client.ask({ ...subscribe, sub: 1 });
    expect(twice).toMatchObject({ code: 'subscription_exists' });
    client.close();
    await client.closed;
  });
});

describe('a socket that breaks a limit', () => {
  it('is closed with a reason when its frame is too big', async () => {
    const client = await gateway.connect();
    client.sendText(JSON.stringify({ type: 'ping', pad: 'x'.repeat(3000) }));
    const { status, reason } = await client.closed;
    expect([status, JSON.parse(reason)]).toMatchObject([1009, { code: 'too_big', retry: false }]);
  });

  it('is closed when it sends too many messages', async () => {
    const client = await gateway.connect();
    for (let i = 0; i < 60; i++) client.tell({ type: 'ping' });
    const { status, reason } = await client.closed;
    expect([status, JSON.parse(reason)]).toMatchObject([4029, { code: 'rate', retry: true }]);
  });

  it('is closed when there are too many sockets', async () => {
    const clients = await Promise.all([1, 2, 3].map(() => gateway.connect()));
    const fourth = await WebSocketClient.open(gateway.url);
    const { status, reason } = await fourth.closed;
    expect([status, JSON.parse(reason).code]).toEqual([4013, 'too_many_sockets']);
    for (const client of clients) client.close();
    await Promise.all(clients.map((client) => client.closed));
  });

  it('is closed when it sends binary to millrace.json or text to kafka', async () => {
    const json = await gateway.connect();
    json.sendBinary(Buffer.from([1]));
    expect((await json.closed).status).toBe(1003);
    const kafka = await WebSocketClient.open(gateway.url, 'kafka');
    kafka.sendText('hello');
    expect((await kafka.closed).status).toBe(1003);
  });

  it('is cut when its text is no UTF-8', async () => {
    const client = await gateway.connect();
    client.sendText(Buffer.from([0xff, 0xfe]));
    expect((await client.closed).status).toBe(1006);
  });
});

describe('an upgrade', () => {
  it('is refused for foreign origins and unknown subprotocols', async () => {
    const open = (subprotocol: string, origin: string) =>
      WebSocketClient.open(gateway.url, subprotocol, { origin });
    await expect(open('', 'https://evil.example')).rejects.toThrow(/^403 .*"forbidden"/);
    await expect(open('mqtt', 'https://app.example')).rejects.toThrow(/^400 .*"bad_value"/);
    const own = gateway.url.replace('ws', 'http').replace('/ws', '');
    for (const origin of ['https://app.example', own]) {
      const client = await open('mqtt, millrace.batch', origin);
      expect(client.subprotocol).toBe('millrace.batch');
      client.close();
      await client.closed;
    }
  });
});

describe('the subprotocol kafka', () => {
  it('answers ApiVersions and Metadata, whole or in pieces', async () => {
    const kafka = await KafkaOverWebSocket.open(gateway.url);
    expect(kafka.client.subprotocol).toBe('kafka');
    const client = { clientSoftwareName: 'test', clientSoftwareVersion: '1' };
    const versions = await kafka.request(API.API_VERSIONS, 3, client);
    expect(versions.errorCode).toBe(0);
    expect(versions.apiKeys.map(({ apiKey }) => apiKey)).toContain(API.FETCH);
    const topics = [{ topicId: 'AAAAAAAAAAAAAAAAAAAAAA', name: 't' }];
    const metadata = await kafka.request(API.METADATA, 12, { topics });
    expect(metadata.topics).toMatchObject([{ errorCode: 0, name: 't' }]);
    kafka.close();
    await kafka.client.closed;
  });

  it('closes a socket that sends nonsense', async () => {
    const client = await WebSocketClient.open(gateway.url, 'kafka');
    client.sendBinary(Buffer.from([0x7f, 0xff, 0xff, 0xff]));
    expect((await client.closed).status).toBe(4000);
  });

  it('tells a socket that was quiet for too long that it may come again', async () => {
    const quick = await GatewayFixture.start({ config: { 'connections.max.idle.ms': 100 } });
    const kafka = await KafkaOverWebSocket.open(quick.url);
    await kafka.request(API.METADATA, 12, { topics: [] });
    const { status, reason } = await kafka.client.closed;
    await quick.close();
    expect([status, JSON.parse(reason)]).toMatchObject([4009, { code: 'idle', retry: true }]);
  });
});
