/**
 * Listeners with SASL and TLS: dialogues of every mechanism that are right, wrong or strange, also
 * in the middle of a session, and bytes that are no handshake. For longer, or for the same again:
 * MILLRACE_FUZZ_MS and MILLRACE_FUZZ_SEED.
 */
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { exportJWK, generateKeyPair, SignJWT } from 'jose';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { ThrowAwayAuthority } from '../../src/security/tls/throw-away-authority.ts';
import { freePort } from '../conformance/lib/brokers.mjs';
import { makeTopic } from '../faults/traffic.ts';
import { HealthyClient } from '../hostile/healthy-client.ts';
import { settled } from '../hostile/under-attack.ts';
import { seededRandom } from '../protocol/random-message.ts';
import { BrokerProcess } from '../support/broker-process.ts';
import { RawPeer } from '../support/raw-peer.ts';
import { WireClient } from '../support/wire-client.ts';
import { FrameSource, RAW_TOPIC, TARGET_TOPIC } from './frame-source.ts';
import { SaslDialogue } from './sasl-dialogue.ts';
import { helloOf, tlsBytes } from './tls-bytes.ts';

const SEED = Number(process.env.MILLRACE_FUZZ_SEED ?? Date.now() % 2 ** 31);
const BUDGET_MS = Number(process.env.MILLRACE_FUZZ_MS ?? 10_000);
const PEERS = 6;
const CLOSE_MS_MAX = 30_000;
const MEMORY_MB_MAX = 250;
const USER = 'fuzzer';
const PASSWORD = 'not-to-be-logged';

const authority = new ThrowAwayAuthority();
const trusting = { ca: authority.certificate };
const known = authority.issue({ commonName: 'known' });
const stranger = new ThrowAwayAuthority().issue({ commonName: 'stranger' });
const folder = mkdtempSync(join(tmpdir(), 'millrace-fuzz-'));
const random = seededRandom(SEED);
let broker: BrokerProcess;
let tokens: readonly string[];
let hellos: readonly Buffer[];
const ports = { SASL_PLAINTEXT: 0, SASL_SSL: 0, SSL: 0 };

/** One good token, and others that are over, for somebody else, or signed by nobody. */
async function makeTokens(): Promise<string[]> {
  const { publicKey, privateKey } = await generateKeyPair('ES256');
  const stranger = await generateKeyPair('ES256');
  const jwk = { ...(await exportJWK(publicKey)), kid: '1', alg: 'ES256' };
  writeFileSync(join(folder, 'jwks.json'), JSON.stringify({ keys: [jwk] }));
  const now = Math.floor(Date.now() / 1000);
  const good = { sub: USER, iat: now, exp: now + 100_000, aud: 'kafka' };
  const signed = (claims: object, key = privateKey) => {
    return new SignJWT({ ...claims }).setProtectedHeader({ alg: 'ES256', kid: '1' }).sign(key);
  };
  return [
    await signed(good),
    await signed(good),
    await signed({ ...good, exp: now - 1000 }),
    await signed({ ...good, exp: now + 1 }),
    await signed({ ...good, sub: undefined }),
    await signed(good, stranger.privateKey),
    'a.b.c',
  ];
}

function configOf(): Record<string, string | number> {
  const { certificate, key } = authority.issue({ commonName: 'localhost', hosts: ['127.0.0.1'] });
  const secured = Object.entries(ports).map(([name, port]) => `${name}://127.0.0.1:${port}`);
  return {
    listeners: ['PLAINTEXT://127.0.0.1:0', ...secured].join(),
    'sasl.enabled.mechanisms': 'PLAIN,SCRAM-SHA-256,SCRAM-SHA-512,OAUTHBEARER',
    'millrace.sasl.users': `${USER}:${PASSWORD}`,
    'sasl.oauthbearer.jwks.endpoint.url': pathToFileURL(join(folder, 'jwks.json')).href,
    'sasl.oauthbearer.expected.audience': 'kafka',
    'connections.max.reauth.ms': 100_000,
    'connection.failed.authentication.delay.ms': 5,
    'ssl.keystore.certificate.chain': certificate,
    'ssl.keystore.key': key,
    'ssl.truststore.certificates': authority.certificate,
    'ssl.client.auth': 'requested',
    'auto.create.topics.enable': 'false',
    'millrace.max.partitions': 500,
    'offsets.topic.num.partitions': 2,
    'num.io.threads': SEED % 2,
  };
}

