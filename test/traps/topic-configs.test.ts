import { readdirSync } from 'node:fs';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type EmbeddedBroker, startBroker } from 'millrace';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { API } from '../../src/protocol/api-keys.ts';
import { buildBatch } from '../../src/records/batch-builder.ts';
import { baseOffset, lastOffset } from '../../src/records/batch-layout.ts';
import { BrokerProcess } from '../support/broker-process.ts';
import { alterTopic, createTopic } from '../support/topics.ts';
import { until } from '../support/until.ts';
import { WireClient } from '../support/wire-client.ts';
import { fetchFrom, offsetAt, send } from '../support/wire-requests.ts';

let broker: EmbeddedBroker;
let client: WireClient;

beforeAll(async () => {
  broker = await startBroker({
    config: {
      'log.retention.check.interval.ms': 100,
      'log.initial.task.delay.ms': 0,
      'log.cleaner.backoff.ms': 50,
    },
  });
  client = await WireClient.open(broker.port);
});

afterAll(async () => {
  client.close();
  await broker.close();
});

const batchOf = (bytes: number, timestamp = Date.now()) =>
  buildBatch([{ key: Buffer.from('k'), value: Buffer.alloc(bytes, 'v'), timestamp }]);

const segmentsOf = (topic: string) =>
  readdirSync(join(broker.dataDir, `${topic}-0`)).filter((name) => name.endsWith('.log'));

const startOf = async (topic: string) => (await offsetAt(client, topic, -2)).offset;
const endOf = async (topic: string) => (await offsetAt(client, topic, -1)).offset;

async function deleteTo(from: WireClient, topic: string, offset: number) {
  const answer = await from.ask(API.DELETE_RECORDS, 2, {
    topics: [{ name: topic, partitions: [{ partitionIndex: 0, offset }] }],
    timeoutMs: 1000,
  });
  return answer.topics[0]!.partitions[0]!;
}

describe('segment.bytes', () => {
  test('starts a segment before the batch that would pass it', async () => {
    await createTopic(client, 'rolls', { 'segment.bytes': '1048576' });
    for (let i = 0; i < 4; i++) await send(client, 'rolls', batchOf(600_000));
    expect(segmentsOf('rolls')).toEqual(
      [0, 1, 2, 3].map((offset) => `${String(offset).padStart(20, '0')}.log`),
    );
    for (let offset = 0; offset < 4; offset++) {
      const { records } = await fetchFrom(client, 'rolls', offset);
      expect(baseOffset(records!, 0)).toBe(offset);
    }
  });
});

describe('retention', () => {
  const old = Date.now() - 3_600_000;
  const small = { 'internal.segment.bytes': '5000' };

  test('retention.ms removes what is older, the newest segment too', async () => {
    await createTopic(client, 'by-time', { ...small, 'retention.ms': '600000' });
    for (let i = 0; i < 6; i++) await send(client, 'by-time', batchOf(2000, old));
    await until('the old records go', async () => (await startOf('by-time')) === 6);
    expect(await send(client, 'by-time', batchOf(10))).toMatchObject({ baseOffset: 6 });
    expect(await startOf('by-time')).toBe(6);
  });

  test('retention.ms keeps what is younger', async () => {
    await createTopic(client, 'half-old', { ...small, 'retention.ms': '600000' });
    for (let i = 0; i < 4; i++) await send(client, 'half-old', batchOf(4000, old));
    for (let i = 0; i < 4; i++) await send(client, 'half-old', batchOf(4000));
    await until('the old segments go', async () => (await startOf('half-old')) === 4);
    expect(await endOf('half-old')).toBe(8);
  });

  test('retention.bytes keeps that much at least, and not a segment more', async () => {
    await createTopic(client, 'by-size', { ...small, 'retention.bytes': '10000' });
    for (let i = 0; i < 12; i++) await send(client, 'by-size', batchOf(4500));
    await until('the first segments go', async () => (await startOf('by-size')) >= 9);
    expect(await startOf('by-size')).toBe(9);
    expect(segmentsOf('by-size')).toHaveLength(3);
  });

  test('takes effect on a topic that is there when it is changed', async () => {
    await createTopic(client, 'shortened', small);
    for (let i = 0; i < 4; i++) await send(client, 'shortened', batchOf(2000, old));
    expect(await startOf('shortened')).toBe(0);
    await alterTopic(client, 'shortened', { 'retention.ms': '60000' });
    await until('the records go', async () => (await startOf('shortened')) === 4);
  });
});

