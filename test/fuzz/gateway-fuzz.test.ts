/**
 * The HTTP port: commands of the WebSocket protocol with fields that are right, wrong or strange,
 * binary frames, and HTTP requests. For longer, or for the same again: MILLRACE_FUZZ_MS and
 * MILLRACE_FUZZ_SEED.
 */
import { rm } from 'node:fs/promises';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { buildBatch } from '../../src/records/batch-builder.ts';
import { makeTopic } from '../faults/traffic.ts';
import { HealthyClient } from '../hostile/healthy-client.ts';
import { settled } from '../hostile/under-attack.ts';
import { seededRandom } from '../protocol/random-message.ts';
import { BrokerProcess } from '../support/broker-process.ts';
import { RawPeer } from '../support/raw-peer.ts';
import { WireClient } from '../support/wire-client.ts';
import { damagedBatch } from './batch-mutator.ts';

const SEED = Number(process.env.MILLRACE_FUZZ_SEED ?? Date.now() % 2 ** 31);
const BUDGET_MS = Number(process.env.MILLRACE_FUZZ_MS ?? 10_000);
const PEERS = 6;
const COMMANDS_PER_SOCKET = 40;
const TEXT = 1;
const BINARY = 2;
const MEMORY_MB_MAX = 250;
const ANSWER_MS = 30;

type Json = Record<string, unknown>;

const random = seededRandom(SEED);
const below = (limit: number): number => Math.floor(random() * limit);

function oneOf<Choice>(choices: readonly Choice[]): Choice {
  return choices[below(choices.length)]!;
}

const NUMBERS = [0, 1, 2, -1, 0.5, 1e3, 2 ** 31, 2 ** 53, 1e308, -0];
const TEXTS = [
  '',
  'fuzzed',
  'other',
  '*',
  '[',
  '../x',
  '\u0000',
  '😀'.repeat(50),
  'x'.repeat(5000),
];
const TYPES = 'subscribe unsubscribe credit ack seek position produce producer topics ping auth';
const FILTERS: readonly Json[] = [
  { key: { equals: 'a' } },
  { value: { path: 'a.b', greater: 3 } },
  { header: { name: 'h', contains: 'x' } },
  { all: [{ key: { equals: 'a' } }, {}] },
];

function scalar(): unknown {
  return oneOf([() => oneOf(NUMBERS), () => oneOf(TEXTS), () => oneOf([null, true, false])])();
}

function anything(depth = 0): unknown {
  if (depth > 3 || random() < 0.6) return scalar();
  if (random() < 0.5) return Array.from({ length: below(4) }, () => anything(depth + 1));
  return Object.fromEntries(
    Array.from({ length: below(4) }, () => [oneOf(TEXTS), anything(depth + 1)]),
  );
}

/** Of the right kind more often than not. */
const FIELDS: Readonly<Record<string, () => unknown>> = {
  sub: () => below(5),
  topic: () => oneOf(['fuzzed', 'other', 'nowhere']),
  topics: () => ['fuzzed', 'other'],
  pattern: () => oneOf(['*', 'f*', '[', '**']),
  partitions: () => [0, below(4)],
  partition: () => below(4),
  from: () => oneOf<unknown>(['earliest', 'latest', 5, { time: 0 }, [{ topic: 'fuzzed' }]]),
  to: () => oneOf<unknown>(['earliest', 'latest', 5, { time: 0 }]),
  group: () => ({ id: oneOf(['g', 'h']), instance: oneOf([null, 'i']), autoCommit: true }),
  credit: () => ({ records: below(100), bytes: 1e6 }),
  records: () => oneOf<unknown>([below(50), [{ value: 'v', key: oneOf([null, 'a']) }]]),
  bytes: () => below(1e6),
  filter: () => oneOf(FILTERS),
  policy: () => oneOf<unknown>(['wait', 'latest', { when: 'conflate', behind: 1, every: 2 }]),
  keys: () => oneOf(['text', 'base64', 'json', 'none']),
  values: () => oneOf(['text', 'base64', 'json', 'none']),
  positions: () => [{ topic: 'fuzzed', partition: 0, offset: below(20) }],
  token: () => oneOf(TEXTS),
  acks: () => oneOf([0, 1, 'all']),
  producerId: () => below(5),
  producerEpoch: () => below(3),
  sequence: () => below(10),
};

function command(): string {
  const object: Json = { type: oneOf(TYPES.split(' ')), id: below(1000) };
  for (const [name, make] of Object.entries(FIELDS)) {
    const shape = random();
    if (shape < 0.35) object[name] = make();
    else if (shape < 0.45) object[name] = anything();
  }
  const text = JSON.stringify(object);
  return random() < 0.03 ? text.slice(0, below(text.length)) : text;
}

/** A frame that produces batches: the layout is in the gateway's README. */
function binaryFrame(): Buffer {
  if (random() < 0.2) return Buffer.from(Array.from({ length: below(300) }, () => below(256)));
  const topic = Buffer.from(oneOf(['fuzzed', 'other', 'nowhere']));
  const header = Buffer.alloc(12);
  header[0] = random() < 0.95 ? 2 : below(256);
  header[1] = oneOf([0, 1, 255, 7]);
  header.writeUInt16BE(random() < 0.95 ? topic.length : below(65_536), 2);
  header.writeUInt32BE(below(1000), 4);
  header.writeInt32BE(oneOf([0, 1, -1, 2 ** 30]), 8);
  const batch = random() < 0.4 ? buildBatch([{ value: null }]) : damagedBatch(random);
  return Buffer.concat([header, topic, batch]);
}

