import { connect } from 'node:net';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { API } from '../../src/protocol/api-keys.ts';
import { encodeRequest } from '../../src/protocol/frames.ts';
import { seededRandom } from '../protocol/random-message.ts';
import { BrokerProcess } from '../support/broker-process.ts';
import { frame, RawPeer, request } from '../support/raw-peer.ts';
import { sleep, underAttack } from './under-attack.ts';

let broker: BrokerProcess;

beforeAll(async () => {
  broker = await BrokerProcess.start({ config: { 'socket.request.max.bytes': 1_000_000 } });
});

afterAll(async () => {
  await broker.kill();
});

function int32(value: number): Buffer {
  const bytes = Buffer.alloc(4);
  bytes.writeInt32BE(value);
  return bytes;
}

/** The connection is closed within a second, and the broker says who and why. */
async function isRefused(bytes: Buffer, reason: RegExp): Promise<void> {
  const peer = await RawPeer.open(broker.port);
  const { localPort } = peer.socket;
  const before = broker.lines.length;
  await peer.send(bytes);
  await peer.closedWithin(1000);
  peer.destroy();
  await sleep(20);
  const fresh = broker.lines.slice(before);
  // One line an interval for each kind: the first peer of a kind is named, the others counted.
  for (const line of fresh) {
    expect(line).toMatch(/WARN closed 127\.0\.0\.1:\d+: it /);
    if (line.includes(`:${localPort}:`)) expect(line).toMatch(reason);
  }
}

/** A ClientHello of TLS 1.2, cut short: its first five bytes are what matters. */
const CLIENT_HELLO = Buffer.concat([
  Buffer.from('160301020001', 'hex'),
  Buffer.from('0001fc0303', 'hex'),
  Buffer.alloc(600, 0x5a),
]);
const HTTP = Buffer.from('GET / HTTP/1.1\r\nHost: localhost\r\n\r\n');

describe('the Kafka port closes within a second, with a line in the log,', () => {
  test.each([
    ['a negative frame length', int32(-1), /frame length of -1/],
    ['the lowest frame length', int32(-(2 ** 31)), /frame length of -2147483648/],
    ['the highest frame length', int32(2 ** 31 - 1), /frame length of 2147483647/],
    ['a length above socket.request.max.bytes', int32(1_000_001), /0 to 1000000 is allowed/],
    ['an empty frame', int32(0), /no Kafka request/],
    ['a frame that ends in its header', frame(Buffer.from('0003', 'hex')), /no Kafka request/],
    ['an api key that nobody knows', request(999, 0, Buffer.alloc(0)), /asked for api key 999/],
    ['a negative api key', request(-5, 0, Buffer.alloc(0)), /asked for api key -5/],
    ['a version that is not served', request(API.METADATA, 99, Buffer.alloc(0)), /Metadata v99/],
    ['a negative version', request(API.METADATA, -2, Buffer.alloc(0)), /Metadata v-2/],
    ['AlterPartition, which is for brokers', request(56, 3, Buffer.alloc(8)), /which is not/],
    [
      'PushTelemetry, whose metrics would be unpacked (CVE-2026-111073)',
      request(72, 0, Buffer.alloc(40), true),
      /which is not served/,
    ],
    ['Envelope, which is for brokers', request(58, 0, Buffer.alloc(8)), /which is not served/],
    ['Vote, which is for controllers', request(52, 0, Buffer.alloc(8)), /which is not served/],
    ['a TLS ClientHello', CLIENT_HELLO, /frame length of 369295874/],
    ['an HTTP request', HTTP, /frame length of 1195725856/],
  ])('%s', async (_, bytes, reason) => {
    await isRefused(bytes, reason);
  });
});

test('an HTTP client that dials the Kafka port gets an end, not a hang', async () => {
  await expect(fetch(`http://127.0.0.1:${broker.port}/`)).rejects.toThrow();
});

