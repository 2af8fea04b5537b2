/**
 * The changes that the metadata log holds, one JSON object each. What a record says is final: its
 * meaning never depends on the configuration of the broker that reads it.
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
  | ProducerIdsRecord
  | FeatureRecord
  | LeaderEpochsRecord;

/** A name and its value, null to take the value away. */
export type TextChange = readonly [name: string, value: string | null];

/** Which cluster and broker this directory belongs to, and how often the broker registered. */
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
  /** Nodes that hold every partition; the first leads. */
  readonly replicas: readonly number[];
  readonly configs: readonly (readonly [string, string])[];
  /** Partitions whose leader epoch is not 0; in snapshots. The partition epoch is the same. */
  readonly epochs?: readonly (readonly [partition: number, leaderEpoch: number])[];
}

export interface PartitionsRecord {
  readonly type: 'partitions';
  readonly id: string;
  /** How many there are from now on. */
  readonly partitions: number;
  readonly replicas: readonly number[];
}

/** One partition from now on: another leader, other replicas, or others in sync. */
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

/** The topic is gone for clients, while its directories are still being removed. */
export interface TopicDeletedRecord {
  readonly type: 'topic-deleted';
  readonly id: string;
  readonly name: string;
  readonly partitions: number;
}

/** The directories of a deleted topic are gone as well. */
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
  /** The id of a node as text; '' is every broker. */
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
  /** Sorted by type; a name of null is the default of its type. */
  readonly entity: readonly (readonly [type: string, name: string | null])[];
  readonly changes: readonly (readonly [key: string, value: number | null])[];
}

export interface ProducerIdsRecord {
  readonly type: 'producer-ids';
  /** All ids below are handed out. */
  readonly next: number;
}

export interface FeatureRecord {
  readonly type: 'feature';
  readonly name: string;
  /** 0 takes the feature away. */
  readonly level: number;
}

/** These partitions have another leader epoch. Their partition epoch is raised by as much. */
export interface LeaderEpochsRecord {
  readonly type: 'leader-epochs';
  readonly id: string;
  readonly epochs: readonly (readonly [partition: number, leaderEpoch: number])[];
}
