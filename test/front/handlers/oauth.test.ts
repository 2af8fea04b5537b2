import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { exportJWK, generateKeyPair, type JWK, type JWTPayload, SignJWT } from 'jose';
import { type EmbeddedBroker, startBroker } from 'millrace';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { Admin } from '#millrace/client/index';
import { ERROR } from '../../../src/base/kafka-errors.ts';
import { API } from '../../../src/protocol/api-keys.ts';
import { WireClient } from '../../support/wire-client.ts';

const ISSUER = 'https://idp.example';
const REFUSED = '{"status":"invalid_token"}';
const UNSECURED =
  'org.apache.kafka.common.security.oauthbearer.internals.unsecured.' +
  'OAuthBearerUnsecuredValidatorCallbackHandler';
const CONTROL_A = '\x01';

type KeyPair = Awaited<ReturnType<typeof generateKeyPair>> & { readonly jwk: JWK };

async function newKey(kid: string): Promise<KeyPair> {
  const pair = await generateKeyPair('ES256');
  return { ...pair, jwk: { ...(await exportJWK(pair.publicKey)), kid, alg: 'ES256' } };
}

let folder: string;
let keysFile: string;
let first: KeyPair;
let second: KeyPair;
let stranger: KeyPair;
let identityProvider: Server;
/** What the address of the identity provider answers with. */
let published: JWK[] = [];
let broker: EmbeddedBroker;
const lines: string[] = [];

const portOf = (listener: string) => Number(broker.addressOf(listener).split(':')[1]);

beforeAll(async () => {
  first = await newKey('1');
  second = await newKey('2');
  stranger = await newKey('1');
  folder = mkdtempSync(join(tmpdir(), 'millrace-oauth-'));
  keysFile = join(folder, 'jwks.json');
  writeFileSync(keysFile, JSON.stringify({ keys: [first.jwk] }));
  published = [first.jwk];
  identityProvider = createServer((_, response) => {
    response.setHeader('content-type', 'application/json');
    response.end(JSON.stringify({ keys: published }));
  });
  await new Promise<void>((resolve) => {
    identityProvider.listen(0, '127.0.0.1', resolve);
  });
  const { port } = identityProvider.address() as AddressInfo;
  const note = (line: string) => lines.push(line);
  broker = await startBroker({
    config: {
      listeners: 'FILE://127.0.0.1:0,WEB://127.0.0.1:0,OPEN://127.0.0.1:0,SCOPED://127.0.0.1:0',
      'listener.security.protocol.map':
        'FILE:SASL_PLAINTEXT,WEB:SASL_PLAINTEXT,OPEN:SASL_PLAINTEXT,SCOPED:SASL_PLAINTEXT',
      'sasl.enabled.mechanisms': 'OAUTHBEARER',
      'sasl.oauthbearer.jwks.endpoint.url': pathToFileURL(keysFile).href,
      'sasl.oauthbearer.expected.issuer': ISSUER,
      'sasl.oauthbearer.expected.audience': 'kafka,other',
      'listener.name.web.oauthbearer.sasl.oauthbearer.jwks.endpoint.url': `http://127.0.0.1:${port}/keys`,
      'listener.name.web.oauthbearer.sasl.oauthbearer.jwks.endpoint.retry.backoff.max.ms': '0',
      'listener.name.web.oauthbearer.sasl.oauthbearer.sub.claim.name': 'name',
      'listener.name.open.oauthbearer.sasl.server.callback.handler.class': UNSECURED,
      'listener.name.scoped.oauthbearer.sasl.server.callback.handler.class': UNSECURED,
      'listener.name.scoped.oauthbearer.sasl.jaas.config':
        'org.apache.kafka.common.security.oauthbearer.OAuthBearerLoginModule required ' +
        'unsecuredValidatorScopeClaimName="can" unsecuredValidatorRequiredScope="read write";',
      'connection.failed.authentication.delay.ms': '0',
      'millrace.http.listener': 'none',
    },
    logger: { info: note, warn: note, error: note },
  });
});

afterAll(async () => {
  await broker.close();
  identityProvider.close();
  rmSync(folder, { recursive: true });
});

const seconds = () => Math.floor(Date.now() / 1000);

interface Changes {
  readonly claims?: JWTPayload;
  readonly key?: KeyPair;
  readonly kid?: string;
}

