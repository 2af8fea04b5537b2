import type {
  AclOperationTypes,
  AclPermissionTypes,
  AclResourceTypes,
  ConfigResourceTypes,
  ConfigSource,
  ResourcePatternTypes,
} from './constants.ts';
import type { GroupDescriptions, TopicPartitions } from './consumer-types.ts';
import type { KafkaJSError } from './errors.ts';
import type { Logger, On, PartitionMetadata, PartitionOffset, RetryOptions } from './types.ts';

export interface AdminConfig {
  retry?: RetryOptions;
}

export interface ReplicaAssignment {
  partition: number;
  replicas: number[];
}

export interface IResourceConfigEntry {
  name: string;
  value: string;
}

export interface ITopicConfig {
  topic: string;
  numPartitions?: number;
  replicationFactor?: number;
  replicaAssignment?: ReplicaAssignment[];
  configEntries?: IResourceConfigEntry[];
}

export interface ITopicPartitionConfig {
  topic: string;
  count: number;
  assignments?: number[][];
}

export interface ITopicMetadata {
  name: string;
  partitions: PartitionMetadata[];
}

export interface PartitionReassignment {
  topic: string;
  partitionAssignment: ReplicaAssignment[];
}

export interface ResourceConfigQuery {
  type: ConfigResourceTypes;
  name: string;
  configNames?: string[];
}

export interface ConfigSynonyms {
  configName: string;
  configValue: string | null;
  configSource: ConfigSource;
}

export interface ConfigEntries extends ConfigSynonyms {
  isDefault: boolean;
  isSensitive: boolean;
  readOnly: boolean;
  configSynonyms: ConfigSynonyms[];
}

export interface ResourceResult {
  errorCode: number;
  errorMessage: string | null;
  resourceName: string;
  resourceType: ConfigResourceTypes;
}

export interface DescribeConfigResponse {
  resources: (ResourceResult & { configEntries: ConfigEntries[] })[];
}

export interface IResourceConfig {
  type: ConfigResourceTypes;
  name: string;
  configEntries: IResourceConfigEntry[];
}

export interface Acl {
  principal: string;
  host: string;
  operation: AclOperationTypes;
  permissionType: AclPermissionTypes;
}

export interface AclResource {
  resourceType: AclResourceTypes;
  resourceName: string;
  resourcePatternType: ResourcePatternTypes;
}

export type AclEntry = Acl & AclResource;

export interface AclFilter {
  resourceType: AclResourceTypes;
  resourceName?: string;
  resourcePatternType: ResourcePatternTypes;
  principal?: string;
  host?: string;
  operation: AclOperationTypes;
  permissionType: AclPermissionTypes;
}

export type DescribeAclResource = AclResource & { acls: Acl[] };

export interface DescribeAclResponse {
  resources: DescribeAclResource[];
}

export type MatchingAcl = AclEntry & { errorCode: number; errorMessage: string | null };

export interface DeleteAclFilterResponses {
  errorCode: number;
  errorMessage: string | null;
  matchingAcls: MatchingAcl[];
}

export interface DeleteAclResponse {
  filterResponses: DeleteAclFilterResponses[];
}

export interface OngoingPartitionReassignment {
  partition: number;
  replicas: number[];
  addingReplicas: number[];
  removingReplicas: number[];
}

export interface OngoingTopicReassignment {
  topic: string;
  partitions: OngoingPartitionReassignment[];
}

export interface ListPartitionReassignmentsResponse {
  topics: OngoingTopicReassignment[];
}

export interface GroupOverview {
  groupId: string;
  protocolType: string;
}

export interface DeleteGroupsResult {
  groupId: string;
  errorCode?: number;
  error?: KafkaJSError;
}

export type FetchOffsetsPartition = PartitionOffset & { metadata: string | null };

export interface FetchedOffsets {
  topic: string;
  partitions: FetchOffsetsPartition[];
}

export interface Admin {
  connect(): Promise<void>;
  disconnect(): Promise<void>;
  listTopics(): Promise<string[]>;
  createTopics(options: {
    validateOnly?: boolean;
    waitForLeaders?: boolean;
    timeout?: number;
    topics: ITopicConfig[];
  }): Promise<boolean>;
  deleteTopics(options: { topics: string[]; timeout?: number }): Promise<void>;
  createPartitions(options: {
    validateOnly?: boolean;
    timeout?: number;
    topicPartitions: ITopicPartitionConfig[];
  }): Promise<boolean>;
  fetchTopicMetadata(options?: { topics?: string[] }): Promise<{ topics: ITopicMetadata[] }>;
  fetchOffsets(options: {
    groupId: string;
    topics?: string[];
    resolveOffsets?: boolean;
  }): Promise<FetchedOffsets[]>;
  fetchTopicOffsets(topic: string): Promise<(PartitionOffset & { high: string; low: string })[]>;
  fetchTopicOffsetsByTimestamp(topic: string, timestamp?: number): Promise<PartitionOffset[]>;
  describeCluster(): Promise<{
    brokers: { nodeId: number; host: string; port: number }[];
    controller: number | null;
    clusterId: string | null;
  }>;
  setOffsets(options: {
    groupId: string;
    topic: string;
    partitions: PartitionOffset[];
  }): Promise<void>;
  resetOffsets(options: { groupId: string; topic: string; earliest?: boolean }): Promise<void>;
  describeConfigs(options: {
    resources: ResourceConfigQuery[];
    includeSynonyms?: boolean;
  }): Promise<DescribeConfigResponse>;
  alterConfigs(options: {
    validateOnly?: boolean;
    resources: IResourceConfig[];
  }): Promise<{ resources: ResourceResult[] }>;
  listGroups(): Promise<{ groups: GroupOverview[] }>;
  describeGroups(groupIds: string[]): Promise<GroupDescriptions>;
  deleteGroups(groupIds: string[]): Promise<DeleteGroupsResult[]>;
  describeAcls(filter: AclFilter): Promise<DescribeAclResponse>;
  deleteAcls(options: { filters: AclFilter[] }): Promise<DeleteAclResponse>;
  createAcls(options: { acl: AclEntry[] }): Promise<boolean>;
  deleteTopicRecords(options: { topic: string; partitions: PartitionOffset[] }): Promise<void>;
  alterPartitionReassignments(options: {
    topics: PartitionReassignment[];
    timeout?: number;
  }): Promise<void>;
  listPartitionReassignments(options?: {
    topics?: TopicPartitions[] | null;
    timeout?: number;
  }): Promise<ListPartitionReassignmentsResponse>;
  readonly events: typeof import('./events.ts').ADMIN_EVENTS;
  on: On;
  logger(): Logger;
}
