import { describe, expect, it } from 'vitest';
import { ALTER_OPERATION } from '../../src/metadata/config/alter.ts';
import { BrokerConfig } from '../../src/metadata/config/broker-config.ts';
import { resolveTopicConfig } from '../../src/metadata/config/topic-config.ts';
import { LocalMetadata } from '../../src/metadata/local-metadata.ts';
import type { MetadataChange } from '../../src/metadata/metadata-view.ts';
import { CONFIG_RESOURCE } from '../../src/metadata/plan-configs.ts';
import { randomUuid } from '../../src/metadata/uuid.ts';
import { MemoryStore } from './stores.ts';

async function started(store = new MemoryStore(), config: Record<string, string> = {}) {
  let ids = 0;
  const metadata = await LocalMetadata.start({
    store,
    config: BrokerConfig.of(new Map(Object.entries(config))),
    nodeId: 1,
    newUuid: () => `id-${ids++}`,
  });
  return { metadata, store };
}

const topic = (name: string, partitions = 1) => ({ name, partitions, replicationFactor: -1 });
const SET = ALTER_OPERATION.SET;

describe('LocalMetadata.start', () => {
  it('gives a new directory a cluster id, once', async () => {
    const { metadata, store } = await started();
    expect(metadata.image.clusterId).toBe('id-0');
    const again = await started(new MemoryStore(store.commits.flat()));
    expect(again.metadata.image.clusterId).toBe('id-0');
    expect(again.store.commits).toEqual([]);
  });

  it('refuses the directory of another node', async () => {
    const { store } = await started();
    const options = { config: BrokerConfig.of(), nodeId: 2 };
    const start = LocalMetadata.start({
      store: new MemoryStore(store.commits.flat()),
      ...options,
    });
    await expect(start).rejects.toThrow('belongs to node 1, but node.id is 2');
  });
});

describe('topics', () => {
  it('of a long request are decided in parts that see each other', async () => {
    const { metadata, store } = await started();
    const many = Array.from({ length: 600 }, (_, index) => topic(`t.${index}`));
    const clashing = [...many, topic('t_0')];
    const tried = await metadata.createTopics(clashing, true);
    expect(tried.map(({ refused }) => refused === null)).toEqual([...many.map(() => true), false]);
    expect(metadata.image.topicsByName.size).toBe(0);
    const commits = store.commits.length;
    const made = await metadata.createTopics([...clashing, topic('t.5')], false);
    const refusedNames = [...clashing, topic('t.5')]
      .filter((_, i) => made[i]!.refused !== null)
      .map(({ name }) => name);
    expect(refusedNames).toEqual(['t.5', 't_0', 't.5']);
    expect(metadata.image.topicsByName.size).toBe(599);
    expect(store.commits.length).toBe(commits + 3);
    const gone = await metadata.deleteTopics(many.map(({ name }) => ({ name, id: null })));
    expect(gone.filter(({ refused }) => refused !== null)).toHaveLength(1);
    expect(metadata.image.topicsByName.size).toBe(0);
  });

  it('are created, grown and deleted', async () => {
    const { metadata } = await started();
    const [created] = await metadata.createTopics([topic('a', 2)], false);
    expect(created).toMatchObject({ refused: null, result: { partitions: 2 } });
    await metadata.createPartitions([{ name: 'a', count: 5, assignments: null }], false);
    expect(metadata.image.topicsByName.get('a')!.partitions).toHaveLength(5);
    const [deleted] = await metadata.deleteTopics([{ name: 'a', id: null }]);
    expect(deleted!.result!.partitions).toHaveLength(5);
    expect(metadata.image.topicsByName.size).toBe(0);
    expect([...metadata.image.deletedTopics.keys()]).toEqual([created!.result!.id]);
    await metadata.forgetDeletedTopic(created!.result!.id);
    expect(metadata.image.deletedTopics.size).toBe(0);
  });

  it('of one name are created once, however many ask at once', async () => {
    const { metadata, store } = await started();
    const outcomes = await Promise.all(
      Array.from({ length: 5 }, () => metadata.createTopics([topic('a')], false)),
    );
    const refused = outcomes.flat().filter((outcome) => outcome.refused !== null);
    expect(refused).toHaveLength(4);
    expect(refused[0]!.refused).toEqual({
      errorCode: 36,
      message: "Topic 'a' already exists.",
    });
    // The cluster record, and one commit for all five.
    expect(store.commits).toHaveLength(2);
  });

  it('twice in one request are refused both times, the others are created', async () => {
    const { metadata } = await started();
    const outcomes = await metadata.createTopics([topic('a'), topic('b'), topic('a')], false);
    expect(outcomes.map(({ refused }) => refused?.errorCode ?? 0)).toEqual([42, 0, 42]);
    expect([...metadata.image.topicsByName.keys()]).toEqual(['b']);
  });

  it('of one request see each other', async () => {
    const { metadata } = await started();
    const outcomes = await metadata.createTopics([topic('a.b'), topic('a_b')], true);
    expect(outcomes[1]!.refused).toEqual({
      errorCode: 17,
      message: "Topic 'a_b' collides with existing topic: a.b",
    });
  });

  it('are only validated when asked to', async () => {
    const { metadata, store } = await started();
    const [outcome] = await metadata.createTopics([topic('a', 3)], true);
    expect(outcome).toMatchObject({ refused: null, result: { partitions: 3 } });
    expect(metadata.image.topicsByName.size).toBe(0);
    expect(store.commits).toHaveLength(1);
  });
});

