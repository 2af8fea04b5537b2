/** Each step of a login is left out, repeated, swapped, cut or made too large. */

import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { exportJWK, generateKeyPair, SignJWT } from 'jose';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { API } from '../../../src/protocol/api-keys.ts';
import { decodeResponse, encodeRequest } from '../../../src/protocol/frames.ts';
import { freePort } from '../../conformance/lib/brokers.mjs';
import { HealthyClient } from '../../hostile/healthy-client.ts';
import { settled, sleep, underAttack } from '../../hostile/under-attack.ts';
import { BrokerProcess } from '../../support/broker-process.ts';
import { frame, RawPeer } from '../../support/raw-peer.ts';
import { type ScramName, ScramSteps } from '../../support/scram-steps.ts';
import { WireClient } from '../../support/wire-client.ts';

const RECEIVE_BYTES_MAX = 20_000;
const AUTHENTICATION_MS_MAX = 2_000;
const STALLED = 300;
const USER = 'alice';
const PASSWORD = 'not-to-be-logged';
const header = { correlationId: 1, clientId: 'tests' };

const folder = mkdtempSync(join(tmpdir(), 'millrace-sasl-'));
let broker: BrokerProcess;
let port = 0;
let token = '';

beforeAll(async () => {
  port = await freePort();
  const { publicKey, privateKey } = await generateKeyPair('ES256');
  const jwk = { ...(await exportJWK(publicKey)), kid: '1', alg: 'ES256' };
  writeFileSync(join(folder, 'jwks.json'), JSON.stringify({ keys: [jwk] }));
  const now = Math.floor(Date.now() / 1000);
  const claims = { sub: USER, iat: now, exp: now + 3600 };
  const signing = new SignJWT(claims).setProtectedHeader({ alg: 'ES256', kid: '1' });
  token = await signing.sign(privateKey);
  broker = await BrokerProcess.start({
    config: {
      listeners: `PLAINTEXT://127.0.0.1:0,SASL_PLAINTEXT://127.0.0.1:${port}`,
      'sasl.enabled.mechanisms': 'PLAIN,SCRAM-SHA-256,SCRAM-SHA-512,OAUTHBEARER',
      'millrace.sasl.users': `${USER}:${PASSWORD}`,
      'sasl.oauthbearer.jwks.endpoint.url': pathToFileURL(join(folder, 'jwks.json')).href,
      'sasl.server.max.receive.size': RECEIVE_BYTES_MAX,
      'connection.failed.authentication.delay.ms': 10,
      'millrace.connection.authentication.timeout.ms': AUTHENTICATION_MS_MAX,
      'max.connections.per.ip': 2 * STALLED,
      'max.connection.creation.rate': 5000,
    },
  });
});

afterAll(async () => {
  expect(broker.log).not.toContain(PASSWORD);
  expect(broker.log).not.toContain(token);
  await broker.kill();
  rmSync(folder, { recursive: true });
});

/** What a client sends, given the last answer to it. */
interface Step {
  readonly name: string;
  readonly frame: (answer: Buffer) => Buffer;
}

const request = (key: number, version: number, body: object): Buffer => {
  return encodeRequest(key as never, version, header, body as never);
};
const versions: Step = { name: 'ApiVersions', frame: () => request(API.API_VERSIONS, 0, {}) };
const handshake = (mechanism: string): Step => ({
  name: 'SaslHandshake',
  frame: () => request(API.SASL_HANDSHAKE, 1, { mechanism }),
});
const authenticate = (name: string, bytes: (challenge: Buffer) => Buffer): Step => ({
  name,
  frame: (answer) => {
    const authBytes = bytes(challengeIn(answer));
    return request(API.SASL_AUTHENTICATE, 1, { authBytes });
  },
});
const metadata = request(API.METADATA, 9, { topics: [] });

/** Of an answer to SaslAuthenticate; nothing where it is another answer. */
function challengeIn(answer: Buffer): Buffer {
  try {
    return decodeResponse(API.SASL_AUTHENTICATE, 1, answer).body.authBytes;
  } catch {
    return Buffer.alloc(0);
  }
}

const MECHANISMS: Readonly<Record<string, () => readonly Step[]>> = {
  PLAIN: () => [authenticate('the password', () => Buffer.from(`\0${USER}\0${PASSWORD}`))],
  'SCRAM-SHA-256': () => scram('SCRAM-SHA-256'),
  'SCRAM-SHA-512': () => scram('SCRAM-SHA-512'),
  OAUTHBEARER: () => [
    authenticate('the token', () => Buffer.from(`n,,\x01auth=Bearer ${token}\x01\x01`)),
  ],
};