function tokenOf({ claims = {}, key = first, kid = key.jwk.kid! }: Changes = {}): Promise<string> {
  const now = seconds();
  const whole = { sub: 'alice', iss: ISSUER, aud: 'kafka', iat: now, exp: now + 100, ...claims };
  return new SignJWT(whole).setProtectedHeader({ alg: 'ES256', kid }).sign(key.privateKey);
}

function unsecured(claims: object, header: object = { alg: 'none' }): string {
  const [head, body] = [header, claims].map((part) => {
    return Buffer.from(JSON.stringify(part)).toString('base64url');
  });
  return `${head}.${body}.`;
}

async function answersTo(listener: string, ...messages: readonly string[]) {
  const client = await WireClient.open(portOf(listener));
  await client.ask(API.SASL_HANDSHAKE, 1, { mechanism: 'OAUTHBEARER' });
  const answers = [];
  for (const message of messages) {
    const authBytes = Buffer.from(message);
    answers.push(await client.ask(API.SASL_AUTHENTICATE, 2, { authBytes }));
  }
  client.close();
  return answers;
}

const show = (token: string, name = '') => `n,${name},\x01auth=Bearer ${token}\x01\x01`;

async function isAccepted(listener: string, token: string): Promise<boolean> {
  const [answer] = await answersTo(listener, show(token));
  expect(answer!.errorCode).toBe(ERROR.NONE);
  const text = answer!.authBytes.toString();
  expect(['', REFUSED]).toContain(text);
  return text === '';
}

describe('a signed token', () => {
  it('names the user, and its end is the end of the session', async () => {
    const [answer] = await answersTo('FILE', show(await tokenOf(), 'a=alice'));
    expect(answer).toMatchObject({ errorCode: ERROR.NONE, authBytes: Buffer.alloc(0) });
    expect(answer!.sessionLifetimeMs).toBeGreaterThan(90_000);
    expect(answer!.sessionLifetimeMs).toBeLessThanOrEqual(100_000);
  });

  const now = seconds();
  it.each([
    ['is over', { exp: now - 31 }],
    ['is not valid yet', { nbf: now + 1000 }],
    ['has no end', { exp: undefined }],
    ['does not say when it was made', { iat: undefined }],
    ['is of another issuer', { iss: 'https://other.example' }],
    ['is for another service', { aud: 'mail' }],
    ['names nobody', { sub: undefined }],
    ['names nobody but blanks', { sub: '  ' }],
    ['names a scope twice', { scope: ['read', 'read'] }],
    ['names an empty scope', { scope: ' ' }],
    ['names an empty scope beside another', { scope: ['read', ''] }],
    ['names a scope that is no text', { scope: ['read', 7] }],
    ['names scopes that differ in blanks', { scope: ['read', ' read'] }],
  ])('is refused where it %s', async (_, claims) => {
    expect(await isAccepted('FILE', await tokenOf({ claims: claims as JWTPayload }))).toBe(false);
  });

  it.each([
    ['no scope', undefined],
    ['a scope', 'read'],
    ['words, which are one scope', 'read read'],
    ['scopes', ['read', 'write']],
    ['an empty list', []],
    // Kafka takes what is neither text nor list for no scope.
    ['a number', 7],
  ])('is accepted with %s', async (_, scope) => {
    expect(await isAccepted('FILE', await tokenOf({ claims: { scope } }))).toBe(true);
  });

  it('may be a little late by the clock', async () => {
    expect(await isAccepted('FILE', await tokenOf({ claims: { exp: seconds() - 5 } }))).toBe(true);
  });

  it('is refused with a key that nobody published, or without a signature', async () => {
    expect(await isAccepted('FILE', await tokenOf({ key: stranger }))).toBe(false);
    expect(await isAccepted('FILE', await tokenOf({ kid: 'unknown' }))).toBe(false);
    const claims = { sub: 'alice', iss: ISSUER, aud: 'kafka', iat: seconds(), exp: seconds() + 9 };
    expect(await isAccepted('FILE', unsecured(claims))).toBe(false);
    const secret = Buffer.from(JSON.stringify(first.jwk));
    const shared = await new SignJWT(claims).setProtectedHeader({ alg: 'HS256', kid: '1' });
    expect(await isAccepted('FILE', await shared.sign(secret))).toBe(false);
    expect(await isAccepted('FILE', 'no.token')).toBe(false);
  });

  it('is told to be invalid, and then ends the connection with that', async () => {
    const token = await tokenOf({ key: stranger });
    const [challenge, refusal] = await answersTo('FILE', show(token), CONTROL_A);
    expect(challenge!.authBytes.toString()).toBe(REFUSED);
    const { errorCode, errorMessage } = refusal!;
    expect({ errorCode, errorMessage }).toEqual({
      errorCode: ERROR.SASL_AUTHENTICATION_FAILED,
      errorMessage: REFUSED,
    });
    expect(lines.join('\n')).toContain('a token is refused');
    expect(lines.join('\n')).not.toContain(token);
  });

  it('does not let its user act for another one', async () => {
    const [answer] = await answersTo('FILE', show(await tokenOf(), 'a=bob'));
    expect(answer!.errorCode).toBe(ERROR.SASL_AUTHENTICATION_FAILED);
    expect(answer!.errorMessage).toContain('authorization id');
  });

  it.each(['', 'n,,', 'n,,\x01auth=Basic abc\x01\x01', 'y,,\x01auth=Bearer a\x01\x01'])(
    'in a message of the wrong form is refused: %j',
    async (message) => {
      const [answer] = await answersTo('FILE', message);
      expect(answer!.errorCode).toBe(ERROR.SASL_AUTHENTICATION_FAILED);
    },
  );
});

