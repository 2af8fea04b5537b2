/**
 * What source topics may meet. Policy: an offset that is gone is reset as the source says; new
 * partitions are read where the state allows it, and else end the application with an error that
 * names the topic; a topic that is gone is waited for, and told of.
 */
import { describe, expect, it } from 'vitest';
import type { EmbeddedBroker } from '#millrace/broker/start-broker';
import { Admin } from '#millrace/client/admin/admin';
import { allRequired } from '#millrace/client/admin/outcome';
import { text } from '#millrace/client/serde/serdes';
import { topic } from '#millrace/client/serde/topic';
import { StreamsBuilder } from '#millrace/streams/dsl/streams-builder';
import { Streams } from '#millrace/streams/runtime/streams';
import { until } from '../../support/until.ts';
import { brokerWithTopics } from '../support/broker-with-topics.ts';
import {
  CHANGELOG,
  counting,
  GUARANTEES,
  progress,
  send,
  untilCounted,
} from '../support/counting.ts';

function ready(partitions = 1): Promise<EmbeddedBroker> {
  return brokerWithTopics(['input', 'output'], partitions);
}

async function deleteInputs(broker: EmbeddedBroker, before: number): Promise<void> {
  await using admin = new Admin({ bootstrapServers: broker.bootstrapServers });
  await admin.records.delete([{ topic: 'input', partition: 0, before }]);
}

describe.each(GUARANTEES)('a source, %s', (processingGuarantee) => {
  const run = (broker: EmbeddedBroker, more: object = {}) =>
    counting(broker.bootstrapServers, { processingGuarantee, ...more });

  it('whose committed offset is below the start of the log goes on at that start', async () => {
    await using broker = await ready();
    const first = run(broker);
    await send(broker, 50);
    await first.app.start();
    await untilCounted(broker, 5);
    await first.app.close();
    await send(broker, 50);
    await deleteInputs(broker, 70);
    await using app = await run(broker).app.start();
    await untilCounted(broker, 8);
    expect(app.failure).toBeNull();
    const commits = async () => (await progress(broker, 'input')).committed === 100;
    await until('all is committed', commits);
  });

  it('that says to reset to none ends with an error that names the partition', async () => {
    await using broker = await ready();
    const none = { consumer: { autoOffsetReset: 'none' } };
    await send(broker, 50);
    const first = run(broker);
    await first.app.start();
    await untilCounted(broker, 5);
    await first.app.close();
    await send(broker, 50);
    await deleteInputs(broker, 70);
    const { app } = run(broker, none);
    await Promise.allSettled([app.start()]);
    await app.ended();
    expect(String(app.failure)).toMatch(/input.*none/);
    await app.close();
  });

  it('that gets more partitions than its changelog has ends with an error about it', async () => {
    await using broker = await ready();
    const { app } = run(broker, { metadataMaxAgeMs: 200 });
    await app.start();
    await send(broker, 10);
    await untilCounted(broker, 1);
    await using admin = new Admin({ bootstrapServers: broker.bootstrapServers });
    allRequired(await admin.topics.createPartitions([{ topic: 'input', count: 2 }]));
    await app.ended();
    expect(String(app.failure)).toContain(`${CHANGELOG} has 1 partitions where 2 are needed`);
    await app.close();
  });

  it('that was made anew with fewer partitions than its changelog has is refused', async () => {
    await using broker = await ready(2);
    const first = run(broker);
    await first.app.start();
    await first.app.close();
    await using admin = new Admin({ bootstrapServers: broker.bootstrapServers });
    allRequired(await admin.topics.delete(['input']));
    allRequired(await admin.topics.create([{ name: 'input', partitions: 1 }]));
    const second = run(broker);
    const refused = `${CHANGELOG} has 2 partitions where 1 are needed`;
    await expect(second.app.start()).rejects.toThrow(refused);
    await second.app.close();
  });

  it('that is deleted in a classic group is told of, and read on once it is there again', async () => {
    await using broker = await ready();
    const { app, errors } = run(broker, { metadataMaxAgeMs: 200, taskTimeoutMs: 300 });
    await app.start();
    await send(broker, 10);
    await untilCounted(broker, 1);
    await using admin = new Admin({ bootstrapServers: broker.bootstrapServers });
    allRequired(await admin.topics.delete(['input']));
    const isTold = async () =>
      errors.some(({ message }) => message.includes('topic input is gone'));
    await until('it is told', isTold);
    allRequired(await admin.topics.create([{ name: 'input', partitions: 1 }]));
    await send(broker, 10);
    await untilCounted(broker, 2);
    expect(app.failure).toBeNull();
    await app.close();
  });

  it('that gets more partitions is read whole where there is no state', async () => {
    await using broker = await ready();
    const { bootstrapServers } = broker;
    const builder = new StreamsBuilder();
    const texts = (name: string) => topic(name, { key: text, value: text });
    builder.stream(texts('input')).to(texts('output'));
    await using app = new Streams(builder, {
      bootstrapServers,
      processingGuarantee,
      applicationId: 'app',
      groupProtocol: 'classic',
      commitIntervalMs: 20,
      metadataMaxAgeMs: 200,
      consumer: { heartbeatIntervalMs: 100 },
    });
    await app.start();
    await using admin = new Admin({ bootstrapServers });
    allRequired(await admin.topics.createPartitions([{ topic: 'input', count: 3 }]));
    await until('it has three tasks', async () => app.taskNames.length === 3);
    await send(broker, 100);
    await until('all three are committed', async () => {
      const all = await Promise.all([0, 1, 2].map((each) => progress(broker, 'input', each)));
      return all.reduce((sum, { committed }) => sum + Math.max(committed, 0), 0) === 100;
    });
  });
});
