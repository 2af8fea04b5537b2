import { createHash, createHmac, pbkdf2Sync } from 'node:crypto';
import { describe, expect, it } from 'vitest';
import { ERROR } from '../../../src/base/kafka-errors.ts';
import type { SaslOptions } from '../../../src/client/config/sasl-options.ts';
import { Connection } from '../../../src/client/net/connection.ts';
import { RequestClock } from '../../../src/client/net/request-clock.ts';
import { openTcp } from '../../../src/client/net/tcp-transport.ts';
import { API } from '../../../src/protocol/api-keys.ts';
import { encodeResponseFrame } from '../../../src/protocol/frames.ts';
import { apiVersions, FakeBroker } from '../fake-broker.ts';
import { unobserved } from './unobserved.ts';

const SALT = Buffer.from('seventeen grains');
const ITERATIONS = 4096;
const SERVED = { [API.SASL_HANDSHAKE]: 1, [API.SASL_AUTHENTICATE]: 2, [API.METADATA]: 5 };

/** What the broker says to each message of a client; null refuses it. */
type Mechanism = (message: string, step: number) => string | null;

/** A broker that asks for this mechanism. */
function brokerWith(name: string, mechanism: Mechanism, sessionLifetimeMs = 0) {
  let step = 0;
  return FakeBroker.start((request) => {
    const { apiKey, version, correlationId: id } = request;
    if (apiKey === API.API_VERSIONS) return apiVersions(request, SERVED);
    if (apiKey === API.METADATA) {
      return encodeResponseFrame(API.METADATA, version, id, { brokers: [], topics: [] });
    }
    if (apiKey === API.SASL_HANDSHAKE) {
      step = 0;
      const isKnown = (request.body as { mechanism: string }).mechanism === name;
      const errorCode = isKnown ? ERROR.NONE : ERROR.UNSUPPORTED_SASL_MECHANISM;
      return encodeResponseFrame(API.SASL_HANDSHAKE, version, id, {
        errorCode,
        mechanisms: [name],
      });
    }
    const said = mechanism((request.body as { authBytes: Buffer }).authBytes.toString(), step++);
    return encodeResponseFrame(API.SASL_AUTHENTICATE, version, id, {
      errorCode: said === null ? ERROR.SASL_AUTHENTICATION_FAILED : ERROR.NONE,
      errorMessage: said === null ? 'wrong' : null,
      authBytes: Buffer.from(said ?? ''),
      sessionLifetimeMs,
    });
  });
}

/** The broker's side of RFC 5802, written apart from the client's. */
function scramServer(digest: string, bytes: number, password: string): Mechanism {
  let first = '';
  let challenge = '';
  return (message, step) => {
    if (step === 0) {
      first = message.slice('n,,'.length);
      const nonce = /r=([^,]+)/.exec(first)![1]!;
      challenge = `r=${nonce}broker,s=${SALT.toString('base64')},i=${ITERATIONS}`;
      return challenge;
    }
    const [bare, proof] = message.split(',p=');
    const salted = pbkdf2Sync(password, SALT, ITERATIONS, bytes, digest);
    const sign = (key: Buffer, text: string) => createHmac(digest, key).update(text).digest();
    const signed = `${first},${challenge},${bare}`;
    const stored = createHash(digest).update(sign(salted, 'Client Key')).digest();
    const signature = sign(stored, signed);
    const key = Buffer.from(Buffer.from(proof!, 'base64').map((byte, i) => byte ^ signature[i]!));
    if (!createHash(digest).update(key).digest().equals(stored)) return 'e=invalid-proof';
    return `v=${sign(sign(salted, 'Server Key'), signed).toString('base64')}`;
  };
}

function open(broker: FakeBroker, sasl: SaslOptions, observer = unobserved()): Promise<Connection> {
  return Connection.open(broker.address, {
    clientId: 'tests',
    requestTimeoutMs: 200_000,
    connectTimeoutMs: 5_000,
    maxIdleMs: 600_000,
    sasl,
    openTransport: openTcp,
    observer,
    clock: new RequestClock((thrown) => expect.unreachable(String(thrown))),
    onError: (error) => expect.unreachable(error.message),
  });
}

