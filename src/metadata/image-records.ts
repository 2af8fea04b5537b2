import type { ConfigTexts } from './config/broker-config.ts';
import type { BrokerMetadata, MetadataImage, PartitionMetadata, TopicMetadata } from './image.ts';
import type { BrokerRecord, MetadataRecord, PartitionRecord, TopicRecord } from './records.ts';

/** The records that build this image from an empty one. A snapshot holds them. */
export function* recordsOf(image: MetadataImage): Generator<MetadataRecord> {
  if (image.clusterId !== '') {
    const { clusterId, nodeId, brokerEpoch } = image;
    yield { type: 'cluster', clusterId, nodeId, brokerEpoch };
  }
  for (const broker of image.brokers.values()) yield brokerRecordOf(broker);
  for (const topic of image.topicsById.values()) yield* topicRecordsOf(topic);
  for (const { id, name, partitions } of image.deletedTopics.values()) {
    yield { type: 'topic-deleted', id, name, partitions };
  }
  for (const [broker, texts] of image.brokerConfigs) {
    yield { type: 'broker-config', broker, changes: pairs(texts) };
  }
  for (const [group, texts] of image.groupConfigs) {
    yield { type: 'group-config', group, changes: pairs(texts) };
  }
  for (const { entity, values } of image.quotas.values()) {
    yield { type: 'quota', entity, changes: [...values] };
  }
  for (const credential of image.scramCredentials.values()) yield { type: 'scram', credential };
  for (const rule of image.acls.values()) yield { type: 'acl', rule };
  for (const token of image.delegationTokens.values()) yield { type: 'token', token };
  if (image.nextProducerId > 0) yield { type: 'producer-ids', next: image.nextProducerId };
  for (const [name, level] of image.features) yield { type: 'feature', name, level };
}

function brokerRecordOf({ endpoints, ...broker }: BrokerMetadata): BrokerRecord {
  const listeners = [...endpoints].map(([name, { host, port }]) => [name, host, port] as const);
  return { type: 'broker', ...broker, endpoints: listeners };
}

/** One record for the topic, then one for each partition that differs from what it says. */
function* topicRecordsOf({ name, id, partitions, configs }: TopicMetadata) {
  const replicas = partitions[0]?.replicas ?? [];
  const usual = partitions.filter((partition) => isAsTheTopicSays(partition, replicas));
  const epochs = usual
    .filter(({ leaderEpoch }) => leaderEpoch !== 0)
    .map(({ index, leaderEpoch }) => [index, leaderEpoch] as const);
  const record: TopicRecord = {
    type: 'topic',
    name,
    id,
    partitions: partitions.length,
    replicas,
    configs: pairs(configs),
  };
  yield epochs.length === 0 ? record : { ...record, epochs };
  for (const partition of partitions) {
    if (!isAsTheTopicSays(partition, replicas)) yield partitionRecordOf(id, partition);
  }
}

function isAsTheTopicSays(partition: PartitionMetadata, replicas: readonly number[]): boolean {
  const { leader, leaderEpoch, partitionEpoch, inSyncReplicas } = partition;
  const isPreferredLeader = leader === replicas[0] && partitionEpoch === leaderEpoch;
  return (
    isPreferredLeader && isSame(partition.replicas, replicas) && isSame(inSyncReplicas, replicas)
  );
}

function isSame(some: readonly number[], others: readonly number[]): boolean {
  return some.length === others.length && some.every((node, i) => node === others[i]);
}

function partitionRecordOf(id: string, partition: PartitionMetadata): PartitionRecord {
  const { index, ...state } = partition;
  return { type: 'partition', id, partition: index, ...state };
}

function pairs(texts: ConfigTexts): [string, string][] {
  return [...texts];
}
