import { type EmbeddedBroker, startBroker } from 'millrace';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { Admin } from '../../../src/client/admin/admin.ts';
import { allRequired, required } from '../../../src/client/admin/outcome.ts';
import { KafkaError } from '../../../src/client/errors/kafka-error.ts';

let broker: EmbeddedBroker;
let admin: Admin;

beforeAll(async () => {
  broker = await startBroker({ config: { 'auto.create.topics.enable': 'false' } });
  admin = new Admin({ bootstrapServers: broker.bootstrapServers, retryBackoffMs: 5 });
});

/** Brokers of Kafka know a topic a moment after the controller has made it. */
async function made(name: string, partitions = 1): Promise<void> {
  allRequired(await admin.topics.create([{ name, partitions }]));
  const known = async () => (await admin.topics.describe([name])).get(name);
  await expect.poll(known, { timeout: 50_000 }).toMatchObject({ name });
}

afterAll(async () => {
  await admin.close();
  await broker.close();
});

describe('topics', () => {
  it('makes many at once and tells of each what became of it', async () => {
    const outcomes = await admin.topics.create([
      { name: 'orders', partitions: 3, configs: { 'retention.ms': '60000' } },
      { name: 'bad name' },
      { name: 'worse', configs: { 'no.such.config': '1' } },
    ]);
    expect([...outcomes.keys()]).toEqual(['orders', 'bad name', 'worse']);
    expect(outcomes.get('orders')).toMatchObject({ partitions: 3, replicationFactor: 1 });
    expect(outcomes.get('bad name')).toMatchObject({
      code: 'INVALID_TOPIC_EXCEPTION',
      topic: 'bad name',
      retriable: false,
    });
    expect(outcomes.get('worse')).toMatchObject({ code: 'INVALID_CONFIG' });
    expect((await admin.topics.list()).map(({ name }) => name)).toContain('orders');
  });

  it('checks a topic without making it', async () => {
    const outcomes = await admin.topics.create([{ name: 'tried' }], { validateOnly: true });
    expect(required(outcomes.get('tried')).name).toBe('tried');
    const described = await admin.topics.describe(['tried']);
    expect(described.get('tried')).toMatchObject({ code: 'UNKNOWN_TOPIC_OR_PARTITION' });
  });

  it('describes more partitions than one page holds, beside a topic that is not there', async () => {
    await made('many', 2_500);
    await made('more', 7);
    const described = await admin.topics.describe(['more', 'gone', 'many']);
    const many = required(described.get('many'));
    const numbers = many.partitions.map(({ partition }) => partition);
    expect(numbers).toEqual(Array.from({ length: 2_500 }, (_, i) => i));
    expect(required(described.get('more')).partitions).toHaveLength(7);
    expect(described.get('gone')).toBeInstanceOf(KafkaError);
    const byId = await admin.topics.describeByIds([many.topicId]);
    expect(required(byId.get(many.topicId)).name).toBe('many');
    expect(allRequired(await admin.topics.delete(['many', 'more']))).toEqual([null, null]);
  });

  it('grows topics, and removes them by id', async () => {
    await made('grown');
    const grown = await admin.topics.createPartitions([
      { topic: 'grown', count: 4 },
      { topic: 'gone', count: 4 },
      { topic: 'orders', count: 1 },
    ]);
    expect(grown.get('grown')).toBeNull();
    expect(grown.get('gone')).toMatchObject({ code: 'UNKNOWN_TOPIC_OR_PARTITION' });
    expect(grown.get('orders')).toMatchObject({ code: 'INVALID_PARTITIONS' });
    const { topicId, partitions } = required((await admin.topics.describe(['grown'])).get('grown'));
    expect(partitions).toHaveLength(4);
    const missing = 'AAAAAAAAAAAAAAAAAAAAAQ';
    const deleted = await admin.topics.deleteByIds([topicId, missing]);
    expect(deleted.get(topicId)).toBeNull();
    expect(deleted.get(missing)).toMatchObject({ code: 'UNKNOWN_TOPIC_ID' });
  });
});

describe('records', () => {
  it('finds offsets and removes records of each partition', async () => {
    await made('logged', 2);
    const [first, second, missing] = await admin.records.offsets([
      { topic: 'logged', partition: 0, at: 'latest' },
      { topic: 'logged', partition: 1, at: Date.now() },
      { topic: 'logged', partition: 2, at: 'earliest' },
    ]);
    expect(first).toMatchObject({ partition: 0, outcome: { offset: 0 } });
    expect(second).toMatchObject({ partition: 1, outcome: { offset: -1 } });
    expect(missing!.outcome).toMatchObject({
      code: 'UNKNOWN_TOPIC_OR_PARTITION',
      topic: 'logged',
      partition: 2,
    });
    const deleted = await admin.records.delete([
      { topic: 'logged', partition: 0, before: -1 },
      { topic: 'logged', partition: 1, before: 9 },
    ]);
    expect(deleted.map(({ outcome }) => outcome)).toEqual([
      { lowWatermark: 0 },
      expect.objectContaining({ code: 'OFFSET_OUT_OF_RANGE', partition: 1 }),
    ]);
  });
});

