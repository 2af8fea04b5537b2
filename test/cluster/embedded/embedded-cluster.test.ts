import { startCluster } from 'millrace';
import { Consumer, Producer, text, topic } from 'millrace/client';
import { expect, it } from 'vitest';
import { whyNoEmbeddedCluster } from './why-no-embedded-cluster.ts';

const reason = await whyNoEmbeddedCluster();

const words = topic('words', { value: text });
const LIMIT_MS = 180_000;
const NAME = 'three brokers keep what was written while one is killed and two are cut off';

it.skipIf(reason !== null)(
  `${NAME}${reason === null ? '' : ` (${reason})`}`,
  async () => {
    await using cluster = await startCluster({ brokers: 3 });
    const { bootstrapServers, brokers } = cluster;
    const [one, two, three] = brokers;
    await cluster.createTopic('words', { config: { 'min.insync.replicas': '2' } });
    await using producer = new Producer({ bootstrapServers, requestTimeoutMs: 5000 });
    await producer.send(words, { value: 'before' });
    await one!.kill();
    await producer.send(words, { value: 'without one' });
    await one!.start();
    cluster.partition(two!, three!);
    await producer.send(words, { value: 'cut' });
    cluster.heal();
    await producer.send(words, { value: 'whole' });
    await using consumer = new Consumer({
      bootstrapServers,
      topics: [words],
      groupId: 'readers',
      autoOffsetReset: 'earliest',
    });
    const heard: (string | null)[] = [];
    for await (const { value } of consumer) {
      heard.push(value);
      if (heard.length === 4) break;
    }
    expect(heard).toEqual(['before', 'without one', 'cut', 'whole']);
  },
  LIMIT_MS,
);