describe('SASL', () => {
  it('says name and password with PLAIN, and throws what the broker says of a wrong one', async () => {
    const mechanism: Mechanism = (message) => (message === '\0ada\0secret' ? '' : null);
    await using broker = await brokerWith('PLAIN', mechanism);
    const plain = { mechanism: 'PLAIN', username: 'ada' } as const;
    (await open(broker, { ...plain, password: 'secret' })).close();
    let refused = 0;
    const onRefused = () => {
      refused++;
    };
    const observer = Object.assign(unobserved(), { onRefused });
    await expect(open(broker, { ...plain, password: 'guess' }, observer)).rejects.toMatchObject({
      code: 'SASL_AUTHENTICATION_FAILED',
      category: 'invalid-configuration',
      message: expect.stringContaining('wrong'),
    });
    expect(refused).toBe(1);
  });

  it.each([
    ['SCRAM-SHA-256', 'sha256', 32],
    ['SCRAM-SHA-512', 'sha512', 64],
  ] as const)(
    'proves the password with %s and demands a proof back',
    async (name, digest, size) => {
      await using broker = await brokerWith(name, scramServer(digest, size, 'pässword'));
      const sasl = { mechanism: name, username: 'a=d,a', password: 'pässword' };
      (await open(broker, sasl)).close();
      await expect(open(broker, { ...sasl, password: 'guess' })).rejects.toThrow('invalid-proof');
      const liar = scramServer(digest, size, 'pässword');
      await using other = await brokerWith(name, (message, step) => {
        return step === 0 ? liar(message, step) : 'v=bm90IHRoZSBzaWduYXR1cmU=';
      });
      await expect(open(other, sasl)).rejects.toThrow('not who it says');
    },
  );

  it('says with SCRAM that the name is that of a delegation token', async () => {
    const said: string[] = [];
    const server = scramServer('sha256', 32, 'aG1hYw==');
    await using broker = await brokerWith('SCRAM-SHA-256', (message, step) => {
      said.push(message);
      return server(message, step);
    });
    const sasl = { mechanism: 'SCRAM-SHA-256', username: 'id', password: 'aG1hYw==' } as const;
    (await open(broker, { ...sasl, isDelegationToken: true })).close();
    expect(said[0]).toMatch(/^n,,n=id,r=[^,]+,tokenauth=true$/);
  });

  it('says that there is no token where its callback fails, and that it may help to ask again', async () => {
    await using broker = await brokerWith('OAUTHBEARER', () => '');
    const token = () => Promise.reject(new Error('the provider is down'));
    await expect(open(broker, { mechanism: 'OAUTHBEARER', token })).rejects.toMatchObject({
      code: 'SASL_AUTHENTICATION_FAILED',
      category: 'retriable',
      message: expect.stringContaining('the provider is down'),
    });
  });

  it('asks for a token at each connection with OAUTHBEARER', async () => {
    const said: string[] = [];
    await using broker = await brokerWith('OAUTHBEARER', (message) => {
      said.push(message);
      return message.includes('Bearer good') || message === '\x01' ? '' : '{"status":"invalid"}';
    });
    let value = 'good';
    const token = async () => ({ value, extensions: { tenant: 'blue' } });
    const sasl: SaslOptions = { mechanism: 'OAUTHBEARER', token };
    (await open(broker, sasl)).close();
    value = 'old';
    await expect(open(broker, sasl)).rejects.toThrow('{"status":"invalid"}');
    expect(said[0]).toBe('n,,\x01auth=Bearer good\x01tenant=blue\x01\x01');
    expect(said.at(-1)).toBe('\x01');
  });

  it('tells which mechanisms the broker has where it lacks the one', async () => {
    await using broker = await brokerWith('PLAIN', () => '');
    const sasl = { mechanism: 'SCRAM-SHA-256', username: 'ada', password: 'x' } as const;
    await expect(open(broker, sasl)).rejects.toThrow('not among its mechanisms PLAIN');
  });

  it('authenticates again before the session ends, and holds requests meanwhile', async () => {
    let proofs = 0;
    const mechanism: Mechanism = () => {
      proofs++;
      return '';
    };
    await using broker = await brokerWith('PLAIN', mechanism, 100_000);
    const sasl = { mechanism: 'PLAIN', username: 'ada', password: 'secret' } as const;
    const seen: string[] = [];
    const observer = Object.assign(unobserved(), {
      onAuthenticated: (isAgain: boolean) => seen.push(isAgain ? 'again' : 'first'),
    });
    const connection = await open(broker, sasl, observer);
    const all = { topics: null, allowAutoTopicCreation: false };
    const before = connection.ask(API.METADATA, all);
    expect(connection.onTick(performance.now() + 84_000)).toBe(true);
    expect(connection.onTick(performance.now() + 86_000)).toBe(true);
    const after = connection.ask(API.METADATA, all);
    await Promise.all([before, after]);
    expect(proofs).toBe(2);
    expect(seen).toEqual(['first', 'again']);
    expect(broker.requests.map(({ apiKey }) => apiKey).slice(3)).toEqual([
      API.METADATA,
      API.SASL_HANDSHAKE,
      API.SASL_AUTHENTICATE,
      API.METADATA,
    ]);
    connection.close();
  });
});
