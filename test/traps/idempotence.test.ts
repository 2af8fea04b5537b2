import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type EmbeddedBroker, startBroker } from 'millrace';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { ERROR } from '../../src/base/kafka-errors.ts';
import { API } from '../../src/protocol/api-keys.ts';
import { BrokerProcess } from '../support/broker-process.ts';
import { createTopic } from '../support/topics.ts';
import { WireClient } from '../support/wire-client.ts';
import { offsetAt, send, sequenced } from '../support/wire-requests.ts';

const MAX_SEQUENCE = 2 ** 31 - 1;
const { OUT_OF_ORDER_SEQUENCE_NUMBER, INVALID_PRODUCER_EPOCH } = ERROR;
let broker: EmbeddedBroker;
let client: WireClient;
let dataDir: string;

beforeAll(async () => {
  dataDir = await mkdtemp(join(tmpdir(), 'millrace-traps-'));
  broker = await startBroker();
  client = await WireClient.open(broker.port);
});

afterAll(async () => {
  client.close();
  await broker.close();
  await rm(dataDir, { recursive: true, force: true });
});

/** One record with a sequence number: error code and offset of the answer. */
async function one(topic: string, id: number, epoch: number, sequence: number, from = client) {
  const { errorCode, baseOffset } = await send(from, topic, sequenced(id, epoch, sequence));
  return [errorCode, baseOffset];
}

const end = async (topic: string) => (await offsetAt(client, topic, -1)).offset;

describe('an idempotent producer', () => {
  test('gets the original offset for each of its last five batches, and nothing is added', async () => {
    await createTopic(client, 'window');
    for (let i = 0; i < 8; i++) expect(await one('window', 1, 0, i)).toEqual([0, i]);
    for (const i of [7, 3, 5, 4, 6, 7]) expect(await one('window', 1, 0, i)).toEqual([0, i]);
    expect(await end('window')).toBe(8);
    // Older than the window: neither a duplicate that is known nor what follows.
    for (const i of [2, 0]) {
      expect((await one('window', 1, 0, i))[0]).toBe(OUT_OF_ORDER_SEQUENCE_NUMBER);
    }
    expect(await one('window', 1, 0, 8)).toEqual([0, 8]);
  });

  test('a duplicate is one of the same first and last sequence only', async () => {
    await createTopic(client, 'overlap');
    expect(await send(client, 'overlap', sequenced(1, 0, 0, 10))).toMatchObject({ baseOffset: 0 });
    const cases = [
      [0, 5],
      [5, 5],
      [5, 10],
      [0, 11],
    ];
    for (const [first, count] of cases) {
      const answer = await send(client, 'overlap', sequenced(1, 0, first!, count));
      expect(answer.errorCode).toBe(OUT_OF_ORDER_SEQUENCE_NUMBER);
    }
    const again = await send(client, 'overlap', sequenced(1, 0, 0, 10));
    expect(again).toMatchObject({ errorCode: 0, baseOffset: 0 });
    expect(await end('overlap')).toBe(10);
  });

  test('a gap is refused until what is missing has come', async () => {
    await createTopic(client, 'gap');
    expect(await one('gap', 1, 0, 0)).toEqual([0, 0]);
    expect((await one('gap', 1, 0, 2))[0]).toBe(OUT_OF_ORDER_SEQUENCE_NUMBER);
    expect(await one('gap', 1, 0, 1)).toEqual([0, 1]);
    expect(await one('gap', 1, 0, 2)).toEqual([0, 2]);
  });

  test('an old epoch is fenced, and a new one starts at 0', async () => {
    await createTopic(client, 'epochs');
    expect(await one('epochs', 1, 4, 0)).toEqual([0, 0]);
    expect((await one('epochs', 1, 3, 1))[0]).toBe(INVALID_PRODUCER_EPOCH);
    expect((await one('epochs', 1, 3, 0))[0]).toBe(INVALID_PRODUCER_EPOCH);
    expect((await one('epochs', 1, 5, 1))[0]).toBe(OUT_OF_ORDER_SEQUENCE_NUMBER);
    // The refused epoch changed nothing.
    expect(await one('epochs', 1, 4, 1)).toEqual([0, 1]);
    expect(await one('epochs', 1, 5, 0)).toEqual([0, 2]);
    expect((await one('epochs', 1, 4, 2))[0]).toBe(INVALID_PRODUCER_EPOCH);
  });

  test('one that is not known may begin anywhere', async () => {
    await createTopic(client, 'unknown');
    expect(await one('unknown', 1, 7, 123_456)).toEqual([0, 0]);
    expect(await one('unknown', 1, 7, 123_457)).toEqual([0, 1]);
    expect((await one('unknown', 1, 7, 0))[0]).toBe(OUT_OF_ORDER_SEQUENCE_NUMBER);
  });

  test('sequences wrap from 2^31 - 1 to 0, within a batch too', async () => {
    await createTopic(client, 'wrap');
    expect(await one('wrap', 1, 0, MAX_SEQUENCE)).toEqual([0, 0]);
    expect(await one('wrap', 1, 0, 0)).toEqual([0, 1]);
    expect(await one('wrap', 1, 0, MAX_SEQUENCE)).toEqual([0, 0]);
    const across = sequenced(2, 0, MAX_SEQUENCE - 1, 4);
    expect(await send(client, 'wrap', across)).toMatchObject({ errorCode: 0, baseOffset: 2 });
    expect(await send(client, 'wrap', across)).toMatchObject({ errorCode: 0, baseOffset: 2 });
    expect(await one('wrap', 2, 0, 2)).toEqual([0, 6]);
  });

  test('producers and partitions are apart', async () => {
    await createTopic(client, 'apart');
    expect(await one('apart', 1, 0, 0)).toEqual([0, 0]);
    expect(await one('apart', 2, 0, 0)).toEqual([0, 1]);
    expect(await one('apart', 1, 0, 1)).toEqual([0, 2]);
  });

  test('a producer is not forgotten when its records are deleted', async () => {
    await createTopic(client, 'deleted');
    expect(await one('deleted', 1, 0, 0)).toEqual([0, 0]);
    expect(await one('deleted', 1, 0, 1)).toEqual([0, 1]);
    await client.ask(API.DELETE_RECORDS, 2, {
      topics: [{ name: 'deleted', partitions: [{ partitionIndex: 0, offset: 2 }] }],
      timeoutMs: 1000,
    });
    expect(await one('deleted', 1, 0, 1)).toEqual([0, 1]);
    expect(await one('deleted', 1, 0, 2)).toEqual([0, 2]);
  });
});

