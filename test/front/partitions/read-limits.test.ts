import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { silentLogger } from '../../../src/base/logger.ts';
import { Broker } from '../../../src/broker/broker.ts';
import { loadConfig } from '../../../src/broker/config.ts';
import type { PartitionMirror } from '../../../src/front/partitions/partition-mirror.ts';
import { API } from '../../../src/protocol/api-keys.ts';
import { baseOffset, lastOffset } from '../../../src/records/batch-layout.ts';
import { createTopic } from '../../support/topics.ts';
import { WireClient } from '../../support/wire-client.ts';
import { fetchFrom } from '../../support/wire-requests.ts';

const LATEST = -1;
const NEWEST = -3;
const TIME = 1_700_000_000_000;

let dataDir: string;
let broker: Broker;
let client: WireClient;

beforeAll(async () => {
  dataDir = await mkdtemp(join(tmpdir(), 'millrace-'));
  const config = { 'log.dirs': dataDir, listeners: 'PLAINTEXT://127.0.0.1:0' };
  broker = await Broker.start({
    loaded: loadConfig({ config: { ...config, 'millrace.http.listener': '' } }),
    logger: silentLogger,
    onFatal: (error) => {
      throw error;
    },
  });
  client = await WireClient.open(broker.kafkaPort);
});

afterAll(async () => {
  client.close();
  await broker.close();
  await rm(dataDir, { recursive: true, force: true });
});

/** Four batches of a record each, of which the last two belong to an open transaction. */
async function topicWithOpenTransaction(name: string): Promise<PartitionMirror> {
  await createTopic(client, name);
  const mirror = broker.front.partitions.topicByName(name)!.partitions[0]!;
  const produce = (i: number) => {
    return client.produce(name, 0, [{ value: Buffer.from('v'), timestamp: TIME + i }]);
  };
  for (const i of [0, 1]) await produce(i);
  // Opening the log for reading takes the limits from its worker: that must not come later.
  await fetchFrom(client, name, 0);
  const stable = { ...mirror.limits.lastStable };
  for (const i of [2, 3]) await produce(i);
  mirror.limits.lastStable.copy(stable);
  return mirror;
}

async function offsetAt(topic: string, isolationLevel: number, timestamp: number) {
  const partitions = [{ partitionIndex: 0, currentLeaderEpoch: -1, timestamp }];
  const topics = [{ name: topic, partitions }];
  const answer = await client.ask(API.LIST_OFFSETS, 9, { replicaId: -1, isolationLevel, topics });
  return answer.topics[0]!.partitions[0]!.offset;
}

test('a fetch of committed records ends at the last stable offset', async () => {
  await topicWithOpenTransaction('fetched');
  const committed = await fetchFrom(client, 'fetched', 0, { fields: { isolationLevel: 1 } });
  expect(committed).toMatchObject({ highWatermark: 4, lastStableOffset: 2 });
  expect(baseOffset(committed.records!, 0)).toBe(0);
  const all = await fetchFrom(client, 'fetched', 0);
  expect(all.records!.length).toBe(2 * committed.records!.length);
  const behind = await fetchFrom(client, 'fetched', 2, { fields: { isolationLevel: 1 } });
  expect(behind).toMatchObject({ errorCode: 0, highWatermark: 4 });
  expect(behind.records).toHaveLength(0);
  const open = await fetchFrom(client, 'fetched', 2);
  expect(lastOffset(open.records!, open.records!.length / 2)).toBe(3);
});

test('offsets of committed records end at the last stable offset', async () => {
  await topicWithOpenTransaction('listed');
  expect(await offsetAt('listed', 0, LATEST)).toBe(4);
  expect(await offsetAt('listed', 1, LATEST)).toBe(2);
  expect(await offsetAt('listed', 0, TIME + 3)).toBe(3);
  expect(await offsetAt('listed', 1, TIME + 3)).toBe(-1);
  expect(await offsetAt('listed', 1, TIME + 1)).toBe(1);
  expect(await offsetAt('listed', 0, NEWEST)).toBe(3);
  expect(await offsetAt('listed', 1, NEWEST)).toBe(-1);
});
