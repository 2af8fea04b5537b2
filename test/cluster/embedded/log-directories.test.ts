/** Brokers with two log directories under controllers of Apache Kafka. */
import { rename, rm, writeFile } from 'node:fs/promises';
import { setTimeout as pause } from 'node:timers/promises';
import { type EmbeddedCluster, startCluster } from 'millrace';
import { Admin, Consumer, KafkaError, Producer, text, topic } from 'millrace/client';
import { expect, it } from 'vitest';
import { whyNoEmbeddedCluster } from './why-no-embedded-cluster.ts';

const reason = await whyNoEmbeddedCluster();

const words = topic('words', { value: text });
const PARTITIONS = 4;
const LIMIT_MS = 180_000;
const SOON = { timeout: 30_000, interval: 200 };
const NAME = 'replicas move, a disk is lost, and nothing that was acknowledged is';

/** What each directory of a broker holds of the topic; null for one that is lost. */
async function held(admin: Admin, { id, dataDirs }: EmbeddedCluster['brokers'][number]) {
  const partitions = Array.from({ length: PARTITIONS }, (_, partition) => {
    return { topic: 'words', partition };
  });
  const described = (await admin.logDirs.describe([id], { partitions })).get(id)!;
  if (described instanceof KafkaError) throw described;
  return dataDirs.map((path) => {
    const directory = described.get(path)!;
    if (directory instanceof KafkaError) return null;
    const { replicas } = directory;
    return replicas.filter(({ isFuture }) => !isFuture).map(({ partition }) => partition);
  });
}

async function describe(admin: Admin) {
  const described = (await admin.topics.describe(['words'])).get('words')!;
  if (described instanceof KafkaError) throw described;
  return described.partitions;
}

it.skipIf(reason !== null)(
  `${NAME}${reason === null ? '' : ` (${reason})`}`,
  async () => {
    const config = { 'log.flush.offset.checkpoint.interval.ms': 500 };
    await using cluster = await startCluster({ brokers: 3, logDirs: 2, config });
    const { bootstrapServers, brokers } = cluster;
    const [broker] = brokers;
    const { id, dataDirs } = broker!;
    const [one, two] = dataDirs;
    await cluster.createTopic('words', {
      partitions: PARTITIONS,
      config: { 'min.insync.replicas': '2' },
    });
    await using admin = new Admin({ bootstrapServers });
    for (const each of brokers) {
      await expect
        .poll(async () => (await held(admin, each)).map((some) => some!.length), SOON)
        .toEqual([2, 2]);
    }

    const sent: string[] = [];
    let isOver = false;
    await using producer = new Producer({ bootstrapServers });
    const writing = (async () => {
      for (let i = 0; !isOver; i++) {
        await producer.send(words, { value: `${i}`, partition: i % PARTITIONS });
        sent.push(`${i}`);
        await pause(2);
      }
    })();

    const [moved] = (await held(admin, broker!))[0]!;
    const move = { broker: id, path: two!, topic: 'words', partition: moved! };
    expect(await admin.logDirs.alter([move])).toMatchObject([{ outcome: null }]);
    await expect.poll(async () => (await held(admin, broker!))[1], SOON).toContain(moved);

    const [kept, lost] = await held(admin, broker!);
    await rename(two!, `${two}.gone`);
    await writeFile(two!, 'a disk that is gone');
    await expect.poll(async () => (await held(admin, broker!))[1], SOON).toBeNull();
    await expect
      .poll(async () => {
        const partitions = await describe(admin);
        return partitions.map(({ isr, leader }) => isr.includes(id) && leader >= 0);
      }, SOON)
      .toEqual([0, 1, 2, 3].map((partition) => kept!.includes(partition)));
    expect((await describe(admin)).filter(({ leader }) => leader === id)).toEqual(
      (await describe(admin)).filter(({ partition, leader }) => {
        return leader === id && !lost!.includes(partition);
      }),
    );
    expect(broker!.isRunning).toBe(true);

    await broker!.stop();
    await rm(two!);
    await rename(`${two}.gone`, two!);
    await broker!.start();
    const inSync = async () => (await describe(admin)).map(({ isr }) => isr.length);
    await expect.poll(inSync, SOON).toEqual([3, 3, 3, 3]);
    expect((await held(admin, broker!))[1]!.toSorted()).toEqual(lost!.toSorted());

    await broker!.stop();
    await rm(one!, { recursive: true });
    await broker!.start();
    await expect.poll(inSync, SOON).toEqual([3, 3, 3, 3]);

    isOver = true;
    await writing;
    await using consumer = new Consumer({
      bootstrapServers,
      topics: [words],
      groupId: 'readers',
      autoOffsetReset: 'earliest',
    });
    const heard: (string | null)[] = [];
    for await (const { value } of consumer) {
      heard.push(value);
      if (heard.length === sent.length) break;
    }
    const inOrder = (one: string | null, other: string | null) => Number(one) - Number(other);
    expect(heard.sort(inOrder)).toEqual(sent);
  },
  LIMIT_MS,
);