describe('changes', () => {
  it('are seen by listeners before those who asked hear of them', async () => {
    const { metadata } = await started();
    const seen: MetadataChange[] = [];
    metadata.onChange((change) => seen.push(change));
    const asked = metadata.createTopics([topic('a')], false).then(() => seen.length);
    expect(seen).toHaveLength(0);
    expect(await asked).toBe(1);
    expect(seen[0]!.before.topicsByName.size).toBe(0);
    expect(seen[0]!.after).toBe(metadata.image);
  });

  it('that the store does not take leave the image as it was, and the next goes on', async () => {
    const { metadata, store } = await started();
    store.failNext = new Error('no space left on device');
    const failed = metadata.createTopics([topic('a')], false);
    await expect(failed).rejects.toThrow('did not take a change: no space left on device');
    expect(metadata.image.topicsByName.size).toBe(0);
    const [created] = await metadata.createTopics([topic('a')], false);
    expect(created!.refused).toBeNull();
  });

  it('reach every listener, also those behind one that throws', async () => {
    const { metadata } = await started();
    const seen: MetadataChange[] = [];
    metadata.onChange(() => {
      throw new Error('a defect of a listener');
    });
    metadata.onChange((change) => seen.push(change));
    const created = metadata.createTopics([topic('a')], false);
    await expect(created).rejects.toThrow('a defect of a listener');
    expect(seen.map(({ after }) => after)).toEqual([metadata.image]);
  });

  it('are waited for by close', async () => {
    const { metadata, store } = await started();
    const created = metadata.createTopics([topic('a')], false);
    await metadata.close();
    expect((await created)[0]!.refused).toBeNull();
    expect(store.closed).toBe(true);
  });

  it('of leader epochs count up', async () => {
    const { metadata } = await started();
    const [created] = await metadata.createTopics([topic('a', 3)], false);
    await metadata.bumpLeaderEpochs(created!.result!.id, [1, 9]);
    await metadata.bumpLeaderEpochs(created!.result!.id, [1, 2]);
    await metadata.bumpLeaderEpochs('unknown', [0]);
    const { partitions } = metadata.image.topicsByName.get('a')!;
    expect(partitions.map(({ leaderEpoch }) => leaderEpoch)).toEqual([0, 2, 1]);
  });

  it('of features are kept', async () => {
    const { metadata } = await started();
    await metadata.setFeature('group.version', 1);
    expect(metadata.image.features.get('group.version')).toBe(1);
    await metadata.setFeature('group.version', 0);
    expect(metadata.image.features.get('group.version')).toBe(0);
  });
});