function scram(mechanism: ScramName): readonly Step[] {
  const steps = new ScramSteps(mechanism, USER, PASSWORD);
  return [
    authenticate('the first message', () => steps.first()),
    authenticate('the proof', (challenge) => steps.final(challenge)),
  ];
}

const stepsOf = (mechanism: string): readonly Step[] => {
  return [versions, handshake(mechanism), ...MECHANISMS[mechanism]!()];
};

/** Whether the client is served after these steps. Each waits for the answer to the one before. */
async function isServedAfter(steps: readonly Step[]): Promise<boolean> {
  const client = await WireClient.open(port);
  let answer = Buffer.alloc(0);
  for (const step of steps) {
    const given = await client.askFrame(step.frame(answer));
    if (given === null) break;
    answer = Buffer.from(given);
  }
  const served = await client.askFrame(metadata);
  client.close();
  return served !== null;
}

describe.each(Object.keys(MECHANISMS))('a login with %s', (mechanism) => {
  const count = stepsOf(mechanism).length;

  test('is served when all steps are right, with ApiVersions or without', async () => {
    expect(await isServedAfter(stepsOf(mechanism))).toBe(true);
    expect(await isServedAfter(stepsOf(mechanism).slice(1))).toBe(true);
  });

  test('is refused where a step is left out', async () => {
    for (let at = 1; at < count; at++) {
      const steps = stepsOf(mechanism);
      const without = steps.filter((_, i) => i !== at);
      expect(await isServedAfter(without), steps[at]!.name).toBe(false);
    }
  });

  test('is refused where a step comes twice, but for a last one that came in time', async () => {
    for (let at = 0; at < count; at++) {
      const steps = stepsOf(mechanism);
      const twice = steps.flatMap((step, i) => (i === at ? [step, step] : [step]));
      expect(await isServedAfter(twice), steps[at]!.name).toBe(at === count - 1);
    }
  });

  test('is refused where two steps change places', async () => {
    for (let at = 0; at < count - 1; at++) {
      const steps = [...stepsOf(mechanism)];
      [steps[at], steps[at + 1]] = [steps[at + 1]!, steps[at]!];
      expect(await isServedAfter(steps), steps[at]!.name).toBe(false);
    }
  });

  test('is ended where a step is too large, or is cut', async () => {
    const healthy = await HealthyClient.start(broker.port);
    for (let at = 0; at < count; at++) {
      await expectEnd(stepsOf(mechanism), at, (bytes) => {
        return frame(Buffer.concat([bytes, Buffer.alloc(RECEIVE_BYTES_MAX)]));
      });
      await expectEnd(stepsOf(mechanism), at, (bytes) => frame(bytes).subarray(0, 9));
    }
    await healthy.stop();
    await settled(async () => (await broker.metric('millrace_connections')) === 0);
  });

  test(`a crowd that stalls behind each step is ended in time`, async () => {
    for (let at = 0; at < count; at++) {
      await underAttack(
        `${STALLED} stalled after ${at} steps of ${mechanism}`,
        broker,
        async () => {
          const peers = await Promise.all(
            Array.from({ length: STALLED }, () =>
              stalledAfter(stepsOf(mechanism).slice(0, at + 1)),
            ),
          );
          await Promise.all(peers.map((peer) => peer.closedWithin(3 * AUTHENTICATION_MS_MAX)));
        },
      );
    }
  });
});

/** Says the steps before rightly, then this one otherwise, and goes. */
async function expectEnd(
  steps: readonly Step[],
  at: number,
  change: (bytes: Buffer) => Buffer,
): Promise<void> {
  const peer = await saying(steps.slice(0, at));
  const bytes = change(steps[at]!.frame(lastFrameOf(peer)));
  await peer.send(bytes);
  if (bytes.length < RECEIVE_BYTES_MAX) peer.socket.end();
  await peer.closedWithin(5_000);
  peer.destroy();
}

async function saying(steps: readonly Step[]): Promise<RawPeer> {
  const peer = await RawPeer.open(port);
  for (const step of steps) {
    const before = peer.receivedBytes;
    await peer.send(frame(step.frame(lastFrameOf(peer))));
    await peer.receives(before + 4);
  }
  return peer;
}

/** Half of the last step is never said. */
async function stalledAfter(steps: readonly Step[]): Promise<RawPeer> {
  const peer = await saying(steps.slice(0, -1));
  const bytes = frame(steps.at(-1)!.frame(lastFrameOf(peer)));
  await peer.send(bytes.subarray(0, bytes.length >> 1));
  await sleep(1);
  return peer;
}

function lastFrameOf({ received }: RawPeer): Buffer {
  let last = Buffer.alloc(0);
  for (let at = 0; received.length - at >= 4; ) {
    const end = at + 4 + received.readInt32BE(at);
    last = received.subarray(at + 4, end);
    at = end;
  }
  return last;
}
