import type { AclRule } from './acl-rule.ts';
import type { ConfigTexts } from './config/broker-config.ts';
import type { DelegationToken } from './delegation-token.ts';
import type { ScramCredential } from './scram-credential.ts';

/** One partition of a topic. Immutable: a change makes a new one. */
export interface PartitionMetadata {
  readonly index: number;
  /** The node that leads it, or NO_LEADER while no replica can lead. */
  readonly leader: number;
  /** Grows with each election, and after a crash that may have cut the leader's log. */
  readonly leaderEpoch: number;
  /** Grows with every change of this partition. A request for a change names the one it saw. */
  readonly partitionEpoch: number;
  /** Nodes that hold it, the preferred leader first. */
  readonly replicas: readonly number[];
  readonly inSyncReplicas: readonly number[];
  /** Only where Kafka's controllers decide. */
  readonly details?: PartitionDetails;
}

/** What Kafka's controllers keep of a partition and a node that decides alone has no use for. */
export interface PartitionDetails {
  /** A reassignment adds these to the replicas. */
  readonly addingReplicas: readonly number[];
  readonly removingReplicas: readonly number[];
  /** Replicas that left the in-sync set while it was small and still hold what is committed. */
  readonly eligibleLeaderReplicas: readonly number[];
  readonly lastKnownElr: readonly number[];
  /** 1 while a leader recovers that was elected although it was not in sync. */
  readonly leaderRecoveryState: number;
  /** The log directory of each replica, in their order. */
  readonly directories: readonly string[];
}

/** A topic. Immutable: a change makes a new object, so the same object means no change. */
export interface TopicMetadata {
  readonly name: string;
  /** In Kafka's text form: base64url, 22 characters. */
  readonly id: string;
  readonly internal: boolean;
  readonly partitions: readonly PartitionMetadata[];
  /** Values set on the topic itself. resolveTopicConfig adds the broker's values and defaults. */
  readonly configs: ConfigTexts;
}

/** A broker of the cluster, as it registered. */
export interface BrokerMetadata {
  readonly id: number;
  readonly epoch: number;
  /** It sends no heartbeats or is shutting down. Clients are not told of it. */
  readonly fenced: boolean;
  readonly rack: string | null;
  /** Its addresses for clients, by listener name. */
  readonly endpoints: ReadonlyMap<string, { readonly host: string; readonly port: number }>;
  /** Only where Kafka's controllers decide. */
  readonly registration?: BrokerRegistration;
}

/** What a broker told Kafka's controllers when it registered, and what changed since. */
export interface BrokerRegistration {
  readonly incarnationId: string;
  readonly inControlledShutdown: boolean;
  /** The lowest and highest level that it supports of each feature. */
  readonly features: ReadonlyMap<string, readonly [lowest: number, highest: number]>;
  /** Kafka's numbers of security protocols, by listener name. */
  readonly securityProtocols: ReadonlyMap<string, number>;
  /** The log directories that are well. */
  readonly logDirs: readonly string[];
  /** Directories that get no new replicas; null before the broker said which. */
  readonly cordonedLogDirs: readonly string[] | null;
}

/** A deleted topic whose directories are still being removed. Clients no longer see it. */
export interface DeletedTopic {
  readonly id: string;
  readonly name: string;
  readonly partitions: number;
}

export interface ClientQuota {
  readonly entity: readonly (readonly [type: string, name: string | null])[];
  readonly values: ReadonlyMap<string, number>;
}

/** All metadata at one instant. An image never changes after it is published. */
export interface MetadataImage {
  /** Empty until the first start has written the cluster record. */
  readonly clusterId: string;
  /** This node. */
  readonly nodeId: number;
  readonly brokerEpoch: number;
  /** Registered brokers, by id as text. A node that decides alone does not register. */
  readonly brokers: ReadonlyMap<string, BrokerMetadata>;
  readonly topicsByName: ReadonlyMap<string, TopicMetadata>;
  readonly topicsById: ReadonlyMap<string, TopicMetadata>;
  /** Topic names by their collision form, in which '.' and '_' are the same. */
  readonly namesByCollisionForm: ReadonlyMap<string, string>;
  readonly deletedTopics: ReadonlyMap<string, DeletedTopic>;
  readonly partitionCount: number;
  /** By node id as text. The empty id holds the values for all brokers. */
  readonly brokerConfigs: ReadonlyMap<string, ConfigTexts>;
  readonly groupConfigs: ReadonlyMap<string, ConfigTexts>;
  /** By quotaKey(entity). */
  readonly quotas: ReadonlyMap<string, ClientQuota>;
  /** By scramKey(user, mechanism). */
  readonly scramCredentials: ReadonlyMap<string, ScramCredential>;
  /** By aclKey(rule). */
  readonly acls: ReadonlyMap<string, AclRule>;
  /** By id. */
  readonly delegationTokens: ReadonlyMap<string, DelegationToken>;
  readonly nextProducerId: number;
  readonly features: ReadonlyMap<string, number>;
}

export const NO_LEADER = -1;

export const NO_CONFIGS: ConfigTexts = new Map();

export function quotaKey(entity: ClientQuota['entity']): string {
  return JSON.stringify(entity);
}