describe('a compacted topic', () => {
  test('is read over its holes, from any offset to the end', async () => {
    await createTopic(client, 'holes', {
      'cleanup.policy': 'compact',
      'internal.segment.bytes': '3000',
      'min.cleanable.dirty.ratio': '0',
    });
    for (let i = 0; i < 30; i++) await send(client, 'holes', batchOf(700));
    const firstBatch = async () => {
      const { records } = await fetchFrom(client, 'holes', 0);
      return records!.length === 0 ? 0 : baseOffset(records!, 0);
    };
    await until('the log is compacted', async () => (await firstBatch()) > 0);
    for (let offset = 0; offset < 30; offset++) {
      const { errorCode, records } = await fetchFrom(client, 'holes', offset);
      expect(errorCode).toBe(0);
      expect(records!.length).toBeGreaterThan(0);
      expect(lastOffset(records!, 0)).toBeGreaterThanOrEqual(offset);
    }
    expect((await fetchFrom(client, 'holes', 30)).records).toHaveLength(0);
  });
});

describe('DeleteRecords', () => {
  test('is not undone by a kill -9', async () => {
    const dataDir = await mkdtemp(join(tmpdir(), 'millrace-traps-'));
    let kept = 0;
    for (const offset of [3, 5, 8]) {
      const killed = await BrokerProcess.start({ dataDir });
      const own = await WireClient.open(killed.port);
      if (kept === 0) await createTopic(own, 'shrinks');
      expect(await offsetAt(own, 'shrinks', -2)).toMatchObject({ offset: kept });
      for (let i = 0; i < 5; i++) await send(own, 'shrinks', batchOf(100));
      const answer = await deleteTo(own, 'shrinks', offset);
      expect(answer).toMatchObject({ errorCode: 0, lowWatermark: offset });
      kept = offset;
      own.close();
      await killed.kill();
    }
    const last = await BrokerProcess.start({ dataDir });
    const own = await WireClient.open(last.port);
    expect(await offsetAt(own, 'shrinks', -2)).toMatchObject({ offset: 8 });
    expect(await offsetAt(own, 'shrinks', -1)).toMatchObject({ offset: 15 });
    expect((await fetchFrom(own, 'shrinks', 8)).logStartOffset).toBe(8);
    own.close();
    await last.kill();
    await rm(dataDir, { recursive: true });
  });
});

describe('flush.messages=1', () => {
  async function syncs(): Promise<number> {
    const page = await (await fetch(`${broker.httpUrl}/metrics`)).text();
    return Number(/^millrace_syncs_total (\d+)$/m.exec(page)![1]);
  }

  test('acknowledges acks=all after a sync, one for each where they come one by one', async () => {
    await createTopic(client, 'durable', { 'flush.messages': '1' });
    const before = await syncs();
    for (let i = 1; i <= 20; i++) {
      expect(await send(client, 'durable', batchOf(10), { acks: -1 })).toMatchObject({
        errorCode: 0,
        baseOffset: i - 1,
      });
      expect((await syncs()) - before).toBeGreaterThanOrEqual(i);
    }
  });

  test('shares a sync among those that come together', async () => {
    await createTopic(client, 'shared', { 'flush.messages': '1' });
    const clients = await Promise.all(
      Array.from({ length: 16 }, () => WireClient.open(broker.port)),
    );
    const before = await syncs();
    for (let round = 0; round < 10; round++) {
      const answers = clients.map((each) => send(each, 'shared', batchOf(10), { acks: -1 }));
      for (const { errorCode } of await Promise.all(answers)) expect(errorCode).toBe(0);
    }
    expect((await syncs()) - before).toBeLessThan(160);
    expect(await endOf('shared')).toBe(160);
    for (const each of clients) each.close();
  });

  test('a topic without it waits for none', async () => {
    await createTopic(client, 'plain');
    const before = await syncs();
    for (let i = 0; i < 20; i++) await send(client, 'plain', batchOf(10), { acks: -1 });
    expect(await syncs()).toBe(before);
  });
});
