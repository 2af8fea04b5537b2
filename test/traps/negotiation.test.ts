import { type EmbeddedBroker, startBroker } from 'millrace';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { ERROR } from '../../src/base/kafka-errors.ts';
import { API } from '../../src/protocol/api-keys.ts';
import { decodeResponse, encodeRequest } from '../../src/protocol/frames.ts';
import { buildBatch } from '../../src/records/batch-builder.ts';
import { frame, RawPeer } from '../support/raw-peer.ts';
import { WireClient } from '../support/wire-client.ts';
import { fetchFrom, send } from '../support/wire-requests.ts';

const SOFTWARE = { clientSoftwareName: 'traps', clientSoftwareVersion: '1.0' };
let broker: EmbeddedBroker;
let client: WireClient;

beforeAll(async () => {
  broker = await startBroker({ config: { 'auto.create.topics.enable': 'false' } });
  client = await WireClient.open(broker.port);
  await broker.createTopic('topic');
});

afterAll(async () => {
  client.close();
  await broker.close();
});

async function served(version = 4) {
  const answer = await client.ask(API.API_VERSIONS, version, SOFTWARE);
  expect(answer.errorCode).toBe(0);
  return new Map(answer.apiKeys.map((each) => [each.apiKey, each]));
}

/** All whole frames of what came, without their lengths. */
function framesOf(bytes: Buffer): Buffer[] {
  const frames: Buffer[] = [];
  for (let at = 0; at + 4 <= bytes.length; ) {
    const end = at + 4 + bytes.readInt32BE(at);
    if (end > bytes.length) break;
    frames.push(bytes.subarray(at + 4, end));
    at = end;
  }
  return frames;
}

describe('an ApiVersions version of the future', () => {
  test.each([5, 6, 100, 32767])('version %i is answered in version 0 with our range', async (v) => {
    // A header of version 2 and a body that nobody here can read.
    const body = Buffer.concat([Buffer.from([0]), Buffer.alloc(40, 0xff)]);
    const bytes = await client.askRaw(API.API_VERSIONS, v, body);
    const { body: answer } = decodeResponse(API.API_VERSIONS, 0, bytes);
    expect(answer.errorCode).toBe(ERROR.UNSUPPORTED_VERSION);
    expect(answer.apiKeys).toEqual([{ apiKey: 18, minVersion: 0, maxVersion: 4 }]);
    // Correlation id, error code, count of keys, one key, and not a byte more.
    expect(bytes.length).toBe(4 + 2 + 4 + 6);
  });

  test('the connection goes on in a version that both know', async () => {
    const own = await WireClient.open(broker.port);
    await own.askRaw(API.API_VERSIONS, 5, Buffer.alloc(10));
    const answer = await own.ask(API.API_VERSIONS, 4, SOFTWARE);
    expect(answer.errorCode).toBe(0);
    own.close();
  });
});

test.each([0, 1, 2, 3, 4])('ApiVersions v%i has a response header of v0', async (version) => {
  const request = encodeRequest(
    API.API_VERSIONS,
    version,
    { correlationId: 77, clientId: 'traps' },
    version >= 3 ? SOFTWARE : {},
  );
  const bytes = (await client.askFrame(request))!;
  expect(bytes.readInt32BE(0)).toBe(77);
  // The error code follows at once; a header with tags would have a zero byte in between.
  expect(bytes.readInt16BE(4)).toBe(0);
  const count = version >= 3 ? bytes.readUInt8(6) - 1 : bytes.readInt32BE(6);
  expect(count).toBe((await served()).size);
});

describe('Produce', () => {
  test('is advertised from version 0', async () => {
    for (const version of [0, 3, 4]) {
      expect((await served(version)).get(API.PRODUCE)).toMatchObject({ minVersion: 0 });
    }
  });

  test.each([0, 1, 2])('version %i is refused all the same', async (version) => {
    const own = await WireClient.open(broker.port);
    await expect(own.askRaw(API.PRODUCE, version, Buffer.alloc(20))).rejects.toThrow('closed');
  });
});

