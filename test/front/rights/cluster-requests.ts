import { API } from '../../../src/protocol/api-keys.ts';
import { type Asked, PRODUCER } from './asked.ts';
import { PREFIX } from './grants.ts';

const BROKER_RESOURCE = 4;
const LOGGER_RESOURCE = 8;
const METRICS_RESOURCE = 16;
/** Of the stage; no rights on any topic are given where those on the cluster are varied. */
const TOPIC = `${PREFIX}-there`;

const noRules = {
  resourceTypeFilter: 3,
  resourceNameFilter: 'none',
  patternTypeFilter: 3,
  principalFilter: 'User:none',
  hostFilter: null,
  operation: 1,
  permissionType: 1,
};
const rule = {
  resourceType: 3,
  resourceName: 'x',
  resourcePatternType: 3,
  principal: 'User:nobody',
  host: '*',
  operation: 3,
  permissionType: 3,
};
const marker = {
  ...PRODUCER,
  transactionResult: false,
  topics: [{ name: TOPIC, partitionIndexes: [1] }],
  coordinatorEpoch: 0,
};
const configOf = (resourceType: number, resourceName: string) => ({ resourceType, resourceName });
const creation = (name: string, validateOnly: boolean) => {
  const what = { name, numPartitions: 1, replicationFactor: 1, assignments: [], configs: [] };
  return { topics: [what], timeoutMs: 10_000, validateOnly };
};

const QUESTIONS: readonly Omit<Asked, 'isOfAll'>[] = [
  { key: API.DESCRIBE_LOG_DIRS, versions: [1, 4], body: () => ({ topics: null }) },
  {
    key: API.LIST_PARTITION_REASSIGNMENTS,
    versions: [0],
    body: () => ({ timeoutMs: 1000, topics: null }),
  },
  {
    key: API.DESCRIBE_CLIENT_QUOTAS,
    versions: [0, 1],
    body: () => ({ components: [], strict: false }),
  },
  { key: API.DESCRIBE_QUORUM, versions: [0, 2], body: () => ({ topics: [] }) },
  {
    key: API.DESCRIBE_USER_SCRAM_CREDENTIALS,
    versions: [0],
    body: () => ({ users: [{ name: 'nobody' }] }),
  },
  { key: API.LIST_CONFIG_RESOURCES, versions: [0, 1], body: () => ({ resourceTypes: [] }) },
  { key: API.LIST_GROUPS, versions: [5], body: () => ({ statesFilter: [], typesFilter: [] }) },
  { key: API.DESCRIBE_ACLS, versions: [1, 3], body: () => noRules },
  {
    key: API.METADATA,
    versions: [8, 10],
    note: 'with operations',
    body: () => ({ topics: [], includeClusterAuthorizedOperations: true }),
  },
  {
    key: API.DESCRIBE_CLUSTER,
    versions: [0, 2],
    note: 'with operations',
    body: () => ({ includeClusterAuthorizedOperations: true }),
  },
  {
    key: API.DESCRIBE_CLUSTER,
    versions: [0, 2],
    body: () => ({ includeClusterAuthorizedOperations: false }),
  },
  ...[
    ['of all brokers', BROKER_RESOURCE, ''],
    ['of a broker', BROKER_RESOURCE, '1'],
    ['of its loggers', LOGGER_RESOURCE, '1'],
    ['of metrics', METRICS_RESOURCE, PREFIX],
  ].map(([note, type, name]) => ({
    key: API.DESCRIBE_CONFIGS,
    versions: [1, 4],
    note: note as string,
    body: () => {
      const keys = { configurationKeys: ['log.retention.ms', 'none'] };
      return { resources: [{ ...configOf(type as number, name as string), ...keys }] };
    },
  })),
];

