/** The disk blocks of a deleted file are free only when its last map is gone. */
import { existsSync, readFileSync } from 'node:fs';
import { type EmbeddedBroker, startBroker } from 'millrace';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { collectGarbage } from '#millrace/broker/garbage';
import { buildBatch } from '../../../src/records/batch-builder.ts';
import { settled } from '../../hostile/under-attack.ts';
import { skipWithoutAddon } from '../../support/skip-without-addon.ts';
import { createTopic } from '../../support/topics.ts';
import { WireClient } from '../../support/wire-client.ts';
import { askFetch, deleteTopic, send } from '../../support/wire-requests.ts';

skipWithoutAddon('only the addon makes maps');

const batch = buildBatch([{ value: Buffer.alloc(10_000, 'x') }]);
let broker: EmbeddedBroker;
let admin: WireClient;

beforeEach(async (context) => {
  if (!existsSync('/proc/self/maps')) context.skip('needs /proc');
  broker = await startBroker({ config: { 'num.io.threads': 0 } });
  admin = await WireClient.open(broker.port);
});

afterEach(async () => {
  admin?.close();
  await broker?.close();
});

/** Of log files of this broker: those that are there, or those that are deleted. */
function logMaps(deleted: boolean): string[] {
  const lines = readFileSync('/proc/self/maps', 'utf8').split('\n');
  const ofLogs = lines.filter((line) => line.includes(broker.dataDir) && line.includes('.log'));
  return ofLogs.filter((line) => line.endsWith('(deleted)') === deleted);
}

/** Fetches a topic in a session, and leaves without a word: the session stays. */
async function fetchAndLeave(topic: string, maxWaitMs: number): Promise<void> {
  const client = await WireClient.open(broker.port);
  const at = (fetchOffset: number) => {
    return [{ topic, partitions: [{ partition: 0, fetchOffset, partitionMaxBytes: 100_000 }] }];
  };
  const { sessionId, responses } = await askFetch(client, 11, { sessionEpoch: 0, topics: at(0) });
  expect(responses[0]!.partitions[0]!.records!.length).toBe(batch.length);
  const more = { sessionId, sessionEpoch: 1, topics: at(1), maxWaitMs };
  const waiting = askFetch(client, 11, more).catch(() => null);
  if (maxWaitMs === 0) await waiting;
  client.close();
  await waiting;
}

test.each([
  ['after its last answer', 0],
  ['while it waited', 60_000],
])('a session whose client went away %s keeps no map of a deleted topic', async (_, maxWaitMs) => {
  await createTopic(admin, 'topic');
  await send(admin, 'topic', batch);
  await fetchAndLeave('topic', maxWaitMs);
  expect(logMaps(false).length).toBeGreaterThan(0);
  await deleteTopic(admin, 'topic');
  await settled(async () => {
    collectGarbage();
    return logMaps(false).length + logMaps(true).length === 0;
  });
  expect(logMaps(true)).toEqual([]);
});
