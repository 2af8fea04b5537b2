import { type EmbeddedBroker, startBroker } from 'millrace';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { API } from '../../../src/protocol/api-keys.ts';
import { buildBatch } from '../../../src/records/batch-builder.ts';
import { ATTRIBUTES, setCrc, setMaxTimestamp } from '../../../src/records/batch-layout.ts';
import { CODEC } from '../../../src/records/codec-ids.ts';
import { crc32c } from '../../../src/records/crc32c.ts';
import { WireClient } from '../../support/wire-client.ts';

const TIME = Date.now() - 3_600_000;
const COUNT = 60_000;
const NEWEST = -3;

let broker: EmbeddedBroker;
let client: WireClient;

beforeAll(async () => {
  broker = await startBroker({ config: { 'num.io.threads': 1 } });
  client = await WireClient.open(broker.port);
});

afterAll(async () => {
  client.close();
  await broker.close();
});

/** One record a millisecond; the header may promise a later one. */
function batchOf(fromMs: number, codec: number, maxMs = -1): Buffer {
  const value = Buffer.from('value');
  const records = Array.from({ length: COUNT }, (_, i) => ({ value, timestamp: fromMs + i }));
  const batch = buildBatch(records, { codec });
  if (maxMs < 0) return batch;
  setMaxTimestamp(batch, 0, maxMs);
  setCrc(batch, 0, crc32c(batch, ATTRIBUTES, batch.length));
  return batch;
}

async function produce(topic: string, records: Buffer): Promise<void> {
  const answer = await client.ask(API.PRODUCE, 9, {
    transactionalId: null,
    acks: 1,
    timeoutMs: 10_000,
    topicData: [{ name: topic, partitionData: [{ index: 0, records }] }],
  });
  expect(answer.responses[0]!.partitionResponses[0]!.errorCode).toBe(0);
}

async function places(topic: string, times: readonly number[]) {
  const asked = times.map(async (timestamp) => {
    const one = await WireClient.open(broker.port);
    const partitions = [{ partitionIndex: 0, currentLeaderEpoch: -1, timestamp }];
    const topics = [{ name: topic, partitions }];
    const answer = await one.ask(API.LIST_OFFSETS, 9, { replicaId: -1, isolationLevel: 0, topics });
    one.close();
    return answer.topics[0]!.partitions[0]!;
  });
  return Promise.all(asked);
}

test.each(Object.entries(CODEC))(
  'records of large batches are found by time: %s',
  async (name, codec) => {
    const topic = `large-${name.toLowerCase()}`;
    await broker.createTopic(topic, { config: { 'max.message.bytes': '4000000' } });
    for (let i = 0; i < 3; i++) await produce(topic, batchOf(TIME + i * COUNT, codec));
    const deltas = [0, 1, COUNT - 1, COUNT, COUNT + 34_567, 3 * COUNT - 1];
    const found = await places(
      topic,
      deltas.map((delta) => TIME + delta),
    );
    for (const [i, delta] of deltas.entries()) {
      expect(found[i]).toMatchObject({ errorCode: 0, offset: delta, timestamp: TIME + delta });
    }
    const [newest, none] = await places(topic, [NEWEST, TIME + 3 * COUNT]);
    expect(newest).toMatchObject({ offset: 3 * COUNT - 1, timestamp: TIME + 3 * COUNT - 1 });
    expect(none).toMatchObject({ errorCode: 0, offset: -1, timestamp: -1 });
  },
  30_000,
);

test('the search goes on behind a batch that does not hold what it promises', async () => {
  await broker.createTopic('lies', { config: { 'max.message.bytes': '4000000' } });
  const later = TIME + 10 * COUNT;
  for (let i = 0; i < 3; i++) await produce('lies', batchOf(TIME, CODEC.LZ4, later));
  const [none, newest] = await places('lies', [later, NEWEST]);
  expect(none).toMatchObject({ errorCode: 0, offset: -1 });
  expect(newest).toMatchObject({ errorCode: 0, offset: -1 });
  await produce('lies', batchOf(later, CODEC.ZSTD));
  const [found] = await places('lies', [later + 7]);
  expect(found).toMatchObject({ offset: 3 * COUNT + 7, timestamp: later + 7 });
});