const CHANGES: readonly Omit<Asked, 'isOfAll'>[] = [
  { key: API.CREATE_ACLS, versions: [1, 3], body: () => ({ creations: [rule] }) },
  { key: API.DELETE_ACLS, versions: [1, 3], body: () => ({ filters: [noRules] }) },
  {
    key: API.ALTER_REPLICA_LOG_DIRS,
    versions: [1, 2],
    body: () => ({ dirs: [{ path: '/none', topics: [{ name: TOPIC, partitions: [0] }] }] }),
  },
  {
    key: API.ELECT_LEADERS,
    versions: [1, 2],
    body: () => ({
      electionType: 0,
      topicPartitions: [{ topic: TOPIC, partitions: [0] }],
      timeoutMs: 1000,
    }),
  },
  {
    key: API.ALTER_PARTITION_REASSIGNMENTS,
    versions: [0, 1],
    body: () => ({ timeoutMs: 1000, topics: [] }),
  },
  {
    key: API.ALTER_CLIENT_QUOTAS,
    versions: [0, 1],
    body: () => ({
      entries: [{ entity: [{ entityType: 'user', entityName: 'nobody' }], ops: [] }],
      validateOnly: true,
    }),
  },
  {
    key: API.ALTER_USER_SCRAM_CREDENTIALS,
    versions: [0],
    body: () => ({ deletions: [{ name: 'nobody', mechanism: 1 }], upsertions: [] }),
  },
  {
    key: API.UPDATE_FEATURES,
    versions: [1, 2],
    body: () => ({ timeoutMs: 1000, featureUpdates: [], validateOnly: true }),
  },
  { key: API.UNREGISTER_BROKER, versions: [0], body: () => ({ brokerId: 77 }) },
  { key: API.WRITE_TXN_MARKERS, versions: [1, 2], body: () => ({ markers: [marker] }) },
  {
    key: API.ADD_PARTITIONS_TO_TXN,
    versions: [4, 5],
    note: 'of a broker',
    body: ({ own }) => ({
      transactions: [{ transactionalId: own, ...PRODUCER, verifyOnly: true, topics: [] }],
    }),
  },
  ...['', '1'].map((name) => ({
    key: API.INCREMENTAL_ALTER_CONFIGS,
    versions: [0, 1],
    note: name === '' ? 'of all brokers' : 'of a broker',
    body: () => ({
      resources: [
        {
          ...configOf(BROKER_RESOURCE, name),
          configs: [{ name: 'log.retention.ms', configOperation: 0, value: '86400000' }],
        },
      ],
      validateOnly: true,
    }),
  })),
];

/** Rights on the cluster that stand for rights on single topics. */
const TOPICS: readonly Omit<Asked, 'isOfAll'>[] = [
  {
    key: API.CREATE_TOPICS,
    versions: [2, 7],
    note: 'to see',
    body: ({ own }) => creation(own, true),
  },
  {
    key: API.FETCH,
    versions: [12],
    note: 'as a replica',
    body: () => ({
      replicaId: 77,
      maxWaitMs: 0,
      minBytes: 0,
      maxBytes: 1000,
      sessionEpoch: -1,
      topics: [
        { topic: TOPIC, partitions: [{ partition: 0, fetchOffset: 0, partitionMaxBytes: 1000 }] },
      ],
      forgottenTopicsData: [],
    }),
  },
  {
    key: API.OFFSET_FOR_LEADER_EPOCH,
    versions: [3],
    body: () => ({
      replicaId: -1,
      topics: [{ topic: TOPIC, partitions: [{ partition: 0, leaderEpoch: 0 }] }],
    }),
  },
  {
    key: API.INIT_PRODUCER_ID,
    versions: [0, 5],
    note: 'without a transaction',
    body: () => ({ transactionalId: null, transactionTimeoutMs: 1000 }),
  },
  { key: API.METADATA, versions: [9], body: () => ({ topics: [{ name: TOPIC }] }) },
  {
    key: API.METADATA,
    versions: [4, 9],
    note: 'with creation',
    body: ({ own }) => ({ topics: [{ name: own }], allowAutoTopicCreation: true }),
  },
  {
    key: API.DELETE_TOPICS,
    versions: [5],
    note: 'that is not there',
    body: ({ own }) => ({ topicNames: [own], timeoutMs: 1000 }),
  },
];

/** The cluster is always there. */
export const CLUSTER_REQUESTS: readonly Asked[] = [...QUESTIONS, ...CHANGES, ...TOPICS].map(
  (asked) => ({ ...asked, isOfAll: true }),
);

/** Of a token's owner: User:vary-there is one that has a token. */
export const TOKEN_REQUESTS: readonly Asked[] = [
  {
    key: API.DESCRIBE_DELEGATION_TOKEN,
    versions: [1, 3],
    note: 'all',
    isOfAll: true,
    body: () => ({ owners: null }),
  },
  {
    key: API.DESCRIBE_DELEGATION_TOKEN,
    versions: [1, 3],
    body: ({ name }) => ({ owners: [{ principalType: 'User', principalName: name }] }),
  },
  {
    key: API.CREATE_DELEGATION_TOKEN,
    versions: [3],
    note: 'for another',
    body: ({ name }) => ({
      ownerPrincipalType: 'User',
      ownerPrincipalName: name,
      renewers: [],
      maxLifetimeMs: 60_000,
    }),
  },
  {
    key: API.RENEW_DELEGATION_TOKEN,
    versions: [1, 2],
    note: 'of another',
    isOfAll: true,
    body: ({ hmac }) => ({ hmac, renewPeriodMs: 1000 }),
  },
  {
    key: API.EXPIRE_DELEGATION_TOKEN,
    versions: [1, 2],
    note: 'of another',
    isOfAll: true,
    body: ({ hmac }) => ({ hmac, expiryTimePeriodMs: 1000 }),
  },
];
