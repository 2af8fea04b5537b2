import { expect, test } from 'vitest';
import { handlers } from '../../../src/front/handlers/index.ts';
import type { Need } from '../../../src/front/requests/needed-action.ts';
import { apiName } from '../../../src/protocol/api-registry.ts';

/**
 * What Kafka 4.3.1 checks in KafkaApis, ControllerApis and ConfigHelper. '|' is for alternatives,
 * '*' for a right that refuses single resources, '?' for one that only hides them.
 */
const KAFKA: Readonly<Record<string, readonly string[]>> = {
  Produce: ['WRITE TOPIC*', 'WRITE TRANSACTIONAL_ID'],
  Fetch: ['READ TOPIC* | CLUSTER_ACTION CLUSTER'],
  ListOffsets: ['DESCRIBE TOPIC*'],
  Metadata: ['DESCRIBE TOPIC*', 'CREATE CLUSTER | CREATE TOPIC*'],
  OffsetCommit: ['READ GROUP', 'READ TOPIC*'],
  OffsetFetch: ['DESCRIBE GROUP*', 'DESCRIBE TOPIC*'],
  FindCoordinator: ['DESCRIBE GROUP*', 'DESCRIBE TRANSACTIONAL_ID*'],
  JoinGroup: ['READ GROUP'],
  Heartbeat: ['READ GROUP'],
  LeaveGroup: ['READ GROUP'],
  SyncGroup: ['READ GROUP'],
  DescribeGroups: ['DESCRIBE GROUP*'],
  ListGroups: ['DESCRIBE CLUSTER? | DESCRIBE GROUP?'],
  SaslHandshake: [],
  ApiVersions: [],
  CreateTopics: ['CREATE CLUSTER | CREATE TOPIC*', 'DESCRIBE_CONFIGS TOPIC?'],
  DeleteTopics: ['DELETE CLUSTER | DELETE TOPIC*', 'DESCRIBE TOPIC?'],
  DeleteRecords: ['DELETE TOPIC*'],
  InitProducerId: ['WRITE TRANSACTIONAL_ID', 'IDEMPOTENT_WRITE CLUSTER | WRITE TOPIC'],
  OffsetForLeaderEpoch: ['CLUSTER_ACTION CLUSTER | DESCRIBE TOPIC*'],
  AddPartitionsToTxn: ['CLUSTER_ACTION CLUSTER', 'WRITE TRANSACTIONAL_ID', 'WRITE TOPIC*'],
  AddOffsetsToTxn: ['WRITE TRANSACTIONAL_ID', 'READ GROUP'],
  EndTxn: ['WRITE TRANSACTIONAL_ID'],
  WriteTxnMarkers: ['ALTER CLUSTER | CLUSTER_ACTION CLUSTER'],
  TxnOffsetCommit: ['WRITE TRANSACTIONAL_ID', 'READ GROUP', 'READ TOPIC*'],
  DescribeAcls: ['DESCRIBE CLUSTER'],
  CreateAcls: ['ALTER CLUSTER'],
  DeleteAcls: ['ALTER CLUSTER'],
  DescribeConfigs: [
    'DESCRIBE_CONFIGS TOPIC*',
    'DESCRIBE_CONFIGS CLUSTER*',
    'DESCRIBE_CONFIGS GROUP*',
  ],
  AlterConfigs: ['ALTER_CONFIGS TOPIC*', 'ALTER_CONFIGS CLUSTER*', 'ALTER_CONFIGS GROUP*'],
  AlterReplicaLogDirs: ['ALTER CLUSTER'],
  DescribeLogDirs: ['DESCRIBE CLUSTER'],
  SaslAuthenticate: [],
  CreatePartitions: ['ALTER TOPIC*'],
  CreateDelegationToken: ['CREATE_TOKENS USER'],
  RenewDelegationToken: [],
  ExpireDelegationToken: [],
  DescribeDelegationToken: ['DESCRIBE DELEGATION_TOKEN? | DESCRIBE_TOKENS USER?'],
  DeleteGroups: ['DELETE GROUP*'],
  ElectLeaders: ['ALTER CLUSTER'],
  IncrementalAlterConfigs: [
    'ALTER_CONFIGS TOPIC*',
    'ALTER_CONFIGS CLUSTER*',
    'ALTER_CONFIGS GROUP*',
  ],
  AlterPartitionReassignments: ['ALTER CLUSTER'],
  ListPartitionReassignments: ['DESCRIBE CLUSTER'],
  OffsetDelete: ['DELETE GROUP', 'READ TOPIC*'],
  DescribeClientQuotas: ['DESCRIBE_CONFIGS CLUSTER'],
  AlterClientQuotas: ['ALTER_CONFIGS CLUSTER'],
  DescribeUserScramCredentials: ['DESCRIBE CLUSTER'],
  AlterUserScramCredentials: ['ALTER CLUSTER'],
  DescribeQuorum: ['DESCRIBE CLUSTER'],
  UpdateFeatures: ['ALTER CLUSTER'],
  DescribeCluster: ['DESCRIBE CLUSTER?'],
  DescribeProducers: ['READ TOPIC*'],
  UnregisterBroker: ['ALTER CLUSTER'],
  DescribeTransactions: ['DESCRIBE TRANSACTIONAL_ID*', 'DESCRIBE TOPIC?'],
  ListTransactions: ['DESCRIBE TRANSACTIONAL_ID?'],
  ConsumerGroupHeartbeat: ['READ GROUP', 'DESCRIBE TOPIC'],
  ConsumerGroupDescribe: ['DESCRIBE GROUP*', 'DESCRIBE TOPIC*'],
  ListConfigResources: ['DESCRIBE_CONFIGS CLUSTER'],
  DescribeTopicPartitions: ['DESCRIBE TOPIC*'],
  StreamsGroupHeartbeat: ['READ GROUP', 'DESCRIBE TOPIC', 'CREATE CLUSTER | CREATE TOPIC*'],
  StreamsGroupDescribe: ['DESCRIBE GROUP*', 'DESCRIBE TOPIC*'],
};

const SUFFIX = { request: '', each: '*', hidden: '?' } as const;

function textOf(need: Need): string {
  if ('anyOf' in need) return need.anyOf.map(textOf).join(' | ');
  return `${need.operation} ${need.resource}${SUFFIX[need.denial]}`;
}

test('each handler declares the rights that Kafka checks for its API', () => {
  const declared = handlers.map(({ key, needs }) => [apiName(key), needs.map(textOf)]);
  expect(Object.fromEntries(declared)).toEqual(KAFKA);
});