test('what librdkafka concludes from ranges is there', async () => {
  const apis = await served();
  const has = (key: number, from: number) => (apis.get(key)?.maxVersion ?? -1) >= from;
  expect(has(API.PRODUCE, 7) && has(API.FETCH, 10)).toBe(true);
  expect(apis.get(API.FIND_COORDINATOR)).toMatchObject({ minVersion: 0 });
  expect(has(API.INIT_PRODUCER_ID, 0)).toBe(true);
  expect(has(API.JOIN_GROUP, 0)).toBe(true);
  expect(has(API.CONSUMER_GROUP_HEARTBEAT, 0)).toBe(has(API.OFFSET_COMMIT, 9));
  // Kafka tells of SaslHandshake on every listener. AddPartitionsToTxn promises transactions.
  expect(apis.has(API.SASL_HANDSHAKE)).toBe(true);
  if (!apis.has(API.END_TXN)) expect(apis.has(API.ADD_PARTITIONS_TO_TXN)).toBe(false);
});

test('versions begin where those of Kafka 4 begin', async () => {
  const apis = await served();
  const minima: readonly (readonly [number, number])[] = [
    [API.FETCH, 4],
    [API.LIST_OFFSETS, 1],
    [API.OFFSET_COMMIT, 2],
    [API.OFFSET_FETCH, 1],
    [API.CREATE_TOPICS, 2],
    [API.DELETE_TOPICS, 1],
    [API.OFFSET_FOR_LEADER_EPOCH, 2],
    [API.METADATA, 0],
    [API.JOIN_GROUP, 0],
  ];
  for (const [key, minVersion] of minima) expect(apis.get(key)).toMatchObject({ minVersion });
});

describe('versions that name topics by id', () => {
  test('Produce 13 takes the id, and refuses one that is not there', async () => {
    const answer = await client.ask(API.METADATA, 12, { topics: [{ name: 'topic' }] });
    const topicId = answer.topics[0]!.topicId;
    const records = buildBatch([{ value: Buffer.from('x') }]);
    expect(await send(client, 'topic', records, { version: 13, topicId })).toMatchObject({
      errorCode: 0,
    });
    const unknown = Buffer.alloc(16, 7).toString('base64url');
    const refused = await send(client, 'topic', records, { version: 13, topicId: unknown });
    expect(refused.errorCode).toBe(ERROR.UNKNOWN_TOPIC_ID);
    // A name where an id is due is no id.
    const byName = await send(client, 'topic', records, { version: 13 });
    expect(byName.errorCode).toBe(ERROR.UNKNOWN_TOPIC_ID);
  });
});

test('transaction.version is told only where transactions are served', async () => {
  for (const version of [3, 4]) {
    const answer = await client.ask(API.API_VERSIONS, version, SOFTWARE);
    const finalized = answer.finalizedFeatures.map(({ name }) => name);
    const keys = answer.apiKeys.map(({ apiKey }) => apiKey);
    expect(finalized.includes('transaction.version')).toBe(keys.includes(API.END_TXN));
    expect(answer.finalizedFeaturesEpoch).toBeGreaterThanOrEqual(0);
    // KAFKA-17011: clients of version 3 fail on a feature whose lowest level is 0.
    const lowest = answer.supportedFeatures.map(({ minVersion }) => minVersion);
    expect(lowest.includes(0)).toBe(version === 4);
  }
});

