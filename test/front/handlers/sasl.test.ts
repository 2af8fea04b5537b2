import { setTimeout as delay } from 'node:timers/promises';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type EmbeddedBroker, startBroker } from '#millrace/broker/start-broker';
import { Admin } from '#millrace/client/index';
import { ERROR } from '../../../src/base/kafka-errors.ts';
import { API } from '../../../src/protocol/api-keys.ts';
import { encodeRequest } from '../../../src/protocol/frames.ts';
import { RawPeer } from '../../support/raw-peer.ts';
import { until } from '../../support/until.ts';
import { WireClient } from '../../support/wire-client.ts';

const CLOSED = /the connection was closed/;
const RIGHT = Buffer.from('\0alice\0secret');
const WRONG = Buffer.from('\0alice\0Secret');
const RECEIVE_BYTES_MAX = 2000;
const METADATA = { topics: [] };

let broker: EmbeddedBroker;
const lines: string[] = [];

beforeAll(async () => {
  const note = (line: string) => lines.push(line);
  broker = await startBroker({
    config: {
      listeners: 'SASL_PLAINTEXT://127.0.0.1:0',
      'sasl.enabled.mechanisms': 'PLAIN,SCRAM-SHA-256,SCRAM-SHA-512',
      'millrace.sasl.users': 'alice:secret,bob:other',
      'connection.failed.authentication.delay.ms': 20,
      'sasl.server.max.receive.size': RECEIVE_BYTES_MAX,
      'listener.name.sasl_plaintext.scram-sha-512.connections.max.reauth.ms': 60_000,
      'millrace.http.listener': 'none',
    },
    logger: { info: note, warn: note, error: note },
  });
});

afterAll(async () => {
  await broker.close();
  expect(lines.join('\n')).not.toMatch(/secret|other/i);
});

const open = () => WireClient.open(broker.port);

async function shaken(mechanism = 'PLAIN', version = 1): Promise<WireClient> {
  const client = await open();
  const answer = await client.ask(API.SASL_HANDSHAKE, version, { mechanism });
  expect(answer.errorCode).toBe(ERROR.NONE);
  return client;
}

async function loggedIn(): Promise<WireClient> {
  const client = await shaken();
  const answer = await client.ask(API.SASL_AUTHENTICATE, 2, { authBytes: RIGHT });
  expect(answer).toMatchObject({ errorCode: ERROR.NONE, sessionLifetimeMs: 0 });
  return client;
}

describe('a client that authenticates', () => {
  it('is served after ApiVersions, a handshake and its password', async () => {
    const client = await open();
    const { apiKeys } = await client.ask(API.API_VERSIONS, 3, {
      clientSoftwareName: 'tests',
      clientSoftwareVersion: '1',
    });
    const served = apiKeys.map(({ apiKey }) => apiKey);
    expect(served).toEqual(expect.arrayContaining([17, 36, 50, 51]));
    await client.ask(API.SASL_HANDSHAKE, 1, { mechanism: 'PLAIN' });
    await client.ask(API.SASL_AUTHENTICATE, 2, { authBytes: RIGHT });
    expect((await client.ask(API.METADATA, 9, METADATA)).brokers).toHaveLength(1);
    client.close();
  });

  it.each([0, 1, 2])('may send its tokens in SaslAuthenticate v%i', async (version) => {
    const client = await shaken();
    const answer = await client.ask(API.SASL_AUTHENTICATE, version, { authBytes: RIGHT });
    expect(answer).toMatchObject({ errorCode: ERROR.NONE, errorMessage: null });
    await client.ask(API.METADATA, 9, METADATA);
    client.close();
  });

  it('may send its tokens bare after SaslHandshake v0', async () => {
    const client = await shaken('PLAIN', 0);
    expect(await client.askFrame(RIGHT)).toEqual(Buffer.alloc(0));
    await client.ask(API.METADATA, 9, METADATA);
    client.close();
  });

  it('may pipeline all that it has to say', async () => {
    const peer = await RawPeer.open(broker.port);
    const header = { correlationId: 1, clientId: null };
    const frames = [
      encodeRequest(API.API_VERSIONS, 0, header, {}),
      encodeRequest(API.SASL_HANDSHAKE, 0, header, { mechanism: 'PLAIN' }),
      RIGHT,
      encodeRequest(API.HEARTBEAT, 0, header, { groupId: 'g', generationId: 1, memberId: 'm' }),
    ];
    for (const frame of frames) await peer.send(framed(frame));
    await until('four answers', async () => framesOf(peer.received).length === frames.length);
    const [, handshake, token, heartbeat] = framesOf(peer.received);
    expect(handshake!.readInt16BE(4)).toBe(ERROR.NONE);
    expect(token).toHaveLength(0);
    expect(heartbeat!.readInt16BE(4)).toBe(ERROR.UNKNOWN_MEMBER_ID);
    peer.socket.destroy();
  });

  it('hears of an illegal state when it begins again without need', async () => {
    const client = await loggedIn();
    const handshake = await client.ask(API.SASL_HANDSHAKE, 1, { mechanism: 'PLAIN' });
    expect(handshake).toEqual({ errorCode: ERROR.ILLEGAL_SASL_STATE, mechanisms: [] });
    const token = await client.ask(API.SASL_AUTHENTICATE, 2, { authBytes: RIGHT });
    expect(token.errorCode).toBe(ERROR.ILLEGAL_SASL_STATE);
    await client.ask(API.METADATA, 9, METADATA);
    client.close();
  });
});