test('the HTTP port closes a Kafka client within a second', async () => {
  const body = encodeRequest(
    API.API_VERSIONS,
    3,
    { correlationId: 1, clientId: 'lost' },
    { clientSoftwareName: 'x', clientSoftwareVersion: 'y' },
  );
  const peer = await RawPeer.open(broker.httpPort);
  await peer.send(frame(body));
  await peer.send(Buffer.from('\r\n\r\n'));
  await peer.closedWithin(1000);
  expect((await broker.http('/livez')).status).toBe(200);
});

test('20 million tags in a header are refused unread (CVE-2026-111115)', async () => {
  const flood = Buffer.concat([
    Buffer.from('001200030000000100016180dac409', 'hex'),
    Buffer.alloc(900_000, 0),
  ]);
  flood.writeInt16BE(API.METADATA, 0);
  flood.writeInt16BE(12, 2);
  await isRefused(frame(flood), /tagged fields are too many/);
});

test('a million small tags in a body are refused unread (CVE-2026-111115)', async () => {
  // Metadata v12: no topics, no flags, then a count of tags that the bytes would even hold.
  const tags = Buffer.alloc(800_000, 0);
  const body = Buffer.concat([Buffer.from('01000080b518', 'hex'), tags]);
  await isRefused(request(API.METADATA, 12, body, true), /tagged fields are too many|too many/);
});

test.each([
  ['Metadata v1 with 2^31-1 topics', request(API.METADATA, 1, int32(2 ** 31 - 1))],
  [
    'Produce v3 with 2^31-1 topics',
    request(
      API.PRODUCE,
      3,
      Buffer.concat([Buffer.from('ffff000100001388', 'hex'), int32(2 ** 31 - 1)]),
    ),
  ],
  [
    'Fetch v12 with 2^32-2 topics',
    request(
      API.FETCH,
      12,
      Buffer.concat([Buffer.alloc(25, 0), Buffer.from('ffffffff0f', 'hex'), Buffer.alloc(40)]),
      true,
    ),
  ],
])('%s is refused before anything is allocated (CVE-2026-111108)', async (_, bytes) => {
  const before = broker.anonymousMb;
  await isRefused(bytes, /do not fit|left|null/);
  expect(broker.anonymousMb).toBeLessThan(before + 64);
});

test('garbage from many peers is refused while a healthy client is served', async () => {
  const random = seededRandom(4);
  await underAttack('garbage', broker, async () => {
    for (let round = 0; round < 40; round++) {
      const peers = await Promise.all(Array.from({ length: 10 }, () => RawPeer.open(broker.port)));
      await Promise.all(
        peers.map(async (peer, index) => {
          const noise = Buffer.from(Array.from({ length: 2000 }, () => Math.floor(random() * 256)));
          // Half of them with a length that lets the noise through to the header.
          await peer.send(index % 2 === 0 ? noise : frame(noise));
          await peer.closedWithin(1000);
          peer.destroy();
        }),
      );
    }
  });
});

test('frames full of the smallest elements cost bounded memory and time', async () => {
  // 400,000 topics of two bytes each, as often as the connection takes it.
  const count = 400_000;
  const body = Buffer.alloc(4 + 2 * count);
  body.writeInt32BE(count, 0);
  await underAttack('400,000 empty topic names in a Metadata request', broker, async () => {
    for (let i = 0; i < 5; i++) {
      const peer = await RawPeer.open(broker.port);
      peer.forget();
      await peer.send(request(API.METADATA, 0, body));
      await Promise.race([peer.receives(4), peer.closed]);
      peer.destroy();
    }
  });
});

test('log lines are one to a kind and interval, however many peers there are', async () => {
  const before = broker.lines.length;
  for (let i = 0; i < 200; i++) {
    const socket = connect(broker.port, '127.0.0.1');
    socket.on('error', () => socket.destroy());
    socket.end(int32(-7));
    await new Promise((resolve) => socket.on('close', resolve));
  }
  expect(broker.lines.length - before).toBeLessThan(4);
  for (const line of broker.lines) expect(line).toMatch(/^\d{4}-\d\d-\d\dT.* (INFO|WARN|ERROR) /);
});
