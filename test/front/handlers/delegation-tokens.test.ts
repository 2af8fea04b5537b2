import { createHash, createHmac, pbkdf2Sync } from 'node:crypto';
import { type EmbeddedBroker, startBroker } from 'millrace';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { ERROR } from '../../../src/base/kafka-errors.ts';
import { API } from '../../../src/protocol/api-keys.ts';
import { until } from '../../support/until.ts';
import { WireClient } from '../../support/wire-client.ts';

const DAY_MS = 86_400_000;
const PASSWORDS: Readonly<Record<string, string>> = { alice: 'one', bob: 'two', root: 'three' };

let broker: EmbeddedBroker;

beforeAll(async () => {
  broker = await startBroker({
    config: {
      listeners: 'SASL_PLAINTEXT://127.0.0.1:0,PLAINTEXT://127.0.0.1:0',
      'sasl.enabled.mechanisms': 'PLAIN,SCRAM-SHA-256,SCRAM-SHA-512',
      'millrace.sasl.users': 'alice:one,bob:two,root:three',
      'delegation.token.secret.key': 'the key of the tests',
      'delegation.token.expiry.check.interval.ms': '50',
      'authorizer.class.name': 'org.apache.kafka.metadata.authorizer.StandardAuthorizer',
      'super.users': 'User:root',
      'connection.failed.authentication.delay.ms': '0',
      'millrace.http.listener': 'none',
    },
  });
});

afterAll(() => broker.close());

const portOf = (listener: string) => Number(broker.addressOf(listener).split(':')[1]);

async function loggedIn(user: string): Promise<WireClient> {
  const client = await WireClient.open(portOf('SASL_PLAINTEXT'));
  await client.ask(API.SASL_HANDSHAKE, 1, { mechanism: 'PLAIN' });
  const authBytes = Buffer.from(`\0${user}\0${PASSWORDS[user]}`);
  const answer = await client.ask(API.SASL_AUTHENTICATE, 2, { authBytes });
  expect(answer.errorCode).toBe(ERROR.NONE);
  return client;
}

interface Asked {
  readonly owner?: string;
  readonly renewers?: readonly string[];
  readonly maxLifetimeMs?: number;
}

const userOf = (name: string) => ({ principalType: 'User', principalName: name });

function create(client: WireClient, { owner, renewers = [], maxLifetimeMs = -1 }: Asked = {}) {
  return client.ask(API.CREATE_DELEGATION_TOKEN, 3, {
    ownerPrincipalType: owner === undefined ? null : 'User',
    ownerPrincipalName: owner ?? null,
    renewers: renewers.map(userOf),
    maxLifetimeMs,
  });
}

function describeTokens(client: WireClient, owners: readonly string[] | null = null) {
  const request = { owners: owners === null ? null : owners.map(userOf) };
  return client.ask(API.DESCRIBE_DELEGATION_TOKEN, 3, request);
}

const renew = (client: WireClient, hmac: Buffer, renewPeriodMs: number) =>
  client.ask(API.RENEW_DELEGATION_TOKEN, 2, { hmac, renewPeriodMs });

const expire = (client: WireClient, hmac: Buffer, expiryTimePeriodMs: number) =>
  client.ask(API.EXPIRE_DELEGATION_TOKEN, 2, { hmac, expiryTimePeriodMs });

/** Authenticates by SCRAM-SHA-256 with a token. Answers what the broker said last. */
async function showToken(client: WireClient, id: string, secret: Buffer) {
  await client.ask(API.SASL_HANDSHAKE, 1, { mechanism: 'SCRAM-SHA-256' });
  const bare = `n=${id},r=client,tokenauth=true`;
  const first = await client.ask(API.SASL_AUTHENTICATE, 2, {
    authBytes: Buffer.from(`n,,${bare}`),
  });
  const challenge = first.authBytes.toString();
  const [, nonce, salt, rounds] = /^r=(client.+),s=(.+),i=(\d+)$/.exec(challenge)!;
  const password = secret.toString('base64');
  const key = pbkdf2Sync(password, Buffer.from(salt!, 'base64'), Number(rounds), 32, 'sha256');
  const hmac = (by: Buffer, text: string) => createHmac('sha256', by).update(text).digest();
  const clientKey = hmac(key, 'Client Key');
  const withoutProof = `c=biws,r=${nonce}`;
  const signed = `${bare},${challenge},${withoutProof}`;
  const signature = hmac(createHash('sha256').update(clientKey).digest(), signed);
  const proof = Buffer.from(clientKey.map((byte, i) => byte ^ signature[i]!)).toString('base64');
  const authBytes = Buffer.from(`${withoutProof},p=${proof}`);
  return client.ask(API.SASL_AUTHENTICATE, 2, { authBytes });
}

