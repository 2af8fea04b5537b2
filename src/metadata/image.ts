import type { ConfigTexts } from './config/broker-config.ts';

/** One partition of a topic. Immutable: a change makes a new one. */
export interface PartitionMetadata {
  readonly index: number;
  readonly leader: number;
  readonly leaderEpoch: number;
  readonly replicas: readonly number[];
  readonly inSyncReplicas: readonly number[];
}

/** A topic. Immutable: a change makes a new one, so that the same object means "as it was". */
export interface TopicMetadata {
  readonly name: string;
  /** In Kafka's text form: base64url, 22 characters. */
  readonly id: string;
  readonly internal: boolean;
  readonly partitions: readonly PartitionMetadata[];
  /** The topic's own values; resolveTopicConfig joins them with the broker's. */
  readonly configs: ConfigTexts;
}

/** A topic that clients no longer see while its directories are being removed. */
export interface DeletedTopic {
  readonly id: string;
  readonly name: string;
  readonly partitions: number;
}

export interface ClientQuota {
  readonly entity: readonly (readonly [type: string, name: string | null])[];
  readonly values: ReadonlyMap<string, number>;
}

/** All metadata at one instant. What is handed out is never changed afterwards. */
export interface MetadataImage {
  /** '' before the first start wrote the cluster record. */
  readonly clusterId: string;
  readonly nodeId: number;
  readonly brokerEpoch: number;
  readonly topicsByName: ReadonlyMap<string, TopicMetadata>;
  readonly topicsById: ReadonlyMap<string, TopicMetadata>;
  /** The name of the topic whose name is this one but for '.' and '_'. */
  readonly namesByCollisionForm: ReadonlyMap<string, string>;
  readonly deletedTopics: ReadonlyMap<string, DeletedTopic>;
  readonly partitionCount: number;
  /** By node id as text; '' is every broker. */
  readonly brokerConfigs: ReadonlyMap<string, ConfigTexts>;
  readonly groupConfigs: ReadonlyMap<string, ConfigTexts>;
  /** By quotaKey(entity). */
  readonly quotas: ReadonlyMap<string, ClientQuota>;
  readonly nextProducerId: number;
  readonly features: ReadonlyMap<string, number>;
}

export const NO_CONFIGS: ConfigTexts = new Map();

export function quotaKey(entity: ClientQuota['entity']): string {
  return JSON.stringify(entity);
}
