import { describe, expect, it } from 'vitest';
import { ImageDraft } from '../../src/metadata/image-draft.ts';
import { recordsOf } from '../../src/metadata/image-records.ts';
import type { MetadataRecord } from '../../src/metadata/records.ts';

const TOPIC = { type: 'topic', replicas: [1], configs: [] } as const;
const CHANGED = {
  type: 'partition',
  id: 'R',
  partition: 1,
  leader: 2,
  leaderEpoch: 4,
  partitionEpoch: 6,
  replicas: [2, 1, 3],
  inSyncReplicas: [2],
} as const;
const EVERYTHING: readonly MetadataRecord[] = [
  { type: 'cluster', clusterId: 'c', nodeId: 1, brokerEpoch: 3 },
  { ...TOPIC, name: 'a.b', id: 'A', partitions: 2, configs: [['retention.ms', '5']] },
  { ...TOPIC, name: 'gone', id: 'G', partitions: 3 },
  { type: 'topic-deleted', name: 'gone', id: 'G', partitions: 3 },
  { ...TOPIC, name: 'gone', id: 'H', partitions: 1 },
  { type: 'partitions', id: 'H', partitions: 4, replicas: [1] },
  { type: 'leader-epochs', id: 'H', epochs: [[2, 7]] },
  { ...TOPIC, name: 'replicated', id: 'R', replicas: [1, 2], partitions: 3 },
  CHANGED,
  {
    type: 'broker',
    id: 2,
    epoch: 11,
    fenced: false,
    rack: 'r',
    endpoints: [['PLAINTEXT', 'host', 9092]],
  },
  { type: 'broker', id: 3, epoch: 12, fenced: true, rack: null, endpoints: [] },
  { type: 'broker-removed', id: 3 },
  { type: 'topic-config', id: 'A', changes: [['segment.ms', '9']] },
  { type: 'broker-config', broker: '', changes: [['log.cleaner.threads', '2']] },
  { type: 'group-config', group: 'g', changes: [['consumer.session.timeout.ms', '50000']] },
  { type: 'quota', entity: [['user', null]], changes: [['producer_byte_rate', 10]] },
  { type: 'producer-ids', next: 2000 },
  { type: 'feature', name: 'group.version', level: 1 },
];

function imageOf(records: Iterable<MetadataRecord>): ImageDraft {
  const image = ImageDraft.empty();
  for (const record of records) image.apply(record);
  return image;
}

