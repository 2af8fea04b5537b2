import type { AclRule } from './acl-rule.ts';
import type { DelegationToken } from './delegation-token.ts';
import type { ScramCredential, ScramMechanism } from './scram-credential.ts';

/**
 * The changes that the metadata log holds, one JSON object each. The meaning of a record never
 * depends on the configuration of the broker that reads it.
 */
export type MetadataRecord =
  | ClusterRecord
  | BrokerRecord
  | BrokerRemovedRecord
  | TopicRecord
  | PartitionsRecord
  | PartitionRecord
  | TopicDeletedRecord
  | TopicRemovedRecord
  | TopicConfigRecord
  | BrokerConfigRecord
  | GroupConfigRecord
  | QuotaRecord
  | ScramRecord
  | ScramRemovedRecord
  | AclRecord
  | AclRemovedRecord
  | TokenRecord
  | TokenRemovedRecord
  | ProducerIdsRecord
  | FeatureRecord
  | LeaderEpochsRecord;

/** A name with its new value. Null removes the value. */
export type TextChange = readonly [name: string, value: string | null];

/** The cluster and broker that this directory belongs to, and how often the broker registered. */
export interface ClusterRecord {
  readonly type: 'cluster';
  readonly clusterId: string;
  readonly nodeId: number;
  readonly brokerEpoch: number;
}

/** A broker registered, was fenced or unfenced. */
export interface BrokerRecord {
  readonly type: 'broker';
  readonly id: number;
  readonly epoch: number;
  readonly fenced: boolean;
  readonly rack: string | null;
  readonly endpoints: readonly (readonly [listener: string, host: string, port: number])[];
}

export interface BrokerRemovedRecord {
  readonly type: 'broker-removed';
  readonly id: number;
}

export interface TopicRecord {
  readonly type: 'topic';
  readonly name: string;
  readonly id: string;
  readonly partitions: number;
  /** The replicas of every partition. The first node leads. */
  readonly replicas: readonly number[];
  readonly configs: readonly (readonly [string, string])[];
  /** In snapshots: partitions whose leader epoch is not 0. Their partition epoch is the same. */
  readonly epochs?: readonly (readonly [partition: number, leaderEpoch: number])[];
}

export interface PartitionsRecord {
  readonly type: 'partitions';
  readonly id: string;
  /** The new number of partitions. */
  readonly partitions: number;
  readonly replicas: readonly number[];
}

/** The new state of one partition: its leader, replicas, replicas in sync and epochs. */
export interface PartitionRecord {
  readonly type: 'partition';
  readonly id: string;
  readonly partition: number;
  readonly leader: number;
  readonly leaderEpoch: number;
  readonly partitionEpoch: number;
  readonly replicas: readonly number[];
  readonly inSyncReplicas: readonly number[];
}

/** Clients no longer see the topic. Its directories are still being removed. */
export interface TopicDeletedRecord {
  readonly type: 'topic-deleted';
  readonly id: string;
  readonly name: string;
  readonly partitions: number;
}

/** The directories of a deleted topic are removed. */
export interface TopicRemovedRecord {
  readonly type: 'topic-removed';
  readonly id: string;
}

export interface TopicConfigRecord {
  readonly type: 'topic-config';
  readonly id: string;
  readonly changes: readonly TextChange[];
}

export interface BrokerConfigRecord {
  readonly type: 'broker-config';
  /** A node id as text. The empty id means all brokers. */
  readonly broker: string;
  readonly changes: readonly TextChange[];
}

export interface GroupConfigRecord {
  readonly type: 'group-config';
  readonly group: string;
  readonly changes: readonly TextChange[];
}

export interface QuotaRecord {
  readonly type: 'quota';
  /** Sorted by type. A null name is the default entity of its type. */
  readonly entity: readonly (readonly [type: string, name: string | null])[];
  readonly changes: readonly (readonly [key: string, value: number | null])[];
}

/** A user has a new password for a mechanism. */
export interface ScramRecord {
  readonly type: 'scram';
  readonly credential: ScramCredential;
}

export interface ScramRemovedRecord {
  readonly type: 'scram-removed';
  readonly user: string;
  readonly mechanism: ScramMechanism;
}

/** A rule of who may do what is added. */
export interface AclRecord {
  readonly type: 'acl';
  readonly rule: AclRule;
}

export interface AclRemovedRecord {
  readonly type: 'acl-removed';
  readonly rule: AclRule;
}

/** A delegation token is made, or lives until another time. */
export interface TokenRecord {
  readonly type: 'token';
  readonly token: DelegationToken;
}

export interface TokenRemovedRecord {
  readonly type: 'token-removed';
  readonly id: string;
}

export interface ProducerIdsRecord {
  readonly type: 'producer-ids';
  /** All smaller ids are given out. */
  readonly next: number;
}

export interface FeatureRecord {
  readonly type: 'feature';
  readonly name: string;
  /** 0 switches the feature off, which is not the same as a level that was never set. */
  readonly level: number;
}

/** New leader epochs of some partitions. Their partition epochs grow by the same amount. */
export interface LeaderEpochsRecord {
  readonly type: 'leader-epochs';
  readonly id: string;
  readonly epochs: readonly (readonly [partition: number, leaderEpoch: number])[];
}
