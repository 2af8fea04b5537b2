import { type EmbeddedBroker, startBroker } from 'millrace';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { ERROR } from '../../src/base/kafka-errors.ts';
import { API } from '../../src/protocol/api-keys.ts';
import { type DecodedRecord, decodeRecords } from '../../src/records/record-iterator.ts';
import { until } from '../support/until.ts';
import { WireClient } from '../support/wire-client.ts';

const KEYS = 5;
const HOUR_MS = 3_600_000;
const CONFIG = {
  'log.cleaner.backoff.ms': 50,
  'log.cleaner.min.cleanable.ratio': 0.01,
  'log.retention.check.interval.ms': 100,
  'log.initial.task.delay.ms': 100,
};

/** What the broker has to say that is not good. */
const complaints: string[] = [];
const complain = (message: string) => void complaints.push(message);
const logger = { info() {}, warn: complain, error: complain };

let broker: EmbeddedBroker;
let client: WireClient;

beforeAll(async () => {
  broker = await startBroker({ config: CONFIG, logger });
  client = await WireClient.open(broker.port);
});

afterAll(async () => {
  client.close();
  await broker.close();
  expect(complaints).toEqual([]);
});

function create(topic: string, config: Record<string, string>) {
  return broker.createTopic(topic, { config: { 'internal.segment.bytes': '4000', ...config } });
}

async function write(topic: string, prefix: string, rounds: number, timestamp: number) {
  for (let round = 0; round < rounds; round++) {
    for (let key = 0; key < KEYS; key++) {
      const value = Buffer.from(`${round} ${'x'.repeat(100)}`);
      await client.produce(topic, 0, [{ key: Buffer.from(`${prefix}-${key}`), value, timestamp }]);
    }
  }
}

/** What is behind an offset, with the start and the end of the log. */
async function fetchFrom(from: WireClient, topic: string, fetchOffset: number) {
  const answer = await from.ask(API.FETCH, 11, {
    maxWaitMs: 0,
    minBytes: 1,
    maxBytes: 10_000,
    sessionId: 0,
    sessionEpoch: -1,
    isolationLevel: 0,
    topics: [{ topic, partitions: [{ partition: 0, fetchOffset, partitionMaxBytes: 10_000 }] }],
    forgottenTopicsData: [],
    rackId: '',
  });
  return answer.responses[0]!.partitions[0]!;
}

async function readAll(from: WireClient, topic: string): Promise<DecodedRecord[]> {
  const { logStartOffset, highWatermark } = await fetchFrom(from, topic, 0);
  const records: DecodedRecord[] = [];
  for (let next = logStartOffset; next < highWatermark; ) {
    const found = await fetchFrom(from, topic, next);
    // What is deleted meanwhile is passed over.
    if (found.errorCode === ERROR.OFFSET_OUT_OF_RANGE && next < found.logStartOffset) {
      next = found.logStartOffset;
      continue;
    }
    expect(found.errorCode).toBe(0);
    for (const record of decodeRecords(found.records!)) {
      if (record.offset < next) continue;
      records.push(record);
      next = record.offset + 1;
    }
  }
  return records;
}

describe('a topic that is compacted', () => {
  it('and deleted from loses what is old and, of the rest, what is not the newest', async () => {
    await create('both', {
      'cleanup.policy': 'compact,delete',
      'retention.ms': String(HOUR_MS),
    });
    await write('both', 'old', 20, Date.now() - 2 * HOUR_MS);
    await until('retention', async () => (await readAll(client, 'both')).length === 0);
    await write('both', 'new', 60, Date.now());
    // The active segment is never compacted: about thirty records.
    await until('compaction', async () => (await readAll(client, 'both')).length < 60);
    const newest = new Map<string, string>();
    for (const { key, value } of await readAll(client, 'both')) {
      newest.set(String(key), String(value).split(' ')[0]!);
    }
    const expected = Array.from({ length: KEYS }, (_, key) => [`new-${key}`, '59']);
    expect([...newest].sort()).toEqual(expected);
  });

  it('keeps what is old where only compaction is asked for', async () => {
    await create('compacted', { 'cleanup.policy': 'compact', 'retention.ms': String(HOUR_MS) });
    await write('compacted', 'old', 40, Date.now() - 2 * HOUR_MS);
    await until('compaction', async () => (await readAll(client, 'compacted')).length < 60);
    const keys = new Set((await readAll(client, 'compacted')).map(({ key }) => String(key)));
    expect(keys.size).toBe(KEYS);
  });

  it('and made anew is compacted from its beginning', async () => {
    for (let time = 0; time < 2; time++) {
      await create('again', { 'cleanup.policy': 'compact' });
      await write('again', `time-${time}`, 40, Date.now());
      await until('compaction', async () => (await readAll(client, 'again')).length < 60);
      await client.ask(API.DELETE_TOPICS, 5, { topicNames: ['again'], timeoutMs: 5000 });
    }
  });

  it('may lose segments to DeleteRecords at any moment of a compaction', async () => {
    await create('cut', { 'cleanup.policy': 'compact,delete' });
    const admin = await WireClient.open(broker.port);
    let writing = true;
    const written = write('cut', 'key', 60, Date.now()).then(() => {
      writing = false;
    });
    while (writing) {
      const { logStartOffset, highWatermark } = await fetchFrom(admin, 'cut', 0);
      const offset = Math.floor((logStartOffset + 2 * highWatermark) / 3);
      const answer = await admin.ask(API.DELETE_RECORDS, 2, {
        topics: [{ name: 'cut', partitions: [{ partitionIndex: 0, offset }] }],
        timeoutMs: 1000,
      });
      expect(answer.topics[0]!.partitions[0]).toMatchObject({ errorCode: 0, lowWatermark: offset });
      for (const record of await readAll(admin, 'cut')) {
        expect(record.offset).toBeGreaterThanOrEqual(offset);
      }
    }
    await written;
    await write('cut', 'key', 1, Date.now());
    const keys = new Set((await readAll(admin, 'cut')).map(({ key }) => String(key)));
    expect(keys.size).toBe(KEYS);
    admin.close();
  });

  it('never disturbs a reader, who sees the values of a key in their order', async () => {
    await create('read', { 'cleanup.policy': 'compact' });
    const reader = await WireClient.open(broker.port);
    let writing = true;
    const written = write('read', 'key', 150, Date.now()).then(() => {
      writing = false;
    });
    let reads = 0;
    while (writing || reads < 3) {
      const last = new Map<string, number>();
      let lastOffset = -1;
      for (const { key, value, offset } of await readAll(reader, 'read')) {
        const round = Number.parseInt(String(value), 10);
        expect(offset).toBeGreaterThan(lastOffset);
        expect(round).toBeGreaterThan(last.get(String(key)) ?? -1);
        last.set(String(key), round);
        lastOffset = offset;
      }
      reads++;
    }
    await written;
    await until('compaction', async () => (await readAll(reader, 'read')).length < 100);
    reader.close();
  });
});