describe('ImageDraft', () => {
  it('folds records into an image', () => {
    const image = imageOf(EVERYTHING);
    expect(image.clusterId).toBe('c');
    expect(image.partitionCount).toBe(9);
    expect(image.topicsByName.get('gone')).toBe(image.topicsById.get('H'));
    expect(image.topicsById.get('H')!.partitions.map(({ leaderEpoch }) => leaderEpoch)).toEqual([
      0, 0, 7, 0,
    ]);
    expect(image.deletedTopics.get('G')).toEqual({ id: 'G', name: 'gone', partitions: 3 });
    expect([...image.topicsById.get('A')!.configs]).toEqual([
      ['retention.ms', '5'],
      ['segment.ms', '9'],
    ]);
    expect(image.namesByCollisionForm.get('a_b')).toBe('a.b');
  });

  it('says for each partition who holds, leads and follows it, with its epochs', () => {
    const { partitions } = imageOf(EVERYTHING).topicsByName.get('replicated')!;
    const asCreated = { leader: 1, leaderEpoch: 0, partitionEpoch: 0 };
    const both = { replicas: [1, 2], inSyncReplicas: [1, 2] };
    expect(partitions[0]).toEqual({ index: 0, ...asCreated, ...both });
    expect(partitions[1]).toEqual({
      index: 1,
      leader: 2,
      leaderEpoch: 4,
      partitionEpoch: 6,
      replicas: [2, 1, 3],
      inSyncReplicas: [2],
    });
    expect(partitions[2]).toEqual({ index: 2, ...asCreated, ...both });
  });

  it('raises the partition epoch with the leader epoch', () => {
    const image = imageOf(EVERYTHING);
    image.apply({ type: 'leader-epochs', id: 'R', epochs: [[1, 5]] });
    expect(image.topicsById.get('R')!.partitions[1]).toMatchObject({
      leader: 2,
      leaderEpoch: 5,
      partitionEpoch: 7,
    });
  });

  it('knows the brokers that are registered', () => {
    const { brokers } = imageOf(EVERYTHING);
    expect([...brokers.keys()]).toEqual(['2']);
    expect(brokers.get('2')).toMatchObject({ epoch: 11, fenced: false, rack: 'r' });
    expect(brokers.get('2')!.endpoints.get('PLAINTEXT')).toEqual({ host: 'host', port: 9092 });
  });

  it('is made again by the records of its snapshot', () => {
    const image = imageOf(EVERYTHING);
    const again = imageOf(recordsOf(image));
    expect(again).toEqual(image);
    expect([...recordsOf(again)]).toEqual([...recordsOf(image)]);
  });

  it('never changes the image that it began from', () => {
    const image = imageOf(EVERYTHING);
    const before = JSON.stringify([...recordsOf(image)]);
    const draft = new ImageDraft(image);
    draft.apply({ ...TOPIC, name: 'new', id: 'N', partitions: 1 });
    draft.apply({ type: 'topic-deleted', name: 'a.b', id: 'A', partitions: 2 });
    draft.apply({ type: 'partitions', id: 'H', partitions: 9, replicas: [1] });
    draft.apply({ type: 'leader-epochs', id: 'H', epochs: [[0, 1]] });
    draft.apply({ type: 'topic-removed', id: 'G' });
    draft.apply({ type: 'broker-config', broker: '', changes: [['log.cleaner.threads', null]] });
    draft.apply({ type: 'group-config', group: 'g', changes: [['x', '1']] });
    draft.apply({
      type: 'quota',
      entity: [['user', null]],
      changes: [['producer_byte_rate', null]],
    });
    draft.apply({ type: 'feature', name: 'group.version', level: 0 });
    expect(JSON.stringify([...recordsOf(image)])).toBe(before);
    expect(draft.brokerConfigs.size).toBe(0);
    expect(draft.quotas.size).toBe(0);
    expect(draft.features.get('group.version')).toBe(0);
    expect(draft.deletedTopics.size).toBe(1);
    expect(draft.namesByCollisionForm.has('a_b')).toBe(false);
  });

  it('keeps topics that did not change the same object', () => {
    const image = imageOf(EVERYTHING);
    const draft = new ImageDraft(image);
    draft.apply({ ...TOPIC, name: 'new', id: 'N', partitions: 1 });
    expect(draft.topicsById.get('A')).toBe(image.topicsById.get('A'));
  });

  it.each<[string, MetadataRecord]>([
    ['two topics named', { ...TOPIC, name: 'a.b', id: 'Z', partitions: 1 }],
    ['two topics with id', { ...TOPIC, name: 'z', id: 'A', partitions: 1 }],
    ['topic Z, which does not exist', { type: 'topic-config', id: 'Z', changes: [] }],
    ['loses partitions', { type: 'partitions', id: 'H', partitions: 1, replicas: [1] }],
    ['has no partition 9', { type: 'leader-epochs', id: 'H', epochs: [[9, 1]] }],
    ['has no partition 9', { ...CHANGED, partition: 9 }],
    ['epoch of replicated-1 that goes back', { ...CHANGED, partitionEpoch: 5 }],
    ['epoch of replicated-1 that goes back', { ...CHANGED, leaderEpoch: 3 }],
    ['unknown type "x"', { type: 'x' } as unknown as MetadataRecord],
  ])('refuses a log with %s', (what, record) => {
    expect(() => imageOf([...EVERYTHING, record])).toThrow(what);
  });
});
