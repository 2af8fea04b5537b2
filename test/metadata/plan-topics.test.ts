import { describe, expect, it } from 'vitest';
import { BrokerConfig } from '../../src/metadata/config/broker-config.ts';
import { ImageDraft } from '../../src/metadata/image-draft.ts';
import {
  type NewTopic,
  planCreatePartitions,
  planCreateTopic,
  planDeleteTopic,
} from '../../src/metadata/plan-topics.ts';

const image = ImageDraft.empty();
image.apply({ type: 'cluster', clusterId: 'c', nodeId: 1, brokerEpoch: 0 });
const TOPIC = { type: 'topic', replicas: [1], configs: [] } as const;
image.apply({ ...TOPIC, name: 'held', id: 'H', partitions: 3 });
image.apply({ ...TOPIC, name: '__consumer_offsets', id: 'O', partitions: 1 });
const CONFIG = BrokerConfig.of(
  new Map([
    ['num.partitions', '4'],
    ['millrace.max.partitions', '20000'],
  ]),
);

const plan = (topic: Partial<NewTopic>, config = CONFIG) =>
  planCreateTopic(
    image,
    { name: 'new', partitions: -1, replicationFactor: -1, ...topic },
    { config, newTopicId: () => 'N' },
  );
const assigned = (...replicas: number[][]) => ({
  assignments: replicas.map((ids, partition) => ({ partition, replicas: ids })),
});

describe('planCreateTopic', () => {
  it("takes the broker's defaults for -1", () => {
    expect(plan({})).toMatchObject({
      refused: null,
      result: { id: 'N', partitions: 4, replicationFactor: 1 },
      records: [{ type: 'topic', name: 'new', id: 'N', partitions: 4, replicas: [1] }],
    });
  });

  it('takes assignments to this node', () => {
    expect(plan(assigned([1], [1]))).toMatchObject({ refused: null, result: { partitions: 2 } });
  });

  it.each<[number, string, Partial<NewTopic>]>([
    [17, "Topic name is invalid: '..' is not allowed", { name: '..' }],
    [36, "Topic 'held' already exists.", { name: 'held' }],
    [17, "Topic '__consumer.offsets' collides with existing", { name: '__consumer.offsets' }],
    [37, 'Number of partitions was set to an invalid non-positive value.', { partitions: 0 }],
    [37, 'Number of partitions was set to an invalid', { partitions: -2 }],
    [38, 'Replication factor must be larger than 0, or -1', { replicationFactor: 0 }],
    [38, 'Unable to replicate the partition 3 time(s): The target', { replicationFactor: 3 }],
    [42, 'but numPartitions was not set to -1.', { partitions: 1, ...assigned([1]) }],
    [42, 'but replication factor was not set to', { replicationFactor: 1, ...assigned([1]) }],
    [39, 'includes broker 2, but no such broker is registered.', assigned([2])],
    [39, 'includes the broker 1 more than once.', assigned([1, 1])],
    [39, 'includes an empty replica list.', assigned([])],
    [
      39,
      'partitions should be a consecutive 0-based integer sequence',
      { assignments: [{ partition: 1, replicas: [1] }] },
    ],
    [
      39,
      'Found multiple manual partition assignments for partition 0',
      {
        assignments: [
          { partition: 0, replicas: [1] },
          { partition: 0, replicas: [1] },
        ],
      },
    ],
    [40, 'Unknown topic config name: x', { configs: [{ name: 'x', value: '1' }] }],
    [
      40,
      'Null value not supported for topic configs: x',
      { configs: [{ name: 'x', value: null }] },
    ],
    [44, 'Excessively large number of partitions per request.', { partitions: 10_001 }],
  ])('answers %i "%s"', (errorCode, message, topic) => {
    const { refused, records } = plan(topic);
    expect(refused).toMatchObject({ errorCode, message: expect.stringContaining(message) });
    expect(records).toEqual([]);
  });

  it('keeps to the bound on all partitions', () => {
    const config = BrokerConfig.of(new Map([['millrace.max.partitions', '5']]));
    expect(plan({ partitions: 1 }, config).refused).toBeNull();
    expect(plan({ partitions: 2 }, config).refused).toEqual({
      errorCode: 44,
      message: 'The broker holds 4 of at most 5 partitions (millrace.max.partitions).',
    });
  });

  it("refuses where the file's default needs more brokers than there are", () => {
    const config = BrokerConfig.of(new Map([['default.replication.factor', '3']]));
    expect(plan({}, config).refused).toMatchObject({ errorCode: 38 });
  });
});

describe('planCreatePartitions', () => {
  const grow = (count: number, assignments: number[][] | null = null, name = 'held') =>
    planCreatePartitions(image, { name, count, assignments }, CONFIG);

  it('adds partitions', () => {
    expect(grow(5, [[1], [1]]).records).toEqual([
      { type: 'partitions', id: 'H', partitions: 5, replicas: [1] },
    ]);
  });

  it.each<[number, string, ReturnType<typeof grow>]>([
    [3, 'does not host this topic-partition', grow(5, null, 'nope')],
    [37, 'Topic already has 3 partition(s).', grow(3)],
    [37, 'The topic held currently has 3 partition(s); 2 would not be an increase.', grow(2)],
    [39, 'Attempted to add 2 additional partition(s), but only 1 assignment(s)', grow(5, [[1]])],
    [39, 'includes broker 9', grow(4, [[9]])],
    [44, 'Excessively large', grow(20_000)],
  ])('answers %i "%s"', (errorCode, message, { refused }) => {
    expect(refused).toMatchObject({ errorCode, message: expect.stringContaining(message) });
  });
});

describe('planDeleteTopic', () => {
  it('deletes by name and by id', () => {
    const record = { type: 'topic-deleted', id: 'H', name: 'held', partitions: 3 };
    expect(planDeleteTopic(image, { name: 'held', id: null }, CONFIG).records).toEqual([record]);
    expect(planDeleteTopic(image, { name: null, id: 'H' }, CONFIG).records).toEqual([record]);
  });

  it('refuses what is not there, internal, or switched off', () => {
    const off = BrokerConfig.of(new Map([['delete.topic.enable', 'false']]));
    const refused = (name: string | null, id: string | null, config = CONFIG) =>
      planDeleteTopic(image, { name, id }, config).refused?.errorCode;
    expect(refused('nope', null)).toBe(3);
    expect(refused(null, 'nope')).toBe(100);
    expect(refused('__consumer_offsets', null)).toBe(42);
    expect(refused('held', null, off)).toBe(73);
  });
});
