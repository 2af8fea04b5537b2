import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { Admin, allRequired, Producer, text, topic } from '#millrace/client/index';
import { batchOf, ScriptedQueue } from '../share/scripted-queue.ts';
import { ProgramPage } from './program-page.ts';
import { TcpBridge } from './tcp-bridge.mjs';

/** A running Apache Kafka, such as `127.0.0.1:9092`. Without one its test is left out. */
const KAFKA = process.env.MILLRACE_TEST_KAFKA ?? '';
const [ACCEPT, RELEASE, REJECT, RENEW] = [[1], [2], [3], [4]];
/** Of three records one is renewed and accepted, one released, so that it comes again, one rejected. */
const SEEN = ['value 0, delivery 1', 'value 1, delivery 1', 'value 2, delivery 1'];
const SEEN_AGAIN = 'value 1, delivery 2';

/** A topic with three records in one batch, and a group of the same name that begins there. */
async function kafkaQueue(): Promise<string> {
  const name = `browser-share-${Date.now().toString(36)}`;
  await using admin = new Admin({ bootstrapServers: KAFKA });
  allRequired(await admin.topics.create([{ name, partitions: 1, replicationFactor: 1 }]));
  const changes = [{ name: 'share.auto.offset.reset', value: 'earliest' }];
  allRequired(await admin.configs.alter([{ resource: { type: 'group', name }, changes }]));
  await using producer = new Producer({ bootstrapServers: KAFKA, lingerMs: 50 });
  const words = topic(name, { value: text });
  await Promise.all([0, 1, 2].map((i) => producer.send(words, { value: `value ${i}` })));
  return name;
}

/**
 * Millrace serves no share groups, so there is no gateway to reach them by: a bridge from the
 * subprotocol `kafka` to a broker's own listener takes its place.
 */
describe.skipIf(!ProgramPage.isPossible)('the share consumer in Chromium', () => {
  let page: ProgramPage;

  beforeAll(async () => {
    page = await ProgramPage.start();
  });

  afterAll(() => page?.close());

  it.each(['run', 'runInWorker'] as const)('says what becomes of records (%s)', async (place) => {
    await using queue = await ScriptedQueue.start();
    queue.offer(3);
    queue.offers.push({ records: batchOf(1, 1), acquired: [[1, 1, 2]] });
    const bridge = await TcpBridge.start(queue.brokers[0]!.port);
    try {
      const given = { bootstrapServers: bridge.url, name: 'orders', groupId: 'g' };
      expect(await page.run('share', given, place)).toEqual([...SEEN, SEEN_AGAIN]);
    } finally {
      bridge.close();
    }
    const said = queue.said.map(({ offsets: [first, last], types }) => [first, last, types]);
    expect(said).toEqual([
      [0, 0, RENEW],
      [0, 0, ACCEPT],
      [1, 1, RELEASE],
      [2, 2, REJECT],
      [1, 1, ACCEPT],
    ]);
    expect(queue.heartbeats.at(-1)).toMatchObject({ memberEpoch: -1 });
  });

  it.skipIf(KAFKA === '')('works with a queue of Apache Kafka', async () => {
    const name = await kafkaQueue();
    const bridge = await TcpBridge.start(Number(KAFKA.split(':').at(-1)));
    try {
      const given = { bootstrapServers: bridge.url, name, groupId: name };
      expect(await page.run('share', given)).toEqual([...SEEN, SEEN_AGAIN]);
    } finally {
      bridge.close();
    }
  });
});
