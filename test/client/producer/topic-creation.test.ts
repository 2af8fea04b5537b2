import { describe, expect, it } from 'vitest';
import { startBroker } from '#millrace/broker/start-broker';
import { Admin } from '../../../src/client/admin/admin.ts';
import { Producer } from '../../../src/client/producer/producer.ts';
import { text } from '../../../src/client/serde/serdes.ts';
import { topic } from '../../../src/client/serde/topic.ts';

const CREATING = { config: { 'auto.create.topics.enable': 'true' } };

async function topicNames(bootstrapServers: string): Promise<string[]> {
  await using admin = new Admin({ bootstrapServers });
  return (await admin.topics.list()).map(({ name }) => name);
}

describe('a broker that makes missing topics', () => {
  it('makes those that the producer lets it make', async () => {
    await using broker = await startBroker(CREATING);
    const { bootstrapServers } = broker;
    await using producer = new Producer({
      bootstrapServers,
      maxBlockMs: 500,
      allowAutoCreateTopics: (name: string) => !name.endsWith('-changelog'),
    });
    const refused = producer.send(topic('app-changelog', { value: text }), { value: 'a' });
    await producer.send(topic('words', { value: text }), { value: 'a' });
    await expect(refused).rejects.toThrow('app-changelog');
    expect(await topicNames(bootstrapServers)).toEqual(['words']);
  });

  it('makes all of them by default, and none where that is said', async () => {
    await using broker = await startBroker(CREATING);
    const { bootstrapServers } = broker;
    await using producer = new Producer({ bootstrapServers });
    await producer.send(topic('words', { value: text }), { value: 'a' });
    await using strict = new Producer({
      bootstrapServers,
      maxBlockMs: 500,
      allowAutoCreateTopics: false,
    });
    const refused = strict.send(topic('others', { value: text }), { value: 'a' });
    await expect(refused).rejects.toThrow('others');
    expect(await topicNames(bootstrapServers)).toEqual(['words']);
    const wrong = { bootstrapServers, allowAutoCreateTopics: 'no' } as never;
    expect(() => new Producer(wrong)).toThrow("option 'allowAutoCreateTopics'");
  });
});