test('pipelined requests are answered in order, behind a fetch that waits', async () => {
  const peer = await RawPeer.open(broker.port);
  const header = (correlationId: number) => ({ correlationId, clientId: 'traps' });
  const waits = encodeRequest(API.FETCH, 11, header(1), {
    replicaId: -1,
    maxWaitMs: 300,
    minBytes: 1_000_000,
    maxBytes: 2_000_000,
    isolationLevel: 0,
    sessionId: 0,
    sessionEpoch: -1,
    topics: [
      {
        topic: 'topic',
        partitions: [
          { partition: 0, currentLeaderEpoch: -1, fetchOffset: 0, partitionMaxBytes: 10 },
        ],
      },
    ],
    forgottenTopicsData: [],
    rackId: '',
  });
  const requests = [waits];
  for (let i = 2; i <= 20; i++) {
    const isProduce = i % 2 === 0;
    requests.push(
      isProduce
        ? encodeRequest(API.PRODUCE, 9, header(i), {
            transactionalId: null,
            acks: i % 4 === 0 ? -1 : 1,
            timeoutMs: 1000,
            topicData: [
              {
                name: 'topic',
                partitionData: [{ index: 0, records: buildBatch([{ value: Buffer.from('x') }]) }],
              },
            ],
          })
        : encodeRequest(API.METADATA, 9, header(i), { topics: [] }),
    );
  }
  await peer.send(Buffer.concat(requests.map(frame)));
  const endMs = performance.now() + 10_000;
  while (framesOf(peer.received).length < 20 && performance.now() < endMs) {
    await new Promise((resolve) => setTimeout(resolve, 5));
  }
  const ids = framesOf(peer.received).map((bytes) => bytes.readInt32BE(0));
  expect(ids).toEqual(Array.from({ length: 20 }, (_, i) => i + 1));
  peer.destroy();
});

describe('acks=0', () => {
  const produce = (correlationId: number, name: string) =>
    encodeRequest(
      API.PRODUCE,
      9,
      { correlationId, clientId: null },
      {
        transactionalId: null,
        acks: 0,
        timeoutMs: 1000,
        topicData: [
          {
            name,
            partitionData: [{ index: 0, records: buildBatch([{ value: Buffer.from('silent') }]) }],
          },
        ],
      },
    );

  test('is appended and not answered: the next answer is that of the next request', async () => {
    const { highWatermark } = await fetchFrom(client, 'topic', 0);
    const own = await RawPeer.open(broker.port);
    const next = encodeRequest(
      API.METADATA,
      9,
      { correlationId: 2, clientId: null },
      { topics: [] },
    );
    await own.send(Buffer.concat([frame(produce(1, 'topic')), frame(next)]));
    await own.receives(8);
    expect(framesOf(own.received).map((bytes) => bytes.readInt32BE(0))).toEqual([2]);
    const after = await fetchFrom(client, 'topic', highWatermark, { fields: { maxWaitMs: 5000 } });
    expect(after.highWatermark).toBe(highWatermark + 1);
    own.destroy();
  });

  test('with an error closes the connection', async () => {
    const own = await WireClient.open(broker.port);
    expect(await own.askFrame(produce(1, 'no-such-topic'))).toBeNull();
  });
});

describe('what cannot be understood', () => {
  test.each([
    ['an API key that Kafka has not', 9999, 0],
    ['an API key below 0', -5, 0],
    ['a version that is too new', API.METADATA, 99],
    ['an API of brokers among themselves', 4, 5],
  ])('%s closes the connection', async (_, key, version) => {
    const own = await WireClient.open(broker.port);
    const header = Buffer.alloc(10);
    header.writeInt16BE(key, 0);
    header.writeInt16BE(version, 2);
    header.writeInt16BE(-1, 8);
    expect(await own.askFrame(Buffer.concat([header, Buffer.alloc(20)]))).toBeNull();
  });

  test('unknown tagged fields in header and body are skipped', async () => {
    const tags = Buffer.from([2, 0xf0, 0x07, 3, 1, 2, 3, 0xf1, 0x07, 0]);
    const header = Buffer.alloc(10);
    header.writeInt16BE(API.METADATA, 0);
    header.writeInt16BE(12, 2);
    header.writeInt32BE(5, 4);
    header.writeInt16BE(-1, 8);
    // No topics, no auto creation, no authorized operations.
    const body = Buffer.concat([header, tags, Buffer.from([1, 0, 0]), tags]);
    const bytes = (await client.askFrame(body))!;
    const answer = decodeResponse(API.METADATA, 12, bytes);
    expect(answer.correlationId).toBe(5);
    expect(answer.body.brokers).toHaveLength(1);
    expect(answer.body.topics).toEqual([]);
  });
});
