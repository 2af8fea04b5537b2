import { MillraceError } from '../base/errors.ts';
import { type AclRule, aclKey } from './acl-rule.ts';
import type { ConfigTexts } from './config/broker-config.ts';
import { applyTexts, changedTexts } from './config-texts.ts';
import type { DelegationToken } from './delegation-token.ts';
import {
  type BrokerMetadata,
  type ClientQuota,
  type DeletedTopic,
  type MetadataImage,
  NO_CONFIGS,
  type PartitionMetadata,
  quotaKey,
  type TopicMetadata,
} from './image.ts';
import type {
  BrokerRecord,
  LeaderEpochsRecord,
  MetadataRecord,
  PartitionRecord,
  PartitionsRecord,
  QuotaRecord,
  TopicDeletedRecord,
  TopicRecord,
} from './records.ts';
import { type ScramCredential, scramKey } from './scram-credential.ts';
import { ShardedMap } from './sharded-map.ts';
import { collisionForm, isInternalTopic } from './topic-name.ts';

const EPOCH_FIRST = 0;

/**
 * An image that still takes records. It starts as a copy of another image. A map is copied before
 * its first change, so the other image never changes. After a draft is published as an image, no
 * record is applied to it.
 */
export class ImageDraft implements MetadataImage {
  clusterId = '';
  nodeId = -1;
  brokerEpoch = 0;
  brokers = new ShardedMap<BrokerMetadata>();
  partitionCount = 0;
  nextProducerId = 0;
  topicsByName = new ShardedMap<TopicMetadata>();
  topicsById = new ShardedMap<TopicMetadata>();
  namesByCollisionForm = new ShardedMap<string>();
  deletedTopics = new ShardedMap<DeletedTopic>();
  brokerConfigs = new ShardedMap<ConfigTexts>();
  groupConfigs = new ShardedMap<ConfigTexts>();
  quotas = new ShardedMap<ClientQuota>();
  scramCredentials = new ShardedMap<ScramCredential>();
  acls = new ShardedMap<AclRule>();
  delegationTokens = new ShardedMap<DelegationToken>();
  features = new ShardedMap<number>();
  readonly #owned = new Set<string>();

  static empty(): ImageDraft {
    return new ImageDraft(null);
  }

  /** Records applied to this draft do not change `base`. */
  constructor(base: MetadataImage | null) {
    if (base === null) return;
    this.clusterId = base.clusterId;
    this.nodeId = base.nodeId;
    this.brokerEpoch = base.brokerEpoch;
    this.brokers = base.brokers as ShardedMap<BrokerMetadata>;
    this.partitionCount = base.partitionCount;
    this.nextProducerId = base.nextProducerId;
    this.topicsByName = base.topicsByName as ShardedMap<TopicMetadata>;
    this.topicsById = base.topicsById as ShardedMap<TopicMetadata>;
    this.namesByCollisionForm = base.namesByCollisionForm as ShardedMap<string>;
    this.deletedTopics = base.deletedTopics as ShardedMap<DeletedTopic>;
    this.brokerConfigs = base.brokerConfigs as ShardedMap<ConfigTexts>;
    this.groupConfigs = base.groupConfigs as ShardedMap<ConfigTexts>;
    this.quotas = base.quotas as ShardedMap<ClientQuota>;
    this.scramCredentials = base.scramCredentials as ShardedMap<ScramCredential>;
    this.acls = base.acls as ShardedMap<AclRule>;
    this.delegationTokens = base.delegationTokens as ShardedMap<DelegationToken>;
    this.features = base.features as ShardedMap<number>;
  }

