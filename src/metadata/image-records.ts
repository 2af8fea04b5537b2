import type { ConfigTexts } from './config/broker-config.ts';
import type { MetadataImage, TopicMetadata } from './image.ts';
import type { MetadataRecord, TopicRecord } from './records.ts';

/** The records that make an image out of nothing: what a snapshot holds. */
export function* recordsOf(image: MetadataImage): Generator<MetadataRecord> {
  if (image.clusterId !== '') {
    const { clusterId, nodeId, brokerEpoch } = image;
    yield { type: 'cluster', clusterId, nodeId, brokerEpoch };
  }
  for (const topic of image.topicsById.values()) yield recordOf(topic);
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
  if (image.nextProducerId > 0) yield { type: 'producer-ids', next: image.nextProducerId };
  for (const [name, level] of image.features) yield { type: 'feature', name, level };
}

function recordOf(topic: TopicMetadata): TopicRecord {
  const record: TopicRecord = {
    type: 'topic',
    name: topic.name,
    id: topic.id,
    partitions: topic.partitions.length,
    replicas: topic.partitions[0]?.replicas ?? [],
    configs: pairs(topic.configs),
  };
  const epochs = topic.partitions
    .filter(({ leaderEpoch }) => leaderEpoch !== 0)
    .map(({ index, leaderEpoch }) => [index, leaderEpoch] as const);
  return epochs.length === 0 ? record : { ...record, epochs };
}

function pairs(texts: ConfigTexts): [string, string][] {
  return [...texts];
}