describe('a client that does not', () => {
  it('hears which mechanisms there are', async () => {
    const client = await open();
    const answer = await client.ask(API.SASL_HANDSHAKE, 1, { mechanism: 'GSSAPI' });
    expect(answer).toEqual({
      errorCode: ERROR.UNSUPPORTED_SASL_MECHANISM,
      mechanisms: ['PLAIN', 'SCRAM-SHA-256', 'SCRAM-SHA-512'],
    });
    await client.closed;
  });

  it('hears that its password is wrong, and is ended', async () => {
    const client = await shaken();
    const answer = await client.ask(API.SASL_AUTHENTICATE, 2, { authBytes: WRONG });
    expect(answer).toMatchObject({
      errorCode: ERROR.SASL_AUTHENTICATION_FAILED,
      errorMessage: 'Authentication failed: Invalid username or password',
    });
    await client.closed;
    expect(lines.join('\n')).toContain('failed to authenticate');
  });

  it('is ended without an answer where its tokens are bare', async () => {
    const client = await shaken('PLAIN', 0);
    expect(await client.askFrame(WRONG)).toBeNull();
  });

  it.each([
    ['Metadata at first', [], API.METADATA, 9, METADATA],
    ['a token at first', [], API.SASL_AUTHENTICATE, 2, { authBytes: RIGHT }],
    ['Metadata among the tokens', ['PLAIN'], API.METADATA, 9, METADATA],
    ['ApiVersions twice', [], API.API_VERSIONS, 0, {}],
  ] as const)('is ended for %s', async (_, handshakes, key, version, body) => {
    const client = handshakes.length > 0 ? await shaken() : await open();
    if (key === API.API_VERSIONS) {
      await client.ask(key, version, {});
      await expect(client.ask(key, version, {})).rejects.toThrow(CLOSED);
    } else {
      await expect(client.ask(key, version, body as never)).rejects.toThrow(CLOSED);
    }
    await client.closed;
  });

  it('hears of an illegal state for a second handshake, and for ApiVersions behind one', async () => {
    const twice = await shaken();
    const handshake = await twice.ask(API.SASL_HANDSHAKE, 1, { mechanism: 'PLAIN' });
    expect(handshake.errorCode).toBe(ERROR.ILLEGAL_SASL_STATE);
    const late = await shaken();
    expect((await late.ask(API.API_VERSIONS, 0, {})).errorCode).toBe(ERROR.ILLEGAL_SASL_STATE);
    await Promise.all([twice.closed, late.closed]);
  });

  it('may ask for an unknown version of ApiVersions before', async () => {
    const client = await open();
    const answer = await client.askRaw(API.API_VERSIONS, 99, Buffer.alloc(1));
    expect(answer.readInt16BE(4)).toBe(ERROR.UNSUPPORTED_VERSION);
    await client.ask(API.API_VERSIONS, 0, {});
    await client.ask(API.SASL_HANDSHAKE, 1, { mechanism: 'PLAIN' });
    client.close();
  });

  it.each([0, 1])('may send no large frame, before and after handshake v%i', async (version) => {
    const large = Buffer.alloc(4);
    large.writeInt32BE(RECEIVE_BYTES_MAX + 1);
    const first = await RawPeer.open(broker.port);
    await first.send(large);
    await first.closedWithin(5000);
    const client = await shaken('PLAIN', version);
    expect(await client.askFrame(Buffer.alloc(RECEIVE_BYTES_MAX + 1))).toBeNull();
  });

  it('may send large frames once it is authenticated', async () => {
    const client = await loggedIn();
    const names = Array.from({ length: 1000 }, (_, i) => ({ name: `topic-${i}` }));
    expect((await client.ask(API.METADATA, 9, { topics: names })).topics).toHaveLength(1000);
    client.close();
  });

  it('is ended at every cut of a handshake, and the broker goes on', async () => {
    const header = { correlationId: 1, clientId: null };
    const whole = Buffer.concat([
      framed(encodeRequest(API.SASL_HANDSHAKE, 1, header, { mechanism: 'PLAIN' })),
      framed(encodeRequest(API.SASL_AUTHENTICATE, 2, header, { authBytes: RIGHT })),
    ]);
    for (let end = 1; end < whole.length; end += 3) {
      const peer = await RawPeer.open(broker.port);
      await peer.send(whole.subarray(0, end));
      peer.socket.end();
      await peer.closedWithin(5000);
      peer.socket.destroy();
    }
    (await loggedIn()).close();
  });
});