describe('a delegation token', () => {
  it('lives for a day, and for a week when it is renewed', async () => {
    const alice = await loggedIn('alice');
    const token = await create(alice);
    expect(token).toMatchObject({ errorCode: 0, principalName: 'alice', principalType: 'User' });
    expect(token.expiryTimestampMs - token.issueTimestampMs).toBe(DAY_MS);
    expect(token.maxTimestampMs - token.issueTimestampMs).toBe(7 * DAY_MS);
    const renewed = await renew(alice, token.hmac, 1000);
    expect(renewed.errorCode).toBe(0);
    expect(renewed.expiryTimestampMs).toBeLessThan(token.expiryTimestampMs);
    const short = await create(alice, { maxLifetimeMs: 5000 });
    expect(short.maxTimestampMs - short.issueTimestampMs).toBe(5000);
    expect(short.expiryTimestampMs).toBe(short.maxTimestampMs);
    alice.close();
  });

  it('stands for its owner, until it ends', async () => {
    const alice = await loggedIn('alice');
    const { tokenId, hmac, expiryTimestampMs } = await create(alice);
    const client = await WireClient.open(portOf('SASL_PLAINTEXT'));
    const answer = await showToken(client, tokenId, hmac);
    expect(answer.errorCode).toBe(ERROR.NONE);
    expect(answer.sessionLifetimeMs).toBeGreaterThan(expiryTimestampMs - Date.now() - 5000);
    // A token may not make tokens.
    expect((await create(client)).errorCode).toBe(ERROR.DELEGATION_TOKEN_REQUEST_NOT_ALLOWED);
    await client.ask(API.METADATA, 12, { topics: [] });
    expect((await expire(alice, hmac, -1)).errorCode).toBe(0);
    await expect(client.ask(API.METADATA, 12, { topics: [] })).rejects.toThrow('closed');
    const again = await WireClient.open(portOf('SASL_PLAINTEXT'));
    const refused = await showToken(again, tokenId, hmac);
    expect(refused.errorCode).toBe(ERROR.SASL_AUTHENTICATION_FAILED);
    alice.close();
  });

  it('with a wrong secret is refused as an unknown one is', async () => {
    const alice = await loggedIn('alice');
    const { tokenId } = await create(alice);
    const wrong = Buffer.alloc(64);
    const messages = [];
    for (const id of [tokenId, 'no-such-token']) {
      const client = await WireClient.open(portOf('SASL_PLAINTEXT'));
      const answer = await showToken(client, id, wrong);
      expect(answer.errorCode).toBe(ERROR.SASL_AUTHENTICATION_FAILED);
      messages.push(answer.errorMessage);
    }
    expect(messages[0]).toBe(messages[1]);
    alice.close();
  });

  it('is renewed and ended by its owner and its renewers, and by nobody else', async () => {
    const [alice, bob, root] = await Promise.all(['alice', 'bob', 'root'].map(loggedIn));
    const own = await create(alice!);
    const shared = await create(alice!, { renewers: ['bob'] });
    const { DELEGATION_TOKEN_OWNER_MISMATCH, DELEGATION_TOKEN_NOT_FOUND } = ERROR;
    for (const ask of [renew, expire]) {
      expect((await ask(bob!, own.hmac, 1000)).errorCode).toBe(DELEGATION_TOKEN_OWNER_MISMATCH);
      expect((await ask(root!, own.hmac, 1000)).errorCode).toBe(DELEGATION_TOKEN_OWNER_MISMATCH);
      expect((await ask(bob!, shared.hmac, 60_000)).errorCode).toBe(0);
      const unknown = await ask(alice!, Buffer.from('unknown'), 1000);
      expect(unknown).toMatchObject({
        errorCode: DELEGATION_TOKEN_NOT_FOUND,
        expiryTimestampMs: -1,
      });
    }
    for (const client of [alice!, bob!, root!]) client.close();
  });

  it('that is over is told to be, and is taken away', async () => {
    const alice = await loggedIn('alice');
    const { hmac, tokenId } = await create(alice, { maxLifetimeMs: 1 });
    await until('the token is gone', async () => {
      const { tokens } = await describeTokens(alice);
      return !tokens.some((token) => token.tokenId === tokenId);
    });
    expect((await renew(alice, hmac, 1000)).errorCode).toBe(ERROR.DELEGATION_TOKEN_NOT_FOUND);
    alice.close();
  });

  it('is seen by those whom it concerns, and with the right to see it', async () => {
    const [alice, bob, root] = await Promise.all(['alice', 'bob', 'root'].map(loggedIn));
    const { tokenId } = await create(alice!);
    const shared = await create(alice!, { renewers: ['bob'] });
    const idsOf = async (client: WireClient, owners: readonly string[] | null = null) => {
      const { errorCode, tokens } = await describeTokens(client, owners);
      expect(errorCode).toBe(0);
      return tokens.map((token) => token.tokenId);
    };
    expect(await idsOf(alice!)).toEqual(expect.arrayContaining([tokenId, shared.tokenId]));
    const seenByBob = await idsOf(bob!);
    expect(seenByBob).toContain(shared.tokenId);
    expect(seenByBob).not.toContain(tokenId);
    expect(await idsOf(root!)).toContain(tokenId);
    expect(await idsOf(root!, ['bob'])).not.toContain(tokenId);
    expect(await idsOf(root!, [])).toEqual([]);
    for (const client of [alice!, bob!, root!]) client.close();
  });

  it('for somebody else needs the right to make it', async () => {
    const [bob, root] = await Promise.all(['bob', 'root'].map(loggedIn));
    const refused = await create(bob!, { owner: 'alice' });
    expect(refused.errorCode).toBe(ERROR.DELEGATION_TOKEN_AUTHORIZATION_FAILED);
    const made = await create(root!, { owner: 'alice' });
    expect(made).toMatchObject({
      errorCode: 0,
      principalName: 'alice',
      tokenRequesterPrincipalName: 'root',
    });
    for (const client of [bob!, root!]) client.close();
  });

  it('cannot be asked for without authentication', async () => {
    const client = await WireClient.open(portOf('PLAINTEXT'));
    const { DELEGATION_TOKEN_REQUEST_NOT_ALLOWED } = ERROR;
    const secret = Buffer.from('x');
    const answers = [
      await create(client),
      await renew(client, secret, 1),
      await expire(client, secret, 1),
      await describeTokens(client),
    ];
    for (const { errorCode } of answers)
      expect(errorCode).toBe(DELEGATION_TOKEN_REQUEST_NOT_ALLOWED);
    client.close();
  });
});

it('without a key there are none', async () => {
  const other = await startBroker({
    config: {
      listeners: 'SASL_PLAINTEXT://127.0.0.1:0',
      'sasl.enabled.mechanisms': 'PLAIN',
      'millrace.sasl.users': 'alice:one',
      'millrace.http.listener': 'none',
    },
  });
  const client = await WireClient.open(other.port);
  await client.ask(API.SASL_HANDSHAKE, 1, { mechanism: 'PLAIN' });
  await client.ask(API.SASL_AUTHENTICATE, 2, { authBytes: Buffer.from('\0alice\0one') });
  expect((await create(client)).errorCode).toBe(ERROR.DELEGATION_TOKEN_AUTH_DISABLED);
  client.close();
  await other.close();
});