function httpRequest(): Buffer {
  const path = oneOf(['/topics', '/topics/fuzzed/records', '/topics/fuzzed/events', '/metrics']);
  const query = Object.keys(FIELDS)
    .filter(() => random() < 0.15)
    .map((name) => `${name}=${encodeURIComponent(String(scalar()))}`)
    .join('&');
  const strange = oneOf(['', '', '/%ff', '/..%2f', '/'.repeat(50), '?', '%']);
  const method = oneOf(['GET', 'GET', 'POST', 'PUT', 'OPTIONS', 'HEAD', 'BREW']);
  const body = method === 'POST' ? `${JSON.stringify({ value: scalar() })}\n`.repeat(below(5)) : '';
  const length = random() < 0.9 ? body.length : oneOf<unknown>([-1, 'x', 1e12, body.length + 5]);
  const text =
    `${method} ${path}${strange}?${query} HTTP/1.1\r\nhost: localhost\r\n` +
    `last-event-id: ${oneOf(['0:1', '0:', ':::', '9'.repeat(99)])}\r\n` +
    `content-length: ${length}\r\n\r\n${body}`;
  const bytes = Buffer.from(text);
  return random() < 0.1 ? bytes.subarray(0, below(bytes.length)) : bytes;
}

let broker: BrokerProcess;
let cases = 0;

beforeAll(async () => {
  process.stdout.write(`gateway fuzz: seed ${SEED}, ${BUDGET_MS} ms\n`);
  broker = await BrokerProcess.start({
    config: {
      'offsets.topic.num.partitions': 2,
      'auto.create.topics.enable': 'false',
      'num.io.threads': SEED % 2,
    },
  });
});

afterAll(async () => {
  await broker.kill();
  await rm(broker.dataDir, { recursive: true, force: true });
});

/** A frame with FIN and a mask of zeros. */
function masked(opcode: number, payload: Buffer): Buffer {
  const header = Buffer.alloc(14);
  header[0] = 0x80 | opcode;
  header[1] = 0x80 | 127;
  header.writeBigUInt64BE(BigInt(payload.length), 2);
  // The longest form of a length is right for short ones too.
  return Buffer.concat([header, payload]);
}

async function socketOfCommands(): Promise<void> {
  const subprotocol = oneOf(['millrace.json', 'millrace.batch', 'kafka']);
  const peer = await RawPeer.open(broker.httpPort);
  peer.forget();
  const upgrade =
    'GET /ws HTTP/1.1\r\nHost: localhost\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n' +
    `Sec-WebSocket-Protocol: ${subprotocol}\r\nSec-WebSocket-Version: 13\r\n` +
    'Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n\r\n';
  await peer.send(Buffer.from(upgrade));
  for (let i = 0; i < COMMANDS_PER_SOCKET; i++) {
    const isBinary =
      subprotocol === 'kafka' || (subprotocol === 'millrace.batch' && random() < 0.5);
    const frame = isBinary ? masked(BINARY, binaryFrame()) : masked(TEXT, Buffer.from(command()));
    await peer.send(frame);
    cases++;
  }
  await Promise.race([peer.closed, new Promise((resolve) => setTimeout(resolve, ANSWER_MS))]);
  if (random() < 0.5) peer.reset();
  else peer.destroy();
}

async function requestOverHttp(): Promise<void> {
  const peer = await RawPeer.open(broker.httpPort);
  peer.forget();
  for (let i = 1 + below(4); i > 0; i--) {
    await peer.send(httpRequest());
    cases++;
  }
  await Promise.race([peer.closed, new Promise((resolve) => setTimeout(resolve, ANSWER_MS))]);
  peer.destroy();
}

test(
  'no command, frame or request hurts the broker or the client beside it',
  async () => {
    const healthy = await HealthyClient.start(broker.port);
    const client = await WireClient.open(broker.port);
    for (const topic of ['fuzzed', 'other']) expect(await makeTopic(client, topic, 4)).toBe(0);
    client.close();
    const beforeMb = broker.anonymousMb;
    let peakMb = 0;
    const endMs = performance.now() + BUDGET_MS;
    const worker = async (): Promise<void> => {
      while (performance.now() < endMs && broker.isAlive) {
        await (random() < 0.5 ? socketOfCommands() : requestOverHttp());
        peakMb = Math.max(peakMb, broker.anonymousMb);
      }
    };
    await Promise.all(Array.from({ length: PEERS }, worker));
    expect(broker.isAlive, `seed ${SEED}\n${broker.log.slice(-2000)}`).toBe(true);
    await healthy.stop();
    const figures = healthy.take();
    process.stdout.write(
      `gateway fuzz: ${cases} cases, memory ${beforeMb.toFixed(0)}, peak ${peakMb.toFixed(0)} MB, ` +
        `healthy p99 ${figures.p99.toFixed(1)} ms over ${figures.count}\n`,
    );
    const defects = broker.lines.filter((line) => / failed: |Error: |^ {4}at /.test(line));
    expect(defects, `seed ${SEED}`).toEqual([]);
    expect(peakMb, `seed ${SEED}`).toBeLessThan(beforeMb + MEMORY_MB_MAX);
    await settled(async () => (await broker.metric('millrace_websocket_sockets')) === 0);
    expect(await broker.metric('millrace_streamed_partitions')).toBe(0);
  },
  BUDGET_MS + 60_000,
);