describe('users of SCRAM', () => {
  const connection = (username: string, password: string) => {
    const sasl = { mechanism: 'SCRAM-SHA-512', username, password } as const;
    return new Admin({ bootstrapServers: broker.bootstrapServers, sasl });
  };

  it('are made, changed, described and taken away, and let in accordingly', async () => {
    await using root = connection('alice', 'secret');
    const carol = { user: 'carol', mechanism: 'SCRAM-SHA-512' } as const;
    await root.scram.alter([{ ...carol, password: 'first', iterations: 5000 }]);
    const found = await root.scram.describe(['carol']);
    expect(JSON.stringify([...found])).toContain('5000');
    await using first = connection('carol', 'first');
    await first.cluster.describe();
    await root.scram.alter([{ ...carol, password: 'second' }]);
    await using old = connection('carol', 'first');
    await expect(old.cluster.describe()).rejects.toThrow('invalid credentials');
    await using second = connection('carol', 'second');
    await second.cluster.describe();
    await root.scram.alter([{ ...carol, password: null }]);
    await expect(second.cluster.describe()).rejects.toThrow('invalid credentials');
    await using gone = connection('carol', 'second');
    await expect(gone.cluster.describe()).rejects.toThrow('invalid credentials');
  });
});

describe('a session with an end', () => {
  it('ends with a request that comes after it, and goes on with another login', async () => {
    await using short = await startBroker({
      config: {
        listeners: 'SASL_PLAINTEXT://127.0.0.1:0',
        'sasl.enabled.mechanisms': 'PLAIN',
        'millrace.sasl.users': 'alice:secret',
        'connections.max.reauth.ms': 1,
        'millrace.http.listener': 'none',
      },
    });
    const client = await WireClient.open(short.port);
    const login = async () => {
      const shake = await client.ask(API.SASL_HANDSHAKE, 1, { mechanism: 'PLAIN' });
      expect(shake.errorCode).toBe(ERROR.NONE);
      return client.ask(API.SASL_AUTHENTICATE, 1, { authBytes: RIGHT });
    };
    expect(await login()).toMatchObject({ errorCode: ERROR.NONE, sessionLifetimeMs: 1 });
    await delay(20);
    expect(await login()).toMatchObject({ errorCode: ERROR.NONE, sessionLifetimeMs: 1 });
    await delay(20);
    await expect(client.ask(API.METADATA, 9, METADATA)).rejects.toThrow(CLOSED);
  });
});

describe('a listener without SASL', () => {
  it('answers both requests with an illegal state, and goes on', async () => {
    await using plain = await startBroker({ config: { 'millrace.http.listener': 'none' } });
    const client = await WireClient.open(plain.port);
    const handshake = await client.ask(API.SASL_HANDSHAKE, 1, { mechanism: 'PLAIN' });
    expect(handshake).toEqual({ errorCode: ERROR.ILLEGAL_SASL_STATE, mechanisms: [] });
    const token = await client.ask(API.SASL_AUTHENTICATE, 2, { authBytes: RIGHT });
    expect(token).toMatchObject({
      errorCode: ERROR.ILLEGAL_SASL_STATE,
      errorMessage: 'SaslAuthenticate request received after successful authentication',
    });
    await client.ask(API.METADATA, 9, METADATA);
    client.close();
  });
});

function framed(frame: Buffer): Buffer {
  const length = Buffer.alloc(4);
  length.writeInt32BE(frame.length);
  return Buffer.concat([length, frame]);
}

function framesOf(bytes: Buffer): Buffer[] {
  const frames: Buffer[] = [];
  let at = 0;
  while (bytes.length - at >= 4 && bytes.length - at - 4 >= bytes.readInt32BE(at)) {
    const end = at + 4 + bytes.readInt32BE(at);
    frames.push(bytes.subarray(at + 4, end));
    at = end;
  }
  return frames;
}