describe('configurations', () => {
  const alteration = (name: string, value: string) => [{ name, operation: SET, value }];

  it('of a topic take effect', async () => {
    const { metadata } = await started();
    await metadata.createTopics([topic('a')], false);
    const resource = { resourceType: CONFIG_RESOURCE.TOPIC, resourceName: 'a' };
    const retention = alteration('retention.ms', '5');
    expect(await metadata.incrementalAlterConfigs(resource, retention, true)).toBeNull();
    expect(metadata.image.topicsByName.get('a')!.configs.size).toBe(0);
    expect(await metadata.incrementalAlterConfigs(resource, retention, false)).toBeNull();
    const { configs } = metadata.image.topicsByName.get('a')!;
    expect(resolveTopicConfig(configs, metadata.config).retentionMs).toBe(5);
    await metadata.alterConfigs(resource, [{ name: 'segment.ms', value: '7' }], false);
    expect([...metadata.image.topicsByName.get('a')!.configs]).toEqual([['segment.ms', '7']]);
  });

  it('of the broker are laid over the file and survive a restart', async () => {
    const { metadata, store } = await started(new MemoryStore(), { 'log.retention.ms': '100' });
    const forAll = { resourceType: CONFIG_RESOURCE.BROKER, resourceName: '' };
    const forThis = { resourceType: CONFIG_RESOURCE.BROKER, resourceName: '1' };
    await metadata.incrementalAlterConfigs(forAll, alteration('log.retention.ms', '7'), false);
    expect(metadata.config.number('log.retention.ms')).toBe(7);
    await metadata.incrementalAlterConfigs(forThis, alteration('log.retention.ms', '8'), false);
    expect(metadata.config.number('log.retention.ms')).toBe(8);
    const again = await started(new MemoryStore(store.commits.flat()));
    expect(again.metadata.config.number('log.retention.ms')).toBe(8);
    await metadata.alterConfigs(forThis, [], false);
    expect(metadata.config.number('log.retention.ms')).toBe(7);
  });

  it.each([
    [2, 'nope', 'retention.ms', '5', 3, "The topic 'nope' does not exist."],
    [2, 'a/b', 'retention.ms', '5', 17, 'Topic name is invalid'],
    [2, 'a', 'retention.ms', 'x', 40, 'Not a number of type LONG'],
    [2, 'a', 'nope', '1', 40, 'Unknown topic config name: nope'],
    [4, '2', 'log.retention.ms', '5', 42, 'Unexpected broker id, expected 1 or empty string'],
    [4, '1', 'listeners', 'X://:1', 42, 'Cannot update these configs dynamically: [listeners]'],
    [4, '', 'nope', '1', 42, 'Unknown broker config name: nope'],
    [32, '', 'consumer.session.timeout.ms', '50000', 42, 'Default group resources'],
    [32, 'g', 'consumer.session.timeout.ms', '1', 40, 'must be greater than or equal'],
    [16, 'x', 'interval.ms', '1', 42, 'resource type 16'],
  ])(
    'of resource %s "%s" refuse %s=%s',
    async (resourceType, resourceName, name, value, errorCode, why) => {
      const { metadata, store } = await started();
      await metadata.createTopics([topic('a')], false);
      const commits = store.commits.length;
      const resource = { resourceType, resourceName };
      const refused = await metadata.incrementalAlterConfigs(
        resource,
        alteration(name, value),
        false,
      );
      expect(refused).toMatchObject({ errorCode, message: expect.stringContaining(why) });
      expect(store.commits).toHaveLength(commits);
    },
  );

  it('of a group are kept', async () => {
    const { metadata } = await started();
    const group = { resourceType: CONFIG_RESOURCE.GROUP, resourceName: 'g' };
    const session = alteration('consumer.session.timeout.ms', '50000');
    expect(await metadata.incrementalAlterConfigs(group, session, false)).toBeNull();
    expect(metadata.image.groupConfigs.get('g')!.size).toBe(1);
  });
});

describe('producer ids', () => {
  it('are never handed out twice, also not over a restart', async () => {
    const { metadata, store } = await started();
    const blocks = [await metadata.allocateProducerIds(), await metadata.allocateProducerIds()];
    const again = await started(new MemoryStore(store.commits.flat()));
    blocks.push(await again.metadata.allocateProducerIds());
    expect(blocks).toEqual([
      { first: 0, end: 1000 },
      { first: 1000, end: 2000 },
      { first: 2000, end: 3000 },
    ]);
  });

  it('are given to nobody when their commit fails', async () => {
    const { metadata, store } = await started();
    store.failNext = new Error('disk');
    await expect(metadata.allocateProducerIds()).rejects.toThrow('disk');
    expect(await metadata.allocateProducerIds()).toEqual({ first: 0, end: 1000 });
  });
});

describe('randomUuid', () => {
  it("has Kafka's text form", () => {
    const all = Array.from({ length: 1000 }, randomUuid);
    for (const id of all) expect(id).toMatch(/^[A-Za-z0-9_][A-Za-z0-9_-]{21}$/);
    expect(new Set(all).size).toBe(1000);
  });
});