test('the same batch on many connections at once is appended once', async () => {
  await createTopic(client, 'race');
  const clients = await Promise.all(Array.from({ length: 8 }, () => WireClient.open(broker.port)));
  for (let i = 0; i < 30; i++) {
    const answers = await Promise.all(clients.map((each) => one('race', 1, 0, i, each)));
    for (const answer of answers) expect(answer).toEqual([0, i]);
  }
  expect(await end('race')).toBe(30);
  for (const each of clients) each.close();
});

describe('what a partition knows of its producers', () => {
  async function fill(port: number): Promise<void> {
    const own = await WireClient.open(port);
    await createTopic(own, 'kept');
    for (let i = 0; i < 7; i++) expect(await one('kept', 1, 2, i, own)).toEqual([0, i]);
    expect(await one('kept', 2, 0, MAX_SEQUENCE, own)).toEqual([0, 7]);
    own.close();
  }

  async function check(port: number): Promise<void> {
    const own = await WireClient.open(port);
    for (const i of [2, 3, 4, 5, 6]) expect(await one('kept', 1, 2, i, own)).toEqual([0, i]);
    expect((await one('kept', 1, 2, 1, own))[0]).toBe(OUT_OF_ORDER_SEQUENCE_NUMBER);
    expect((await one('kept', 1, 2, 9, own))[0]).toBe(OUT_OF_ORDER_SEQUENCE_NUMBER);
    expect((await one('kept', 1, 1, 7, own))[0]).toBe(INVALID_PRODUCER_EPOCH);
    expect(await one('kept', 1, 2, 7, own)).toEqual([0, 8]);
    expect(await one('kept', 2, 0, MAX_SEQUENCE, own)).toEqual([0, 7]);
    expect(await one('kept', 2, 0, 0, own)).toEqual([0, 9]);
    own.close();
  }

  test('is there after a clean stop', async () => {
    const options = { dataDir: join(dataDir, 'stopped') };
    {
      await using first = await startBroker(options);
      await fill(first.port);
    }
    await using second = await startBroker(options);
    await check(second.port);
  });

  test('is there after a kill -9', async () => {
    const options = { dataDir: join(dataDir, 'killed') };
    const first = await BrokerProcess.start(options);
    await fill(first.port);
    await first.kill();
    const second = await BrokerProcess.start(options);
    await check(second.port);
    await second.kill();
  });
});