beforeAll(async () => {
  process.stdout.write(`secured fuzz: seed ${SEED}, ${BUDGET_MS} ms\n`);
  for (const name of Object.keys(ports)) ports[name as keyof typeof ports] = await freePort();
  tokens = await makeTokens();
  hellos = await Promise.all(
    [{}, { maxVersion: 'TLSv1.2' }, { servername: 'x'.repeat(200) }].map((options) =>
      helloOf({ ...trusting, ...options } as object),
    ),
  );
  broker = await BrokerProcess.start({ config: configOf() });
});

afterAll(async () => {
  await broker.kill();
  await rm(broker.dataDir, { recursive: true, force: true });
  rmSync(folder, { recursive: true });
});

async function goodbye(peer: RawPeer): Promise<void> {
  if (random() < 0.2) peer.reset();
  else peer.socket.end();
  await peer.closedWithin(CLOSE_MS_MAX);
  peer.destroy();
}

function openPeer(): Promise<RawPeer> {
  const kind = random();
  if (kind < 0.5) return RawPeer.open(ports.SASL_PLAINTEXT);
  if (kind < 0.8) return RawPeer.openSecured(ports.SASL_SSL, trusting);
  if (kind < 0.9) return RawPeer.openSecured(ports.SSL, trusting);
  const { certificate: cert, key } = kind < 0.95 ? known : stranger;
  return RawPeer.openSecured(ports.SSL, { ...trusting, cert, key });
}

async function dialogue(requests: FrameSource): Promise<number> {
  const peer = await openPeer();
  const secrets = { user: USER, password: PASSWORD, tokens };
  const count = await new SaslDialogue(peer, random, secrets, requests).run();
  await goodbye(peer);
  return count;
}

async function brokenHandshake(): Promise<number> {
  const peer = await RawPeer.open(random() < 0.5 ? ports.SASL_SSL : ports.SSL);
  await peer.send(tlsBytes(hellos, random));
  await Promise.race([peer.receives(1, 20).catch(() => 'nothing'), peer.closed]);
  if (random() < 0.5) await peer.send(tlsBytes(hellos, random));
  await goodbye(peer);
  return 1;
}

test(
  'no dialogue and no handshake of any shape hurts the broker or the client beside it',
  async () => {
    const healthy = await HealthyClient.start(broker.port);
    const client = await WireClient.open(broker.port);
    for (const topic of [TARGET_TOPIC, RAW_TOPIC])
      expect(await makeTopic(client, topic, 1)).toBe(0);
    client.close();
    const requests = new FrameSource(random);
    const beforeMb = broker.anonymousMb;
    const endMs = performance.now() + BUDGET_MS;
    let [cases, peakMb] = [0, 0];
    const worker = async (): Promise<void> => {
      while (performance.now() < endMs && broker.isAlive) {
        cases += await (random() < 0.75 ? dialogue(requests) : brokenHandshake());
        peakMb = Math.max(peakMb, broker.anonymousMb);
      }
    };
    await Promise.all(Array.from({ length: PEERS }, worker));
    expect(broker.isAlive, `seed ${SEED}\n${broker.log.slice(-2000)}`).toBe(true);
    await healthy.stop();
    const figures = healthy.take();
    await settled(async () => (await broker.metric('millrace_connections')) === 0);
    process.stdout.write(
      `secured fuzz: ${cases} cases, memory ${beforeMb.toFixed(0)}, peak ${peakMb.toFixed(0)} MB, ` +
        `healthy p99 ${figures.p99.toFixed(1)} ms over ${figures.count}\n`,
    );
    expect(peakMb, `seed ${SEED}`).toBeLessThan(beforeMb + MEMORY_MB_MAX);
    const defects = broker.lines.filter((line) => /failed: \w*Error|cannot be encoded/.test(line));
    expect(defects, `seed ${SEED}`).toEqual([]);
    for (const line of broker.lines) {
      expect(line).toMatch(/^\d{4}-\d\d-\d\dT|^ {4}at |^\{/);
      for (const secret of [PASSWORD, tokens[0]!]) expect(line).not.toContain(secret);
    }
  },
  BUDGET_MS + 60_000,
);