describe('the keys', () => {
  it('are read again when their file changes', async () => {
    const token = await tokenOf({ key: second });
    expect(await isAccepted('FILE', token)).toBe(false);
    writeFileSync(keysFile, JSON.stringify({ keys: [first.jwk, second.jwk] }));
    expect(await isAccepted('FILE', token)).toBe(true);
  });

  it('are asked for again when a token names one that is not known', async () => {
    const claims = { sub: 'nobody', name: 'carol' };
    expect(await isAccepted('WEB', await tokenOf({ claims }))).toBe(true);
    const token = await tokenOf({ claims, key: second });
    expect(await isAccepted('WEB', token)).toBe(false);
    published = [second.jwk];
    expect(await isAccepted('WEB', token)).toBe(true);
  });

  it('that cannot be had refuse every token, and serve again when they are there', async () => {
    writeFileSync(keysFile, '{');
    expect(await isAccepted('FILE', await tokenOf())).toBe(false);
    writeFileSync(keysFile, JSON.stringify({ keys: [first.jwk] }));
    expect(await isAccepted('FILE', await tokenOf())).toBe(true);
  });
});

describe('a listener for tests', () => {
  it('takes tokens that nobody signed, and says so at the start', async () => {
    const claims = { sub: 'alice', exp: seconds() + 100 };
    expect(await isAccepted('OPEN', unsecured(claims))).toBe(true);
    expect(await isAccepted('OPEN', unsecured({ ...claims, exp: seconds() - 100 }))).toBe(false);
    expect(await isAccepted('OPEN', unsecured(claims, { alg: 'ES256' }))).toBe(false);
    expect(await isAccepted('OPEN', 'bm8.bm8.')).toBe(false);
    expect(lines.join('\n')).toContain('anybody may be anybody');
  });

  it.each([
    [['read', 'write', 'more'], true],
    [['write', ' read '], true],
    [['read'], false],
    ['read', false],
    // One text is one scope, as in Kafka.
    ['read write', false],
    [undefined, false],
    [7, false],
  ])('that asks for scopes hears of %j: %s', async (can, isEnough) => {
    const claims = { sub: 'alice', exp: seconds() + 100, can };
    expect(await isAccepted('SCOPED', unsecured(claims))).toBe(isEnough);
  });
});

it('serves the client of this project, which brings a new token in time', async () => {
  let asked = 0;
  const admin = new Admin({
    bootstrapServers: broker.addressOf('FILE'),
    sasl: {
      mechanism: 'OAUTHBEARER',
      token: async () => {
        asked++;
        return { value: await tokenOf({ claims: { exp: seconds() + 2 } }) };
      },
    },
  });
  for (const until = Date.now() + 3000; Date.now() < until; ) await admin.cluster.describe();
  await admin.close();
  expect(asked).toBeGreaterThan(1);
});

it('does not start without keys', async () => {
  const started = startBroker({
    config: {
      listeners: 'SASL_PLAINTEXT://127.0.0.1:0',
      'sasl.enabled.mechanisms': 'OAUTHBEARER',
    },
  });
  await expect(started).rejects.toThrow('sasl.oauthbearer.jwks.endpoint.url');
});