  /** Throws MILLRACE_CORRUPT for a record that does not fit what came before it. */
  apply(record: MetadataRecord): void {
    switch (record.type) {
      case 'topic':
        this.#createTopic(record);
        break;
      case 'partitions':
        this.#addPartitions(record);
        break;
      case 'partition':
        this.#changePartition(record);
        break;
      case 'topic-deleted':
        this.#deleteTopic(record);
        break;
      case 'topic-removed':
        this.#own('deletedTopics').delete(record.id);
        break;
      case 'topic-config': {
        const topic = this.#topic(record.id);
        this.#replace({ ...topic, configs: changedTexts(topic.configs, record.changes) });
        break;
      }
      case 'leader-epochs':
        this.#setEpochs(record);
        break;
      default:
        this.#applyOther(record);
    }
  }

  #applyOther(record: Exclude<MetadataRecord, { type: 'topic' | 'partitions' }>): void {
    switch (record.type) {
      case 'cluster':
        this.clusterId = record.clusterId;
        this.nodeId = record.nodeId;
        this.brokerEpoch = record.brokerEpoch;
        break;
      case 'broker':
        this.#own('brokers').set(String(record.id), brokerOf(record));
        break;
      case 'broker-removed':
        this.#own('brokers').delete(String(record.id));
        break;
      case 'broker-config':
        applyTexts(this.#own('brokerConfigs'), record.broker, record.changes);
        break;
      case 'group-config':
        applyTexts(this.#own('groupConfigs'), record.group, record.changes);
        break;
      case 'quota':
        applyQuota(this.#own('quotas'), record);
        break;
      case 'scram': {
        const { credential } = record;
        this.#own('scramCredentials').set(
          scramKey(credential.user, credential.mechanism),
          credential,
        );
        break;
      }
      case 'scram-removed':
        this.#own('scramCredentials').delete(scramKey(record.user, record.mechanism));
        break;
      case 'acl':
        this.#own('acls').set(aclKey(record.rule), record.rule);
        break;
      case 'acl-removed':
        this.#own('acls').delete(aclKey(record.rule));
        break;
      case 'token':
        this.#own('delegationTokens').set(record.token.id, record.token);
        break;
      case 'token-removed':
        this.#own('delegationTokens').delete(record.id);
        break;
      case 'producer-ids':
        this.nextProducerId = record.next;
        break;
      case 'feature':
        this.#own('features').set(record.name, record.level);
        break;
      default:
        throw corrupt(`a record of unknown type ${JSON.stringify(record.type)}`);
    }
  }

  #createTopic(record: TopicRecord): void {
    if (this.topicsByName.has(record.name)) throw corrupt(`two topics named ${record.name}`);
    if (this.topicsById.has(record.id)) throw corrupt(`two topics with id ${record.id}`);
    const partitions = newPartitions(0, record.partitions, record.replicas);
    for (const [index, leaderEpoch] of record.epochs ?? []) {
      partitions[index] = { ...partitions[index]!, leaderEpoch, partitionEpoch: leaderEpoch };
    }
    this.#replace({
      name: record.name,
      id: record.id,
      internal: isInternalTopic(record.name),
      partitions,
      configs: record.configs.length === 0 ? NO_CONFIGS : new Map(record.configs),
    });
    this.#own('namesByCollisionForm').set(collisionForm(record.name), record.name);
    this.partitionCount += record.partitions;
  }

  #addPartitions(record: PartitionsRecord): void {
    const topic = this.#topic(record.id);
    const before = topic.partitions.length;
    if (record.partitions < before) throw corrupt(`topic ${topic.name} loses partitions`);
    const added = newPartitions(before, record.partitions, record.replicas);
    this.#replace({ ...topic, partitions: topic.partitions.concat(added) });
    this.partitionCount += record.partitions - before;
  }

  #changePartition(record: PartitionRecord): void {
    const { leader, leaderEpoch, partitionEpoch, replicas, inSyncReplicas } = record;
    const topic = this.#topic(record.id);
    const index = record.partition;
    const before = topic.partitions[index];
    if (before === undefined) throw corrupt(`${topic.name} has no partition ${index}`);
    if (partitionEpoch < before.partitionEpoch || leaderEpoch < before.leaderEpoch) {
      throw corrupt(`an epoch of ${topic.name}-${index} that goes back`);
    }
    const partitions = topic.partitions.slice();
    partitions[index] = { index, leader, leaderEpoch, partitionEpoch, replicas, inSyncReplicas };
    this.#replace({ ...topic, partitions });
  }

  /** In a snapshot the deletion stands alone: the topic itself is not in it. */
  #deleteTopic(record: TopicDeletedRecord): void {
    const { id, name, partitions } = record;
    if (this.topicsById.has(id)) {
      this.#own('topicsById').delete(id);
      this.#own('topicsByName').delete(name);
      this.#own('namesByCollisionForm').delete(collisionForm(name));
      this.partitionCount -= partitions;
    }
    this.#own('deletedTopics').set(id, { id, name, partitions });
  }

  #setEpochs(record: LeaderEpochsRecord): void {
    const topic = this.#topic(record.id);
    const partitions = topic.partitions.slice();
    for (const [index, leaderEpoch] of record.epochs) {
      const partition = partitions[index];
      if (partition === undefined) throw corrupt(`${topic.name} has no partition ${index}`);
      const raisedBy = leaderEpoch - partition.leaderEpoch;
      const partitionEpoch = partition.partitionEpoch + raisedBy;
      partitions[index] = { ...partition, leaderEpoch, partitionEpoch };
    }
    this.#replace({ ...topic, partitions });
  }

  #topic(id: string): TopicMetadata {
    const topic = this.topicsById.get(id);
    if (topic === undefined) throw corrupt(`a record names topic ${id}, which does not exist`);
    return topic;
  }

  #replace(topic: TopicMetadata): void {
    this.#own('topicsByName').set(topic.name, topic);
    this.#own('topicsById').set(topic.id, topic);
  }

  /** The map of that name. It is copied first if the base image still uses it. */
  #own<Name extends MapName>(name: Name): ImageDraft[Name] {
    if (!this.#owned.has(name)) {
      this.#owned.add(name);
      (this as Record<MapName, unknown>)[name] = this[name].copy();
    }
    return this[name];
  }
}