describe('configs', () => {
  it('changes and shows those of several resources', async () => {
    await made('tuned');
    const tuned = { type: 'topic', name: 'tuned' } as const;
    const gone = { type: 'topic', name: 'gone' } as const;
    const [id] = await admin.brokers();
    const own = { type: 'broker', name: String(id) } as const;
    const changed = await admin.configs.alter([
      { resource: tuned, changes: [{ name: 'retention.ms', value: '1234' }] },
      { resource: gone, changes: [{ name: 'retention.ms', value: '1234' }] },
    ]);
    expect(changed.get(tuned)).toBeNull();
    expect(changed.get(gone)).toMatchObject({ code: 'UNKNOWN_TOPIC_OR_PARTITION' });
    const described = await admin.configs.describe([tuned, gone, own], { documentation: true });
    const retention = required(described.get(tuned)).find(({ name }) => name === 'retention.ms');
    expect(retention).toMatchObject({
      value: '1234',
      source: 'DYNAMIC_TOPIC_CONFIG',
      type: 'long',
      documentation: expect.any(String),
    });
    expect(described.get(gone)).toBeInstanceOf(KafkaError);
    expect(required(described.get(own)).length).toBeGreaterThan(10);
    expect(await admin.configs.listResources(['topic'])).toContainEqual(tuned);
  });
});

describe('groups', () => {
  it('sets, lists and forgets offsets, and removes groups', async () => {
    await made('read', 2);
    const altered = await admin.groupOffsets.alter('readers', [
      { topic: 'read', partition: 0, offset: 3 },
      { topic: 'gone', partition: 0, offset: 3 },
    ]);
    expect(altered[0]!.outcome).toBeNull();
    expect(altered[1]!.outcome).toMatchObject({ code: 'UNKNOWN_TOPIC_OR_PARTITION' });
    const listed = await admin.groupOffsets.list(['readers', 'nobody']);
    expect(listed.get('readers')).toMatchObject([{ topic: 'read', partition: 0, offset: 3 }]);
    expect(listed.get('nobody')).toEqual([]);
    const described = await admin.groups.describe(['readers', 'nobody']);
    expect(described.get('readers')).toMatchObject({
      state: 'Empty',
      members: [],
      coordinator: { id: (await admin.brokers())[0] },
    });
    expect(described.get('nobody')).toMatchObject({ code: 'GROUP_ID_NOT_FOUND' });
    expect((await admin.groups.list({ states: ['empty'] })).map((each) => each.groupId)).toEqual([
      'readers',
    ]);
    expect(await admin.groups.removeMembers('readers')).toEqual([]);
    const forgotten = await admin.groupOffsets.delete('readers', [{ topic: 'read', partition: 0 }]);
    expect(forgotten).toEqual([{ topic: 'read', partition: 0, outcome: null }]);
    const deleted = await admin.groups.delete(['readers', 'nobody']);
    expect(deleted.get('nobody')).toMatchObject({ code: 'GROUP_ID_NOT_FOUND' });
  });

  it('throws what is wrong with a group as a whole', async () => {
    const change = admin.groupOffsets.delete('unheard', [{ topic: 'read', partition: 0 }]);
    await expect(change).rejects.toMatchObject({ code: 'GROUP_ID_NOT_FOUND' });
  });

  it('says of each group that the broker does not serve its type', async () => {
    const shared = await admin.groups.describeShare(['a', 'b']);
    expect(shared.get('a')).toMatchObject({ code: 'UNSUPPORTED_VERSION' });
    expect(shared.size).toBe(2);
  });
});

describe('transactions', () => {
  it('fences a producer, lists and describes its id', async () => {
    const fenced = required((await admin.transactions.fence(['mover'])).get('mover'));
    const listed = await admin.transactions.list();
    const { producerId } = fenced;
    const mover = expect.objectContaining({ transactionalId: 'mover', producerId });
    expect(listed).toContainEqual(mover);
    const described = await admin.transactions.describe(['mover', 'nobody']);
    expect(described.get('mover')).toMatchObject({ state: 'Empty', startMs: null });
    expect(described.get('nobody')).toMatchObject({ code: 'TRANSACTIONAL_ID_NOT_FOUND' });
    await admin.topics.create([{ name: 'moved' }]);
    const producers = await admin.producers.describe([
      { topic: 'moved', partition: 0 },
      { topic: 'moved', partition: 5 },
    ]);
    expect(producers[0]!.outcome).toEqual([]);
    expect(producers[1]!.outcome).toMatchObject({ code: 'UNKNOWN_TOPIC_OR_PARTITION' });
  });
});

describe('the cluster', () => {
  it('tells its brokers, the versions that each serves, and its features', async () => {
    const { brokers, clusterId } = await admin.cluster.describe();
    expect(clusterId).not.toBe('');
    expect(brokers).toMatchObject([{ host: '127.0.0.1', isFenced: false }]);
    const { id } = brokers[0]!;
    const versions = await admin.cluster.apiVersions([id, id + 1]);
    expect(required(versions.get(id))).toContainEqual(
      expect.objectContaining({ apiKey: 3, name: 'Metadata' }),
    );
    expect(versions.get(id + 1)).toMatchObject({ code: 'BROKER_NOT_AVAILABLE' });
    const { features } = await admin.cluster.features();
    expect(features.size).toBeGreaterThan(0);
    const updated = admin.cluster.updateFeatures([{ feature: 'no.such.feature', level: 1 }]);
    expect([...(await updated).values()][0]).toBeInstanceOf(KafkaError);
  });
});

describe('Admin', () => {
  it('refuses an option that it does not know', () => {
    const options = { bootstrapServers: 'a:1', 'default.api.timeout': 3 } as never;
    expect(() => new Admin(options)).toThrow("did you mean 'defaultApiTimeoutMs'?");
  });

  it('does nothing for a signal that has fired, and nothing once it is closed', async () => {
    await using other = new Admin({ bootstrapServers: broker.bootstrapServers });
    const aborted = other.topics.list({ signal: AbortSignal.abort() });
    await expect(aborted).rejects.toMatchObject({ code: 'ABORTED', name: 'AbortError' });
    await other.close();
    await expect(other.topics.list()).rejects.toMatchObject({ code: 'CLOSED' });
  });
});
