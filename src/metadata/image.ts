import type { ConfigTexts } from './config/broker-config.ts';

/** One partition of a topic. Immutable: a change makes a new one. */
export interface PartitionMetadata {
  readonly index: number;
  /** The node that leads it; NO_LEADER while none can. */
  readonly leader: number;
  /** Raised with each election, and when a crash may have cut the leader's log. */
  readonly leaderEpoch: number;
  /** Raised with every change of this partition: whoever asks for a change names the one it saw. */
  readonly partitionEpoch: number;
  /** Nodes that hold it, the preferred leader first. */
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

/** A broker of the cluster, as it registered. */
export interface BrokerMetadata {
  readonly id: number;
  readonly epoch: number;
  /** It sends no heartbeats or is shutting down: clients are not sent there. */
  readonly fenced: boolean;
  readonly rack: string | null;
  /** Where clients find it, by the name of the listener. */
  readonly endpoints: ReadonlyMap<string, { readonly host: string; readonly port: number }>;
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
  /** This node. */
  readonly nodeId: number;
  readonly brokerEpoch: number;
  /** Registered brokers, by id as text. A node that decides alone does not register. */
  readonly brokers: ReadonlyMap<string, BrokerMetadata>;
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

export const NO_LEADER = -1;

export const NO_CONFIGS: ConfigTexts = new Map();

export function quotaKey(entity: ClientQuota['entity']): string {
  return JSON.stringify(entity);
}