type MapName =
  | 'brokers'
  | 'topicsByName'
  | 'topicsById'
  | 'namesByCollisionForm'
  | 'deletedTopics'
  | 'brokerConfigs'
  | 'groupConfigs'
  | 'quotas'
  | 'scramCredentials'
  | 'acls'
  | 'delegationTokens'
  | 'features';

function newPartitions(from: number, to: number, replicas: readonly number[]): PartitionMetadata[] {
  const leader = replicas[0];
  if (leader === undefined) throw corrupt('a partition without replicas');
  const partitions: PartitionMetadata[] = [];
  for (let index = from; index < to; index++) {
    partitions.push({
      index,
      leader,
      leaderEpoch: EPOCH_FIRST,
      partitionEpoch: EPOCH_FIRST,
      replicas,
      inSyncReplicas: replicas,
    });
  }
  return partitions;
}

function brokerOf({ id, epoch, fenced, rack, endpoints }: BrokerRecord): BrokerMetadata {
  const byListener = endpoints.map(([name, host, port]) => [name, { host, port }] as const);
  return { id, epoch, fenced, rack, endpoints: new Map(byListener) };
}

function applyQuota(quotas: ShardedMap<ClientQuota>, record: QuotaRecord): void {
  const key = quotaKey(record.entity);
  const values = new Map(quotas.get(key)?.values);
  for (const [name, value] of record.changes) {
    if (value === null) values.delete(name);
    else values.set(name, value);
  }
  if (values.size === 0) quotas.delete(key);
  else quotas.set(key, { entity: record.entity, values });
}

function corrupt(what: string): MillraceError {
  return new MillraceError('MILLRACE_CORRUPT', `the metadata log holds ${what}`);
}
