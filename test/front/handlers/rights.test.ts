import { type EmbeddedBroker, startBroker } from 'millrace';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { ERROR } from '../../../src/base/kafka-errors.ts';
import { API, type ApiKey } from '../../../src/protocol/api-keys.ts';
import { apiName, type RequestOf } from '../../../src/protocol/api-registry.ts';
import { WireClient } from '../../support/wire-client.ts';

/**
 * Everything named `secret…` is denied to everybody. Nothing is said of the rest, which is allowed.
 */
const CONFIG = {
  'authorizer.class.name': 'org.apache.kafka.metadata.authorizer.StandardAuthorizer',
  'allow.everyone.if.no.acl.found': 'true',
  'millrace.http.listener': 'none',
};
const [TOPIC, GROUP, CLUSTER, TRANSACTIONAL_ID] = [2, 3, 4, 5];
const [LITERAL, PREFIXED, MATCH_ANY] = [3, 4, 1];
const [DENY, ALLOW, ALL, READ, CREATE, DELETE, DESCRIBE] = [2, 3, 2, 3, 5, 6, 8];

let broker: EmbeddedBroker;
let client: WireClient;
let secretId = '';

function denial(resourceType: number, resourceName: string, operation = ALL) {
  const resourcePatternType = resourceType === CLUSTER ? LITERAL : PREFIXED;
  const who = { principal: 'User:*', host: '*', operation, permissionType: DENY };
  return { resourceType, resourceName, resourcePatternType, ...who };
}

async function deny(...creations: ReturnType<typeof denial>[]) {
  const { results } = await client.ask(API.CREATE_ACLS, 3, { creations });
  expect(results.map(({ errorCode }) => errorCode)).toEqual(creations.map(() => 0));
}

beforeAll(async () => {
  broker = await startBroker({ config: CONFIG });
  client = await WireClient.open(broker.port);
  await broker.createTopic('free', { partitions: 1 });
  await broker.createTopic('secret', { partitions: 1 });
  const { topics } = await client.ask(API.METADATA, 12, {
    topics: [{ topicId: 'AAAAAAAAAAAAAAAAAAAAAA', name: 'secret' }],
  });
  secretId = topics[0]!.topicId;
  await deny(...[TOPIC, GROUP, TRANSACTIONAL_ID].map((type) => denial(type, 'secret')));
  // Who may make and delete all topics of the cluster needs no right on one.
  const onCluster = [CREATE, DELETE].map((each) => denial(CLUSTER, 'kafka-cluster', each));
  await deny(...onCluster, { ...denial(CLUSTER, 'kafka-cluster'), permissionType: ALLOW });
});

afterAll(async () => {
  client.close();
  await broker.close();
});

/** Every error code of an answer, wherever it stands. */
function errorsOf(answer: unknown): number[] {
  if (Array.isArray(answer)) return answer.flatMap(errorsOf);
  if (typeof answer !== 'object' || answer === null || Buffer.isBuffer(answer)) return [];
  return Object.entries(answer).flatMap(([name, value]) => {
    return /errorcode$/i.test(name) ? [value as number] : errorsOf(value);
  });
}

const DENIALS = [
  ERROR.TOPIC_AUTHORIZATION_FAILED,
  ERROR.GROUP_AUTHORIZATION_FAILED,
  ERROR.CLUSTER_AUTHORIZATION_FAILED,
  ERROR.TRANSACTIONAL_ID_AUTHORIZATION_FAILED,
] as const;
const [TOPIC_DENIED, GROUP_DENIED, CLUSTER_DENIED, TXN_DENIED] = DENIALS;

async function denialsOf<Key extends ApiKey>(key: Key, version: number, request: RequestOf<Key>) {
  const answer = await client.ask(key, version, request as never);
  return errorsOf(answer).filter((code) => DENIALS.some((each) => each === code));
}

type Make = (name: string) => object;
const onPartition = (name: string, index: object) => [{ name, partitions: [index] }];
const commit = { partitionIndex: 0, committedOffset: 1, committedMetadata: '' };
const member = { memberId: 'm', generationId: 1, groupInstanceId: null };
const producer = { producerId: 1, producerEpoch: 0 };

const BY_TOPIC: readonly (readonly [key: ApiKey, version: number, make: Make])[] = [
  [
    API.PRODUCE,
    9,
    (name) => ({
      transactionalId: null,
      acks: 1,
      timeoutMs: 1000,
      topicData: [{ name, partitionData: [{ index: 0, records: Buffer.alloc(1) }] }],
    }),
  ],
  [
    API.FETCH,
    12,
    (topic) => ({
      maxWaitMs: 0,
      minBytes: 0,
      topics: [{ topic, partitions: [{ partition: 0, fetchOffset: 0, partitionMaxBytes: 1000 }] }],
    }),
  ],
  [
    API.LIST_OFFSETS,
    7,
    (name) => ({
      replicaId: -1,
      topics: onPartition(name, { partitionIndex: 0, timestamp: -1 }),
    }),
  ],
  [API.METADATA, 9, (name) => ({ topics: [{ name }] })],
  [
    API.OFFSET_COMMIT,
    8,
    (name) => ({
      groupId: 'g',
      generationIdOrMemberEpoch: -1,
      memberId: '',
      topics: onPartition(name, commit),
    }),
  ],
  [
    API.OFFSET_FETCH,
    5,
    (name) => ({ groupId: 'g', topics: [{ name, partitionIndexes: [0] }], groups: [] }),
  ],
  [
    API.OFFSET_FETCH,
    8,
    (name) => ({ groups: [{ groupId: 'g', topics: [{ name, partitionIndexes: [0] }] }] }),
  ],
  [
    API.CREATE_TOPICS,
    7,
    (name) => ({
      topics: [
        {
          name: `${name}-new`,
          numPartitions: 1,
          replicationFactor: 1,
          assignments: [],
          configs: [],
        },
      ],
      timeoutMs: 1000,
      validateOnly: true,
    }),
  ],
  [API.DELETE_TOPICS, 5, (name) => ({ topicNames: [`${name}-none`], timeoutMs: 1000 })],
  [
    API.DELETE_RECORDS,
    2,
    (name) => ({ topics: onPartition(name, { partitionIndex: 0, offset: 0 }), timeoutMs: 1000 }),
  ],
  [
    API.CREATE_PARTITIONS,
    3,
    (name) => ({
      topics: [{ name, count: 2, assignments: null }],
      timeoutMs: 1000,
      validateOnly: true,
    }),
  ],
  [
    API.DESCRIBE_CONFIGS,
    4,
    (name) => ({ resources: [{ resourceType: 2, resourceName: name, configurationKeys: null }] }),
  ],
  [
    API.INCREMENTAL_ALTER_CONFIGS,
    1,
    (name) => ({
      resources: [{ resourceType: 2, resourceName: name, configs: [] }],
      validateOnly: true,
    }),
  ],
  [
    API.ALTER_CONFIGS,
    2,
    (name) => ({
      resources: [{ resourceType: 2, resourceName: name, configs: [] }],
      validateOnly: true,
    }),
  ],
  [API.DESCRIBE_PRODUCERS, 0, (name) => ({ topics: [{ name, partitionIndexes: [0] }] })],
  [
    API.DESCRIBE_TOPIC_PARTITIONS,
    0,
    (name) => ({ topics: [{ name }], responsePartitionLimit: 10, cursor: null }),
  ],
  [
    API.OFFSET_DELETE,
    0,
    (name) => ({ groupId: 'g', topics: onPartition(name, { partitionIndex: 0 }) }),
  ],
  [
    API.CONSUMER_GROUP_HEARTBEAT,
    1,
    (name) => ({
      groupId: `of-${name}`,
      memberId: 'AAAAAAAAAAAAAAAAAAAAAg',
      memberEpoch: 0,
      rebalanceTimeoutMs: 1000,
      subscribedTopicNames: [name],
      topicPartitions: [],
    }),
  ],
  [
    API.TXN_OFFSET_COMMIT,
    3,
    (name) => ({
      transactionalId: 't',
      groupId: 'g',
      ...producer,
      ...member,
      topics: onPartition(name, commit),
    }),
  ],
  [
    API.ADD_PARTITIONS_TO_TXN,
    3,
    (name) => ({
      v3AndBelowTransactionalId: 't',
      v3AndBelowProducerId: 1,
      v3AndBelowProducerEpoch: 0,
      v3AndBelowTopics: [{ name, partitions: [0] }],
    }),
  ],
];

const BY_GROUP: readonly (readonly [key: ApiKey, version: number, make: Make])[] = [
  [API.OFFSET_COMMIT, 8, (groupId) => ({ groupId, topics: onPartition('free', commit) })],
  [
    API.OFFSET_FETCH,
    1,
    (groupId) => ({ groupId, topics: [{ name: 'free', partitionIndexes: [0] }] }),
  ],
  [API.OFFSET_FETCH, 7, (groupId) => ({ groupId, topics: null })],
  [API.OFFSET_FETCH, 8, (groupId) => ({ groups: [{ groupId, topics: null }] })],
  [API.FIND_COORDINATOR, 3, (key) => ({ key, keyType: 0 })],
  [API.FIND_COORDINATOR, 4, (key) => ({ keyType: 0, coordinatorKeys: [key] })],
  [
    API.JOIN_GROUP,
    9,
    (groupId) => ({
      groupId,
      sessionTimeoutMs: 6000,
      rebalanceTimeoutMs: 6000,
      memberId: '',
      protocolType: 'consumer',
      protocols: [{ name: 'range', metadata: Buffer.alloc(0) }],
    }),
  ],
  [API.SYNC_GROUP, 5, (groupId) => ({ groupId, ...member, assignments: [] })],
  [API.HEARTBEAT, 4, (groupId) => ({ groupId, ...member })],
  [API.LEAVE_GROUP, 5, (groupId) => ({ groupId, members: [] })],
  [API.DESCRIBE_GROUPS, 5, (groupId) => ({ groups: [groupId] })],
  [API.DELETE_GROUPS, 2, (groupId) => ({ groupsNames: [groupId] })],
  [API.OFFSET_DELETE, 0, (groupId) => ({ groupId, topics: [] })],
  [
    API.CONSUMER_GROUP_HEARTBEAT,
    1,
    (groupId) => ({ groupId, memberId: 'm', memberEpoch: 5, rebalanceTimeoutMs: 1000 }),
  ],
  [
    API.CONSUMER_GROUP_DESCRIBE,
    1,
    (groupId) => ({ groupIds: [groupId], includeAuthorizedOperations: true }),
  ],
  [API.ADD_OFFSETS_TO_TXN, 3, (groupId) => ({ transactionalId: 't', ...producer, groupId })],
  [
    API.TXN_OFFSET_COMMIT,
    3,
    (groupId) => ({
      transactionalId: 't',
      groupId,
      ...producer,
      ...member,
      topics: onPartition('free', commit),
    }),
  ],
  [
    API.DESCRIBE_CONFIGS,
    4,
    (name) => ({ resources: [{ resourceType: 32, resourceName: name, configurationKeys: null }] }),
  ],
];

const BY_TRANSACTION: readonly (readonly [key: ApiKey, version: number, make: Make])[] = [
  [
    API.INIT_PRODUCER_ID,
    4,
    (transactionalId) => ({
      transactionalId,
      transactionTimeoutMs: 1000,
      producerId: -1,
      producerEpoch: -1,
    }),
  ],
  [API.FIND_COORDINATOR, 4, (key) => ({ keyType: 1, coordinatorKeys: [key] })],
  [
    API.ADD_PARTITIONS_TO_TXN,
    3,
    (id) => ({
      v3AndBelowTransactionalId: id,
      v3AndBelowProducerId: 1,
      v3AndBelowProducerEpoch: 0,
      v3AndBelowTopics: [{ name: 'free', partitions: [0] }],
    }),
  ],
  [
    API.ADD_OFFSETS_TO_TXN,
    3,
    (transactionalId) => ({ transactionalId, ...producer, groupId: 'g' }),
  ],
  [API.END_TXN, 3, (transactionalId) => ({ transactionalId, ...producer, committed: true })],
  [API.DESCRIBE_TRANSACTIONS, 0, (id) => ({ transactionalIds: [id] })],
];

const rows = (
  table: readonly (readonly [ApiKey, number, Make])[],
): (readonly [string, number, ApiKey, Make])[] => {
  return table.map(([key, version, make]) => [apiName(key), version, key, make]);
};

describe('rights on topics', () => {
  test.each(rows(BY_TOPIC))('%s v%i', async (_, version, key, make) => {
    const denials = await denialsOf(key, version, make('secret') as never);
    expect(new Set(denials)).toEqual(new Set([TOPIC_DENIED]));
    expect(await denialsOf(key, version, make('free') as never)).toEqual([]);
  });

  test('hide them where all are asked for', async () => {
    const { topics } = await client.ask(API.METADATA, 9, { topics: null });
    expect(topics.map(({ name }) => name)).not.toContain('secret');
    expect(topics.map(({ name }) => name)).toContain('free');
    const all = { topics: [], responsePartitionLimit: 100, cursor: null };
    const pages = await client.ask(API.DESCRIBE_TOPIC_PARTITIONS, 0, all);
    expect(pages.topics.map(({ name }) => name)).not.toContain('secret');
  });

  test('tell no name to whom asks by an id', async () => {
    const topics = [{ topicId: secretId, name: null }];
    const answer = await client.ask(API.METADATA, 12, { topics });
    expect(answer.topics[0]).toMatchObject({ errorCode: TOPIC_DENIED, name: null });
  });

  test('refuse one topic of several and serve the others', async () => {
    const topics = ['free', 'secret'].map((name) => ({ name, partitions: [commit] }));
    const request = { groupId: 'mixed', generationIdOrMemberEpoch: -1, memberId: '', topics };
    const answer = await client.ask(API.OFFSET_COMMIT, 8, request);
    const codes = answer.topics.map(({ name, partitions }) => [name, partitions[0]!.errorCode]);
    expect(new Map(codes as [string, number][])).toEqual(
      new Map([
        ['free', 0],
        ['secret', TOPIC_DENIED],
      ]),
    );
    const asked = topics.map(({ name }) => ({ name, partitionIndexes: [0] }));
    const fetched = await client.ask(API.OFFSET_FETCH, 8, {
      groups: [{ groupId: 'mixed', topics: asked }],
    });
    const offsets = fetched.groups[0]!.topics.map(({ name, partitions }) => {
      return [name, partitions[0]!.committedOffset, partitions[0]!.errorCode];
    });
    expect(offsets.sort()).toEqual([
      ['free', 1, 0],
      ['secret', -1, TOPIC_DENIED],
    ]);
  });

  test('are told as the operations that are allowed', async () => {
    const request = { topics: [{ name: 'free' }], includeTopicAuthorizedOperations: true };
    await deny(denial(TOPIC, 'free-but', READ));
    await broker.createTopic('free-but', { partitions: 1 });
    const { topics } = await client.ask(API.METADATA, 9, {
      ...request,
      topics: [{ name: 'free' }, { name: 'free-but' }],
    });
    const operations = topics.map((topic) => topic.topicAuthorizedOperations);
    expect(operations[0]! & (1 << READ)).not.toBe(0);
    expect(operations[1]! & (1 << READ)).toBe(0);
  });
});

describe('rights on groups', () => {
  test.each(rows(BY_GROUP))('%s v%i', async (_, version, key, make) => {
    const denials = await denialsOf(key, version, make('secret') as never);
    expect(new Set(denials)).toEqual(new Set([GROUP_DENIED]));
    expect(await denialsOf(key, version, make('free') as never)).toEqual([]);
  });
});

describe('rights on transactional ids', () => {
  test.each(rows(BY_TRANSACTION))('%s v%i', async (_, version, key, make) => {
    expect(await denialsOf(key, version, make('secret') as never)).toEqual([TXN_DENIED]);
    expect(await denialsOf(key, version, make('free') as never)).toEqual([]);
  });
});

describe('the rules themselves', () => {
  const filter = {
    resourceTypeFilter: GROUP,
    resourceNameFilter: null,
    patternTypeFilter: MATCH_ANY,
    principalFilter: null,
    hostFilter: null,
    operation: 1,
    permissionType: 1,
  };

  test('are described, once however often they are made, and deleted', async () => {
    await deny(denial(GROUP, 'rules', DESCRIBE), denial(GROUP, 'rules', DESCRIBE));
    await deny(denial(GROUP, 'rules', DESCRIBE));
    const named = { ...filter, resourceNameFilter: 'rules' };
    const described = await client.ask(API.DESCRIBE_ACLS, 3, named);
    expect(described.resources).toEqual([
      {
        resourceType: GROUP,
        resourceName: 'rules',
        patternType: PREFIXED,
        acls: [{ principal: 'User:*', host: '*', operation: DESCRIBE, permissionType: DENY }],
      },
    ]);
    const { filterResults } = await client.ask(API.DELETE_ACLS, 3, { filters: [named] });
    expect(filterResults[0]!.matchingAcls).toHaveLength(1);
    expect((await client.ask(API.DESCRIBE_ACLS, 3, named)).resources).toEqual([]);
  });

  test.each([
    ['an unknown resource', { resourceType: 99 }],
    ['an empty name', { resourceName: '' }],
    ['a principal without a type', { principal: 'alice' }],
    ['another name of the cluster', { resourceType: CLUSTER }],
    ['a pattern that only filters have', { resourcePatternType: 2 }],
    ['any operation', { operation: 1 }],
  ])('are refused with %s', async (_, over) => {
    const creations = [{ ...denial(GROUP, 'wrong'), ...over }];
    const { results } = await client.ask(API.CREATE_ACLS, 3, { creations });
    expect(results[0]!.errorCode).toBe(ERROR.INVALID_REQUEST);
  });
});

/** The last, because nothing can be altered after it. */
describe('rights on the cluster', () => {
  const CLUSTER_WIDE: readonly (readonly [key: ApiKey, version: number, request: object])[] = [
    [API.DESCRIBE_LOG_DIRS, 4, { topics: null }],
    [
      API.ALTER_REPLICA_LOG_DIRS,
      2,
      { dirs: [{ path: '/', topics: [{ name: 'free', partitions: [0] }] }] },
    ],
    [API.ELECT_LEADERS, 2, { electionType: 0, topicPartitions: null, timeoutMs: 1000 }],
    [API.ALTER_PARTITION_REASSIGNMENTS, 0, { timeoutMs: 1000, topics: [] }],
    [API.LIST_PARTITION_REASSIGNMENTS, 0, { timeoutMs: 1000, topics: null }],
    [API.DESCRIBE_CLIENT_QUOTAS, 1, { components: [], strict: false }],
    [
      API.ALTER_CLIENT_QUOTAS,
      1,
      {
        entries: [{ entity: [{ entityType: 'user', entityName: 'a' }], ops: [] }],
        validateOnly: true,
      },
    ],
    [API.DESCRIBE_QUORUM, 1, { topics: [] }],
    [API.DESCRIBE_USER_SCRAM_CREDENTIALS, 0, { users: null }],
    [
      API.ALTER_USER_SCRAM_CREDENTIALS,
      0,
      { deletions: [{ name: 'nobody', mechanism: 1 }], upsertions: [] },
    ],
    [API.UPDATE_FEATURES, 1, { timeoutMs: 1000, featureUpdates: [], validateOnly: true }],
    [API.UNREGISTER_BROKER, 0, { brokerId: 77 }],
    [API.LIST_CONFIG_RESOURCES, 1, { resourceTypes: [] }],
    [
      API.DESCRIBE_CONFIGS,
      4,
      { resources: [{ resourceType: 4, resourceName: '', configurationKeys: null }] },
    ],
    [
      API.DESCRIBE_ACLS,
      3,
      {
        resourceTypeFilter: 1,
        resourceNameFilter: null,
        patternTypeFilter: 1,
        principalFilter: null,
        hostFilter: null,
        operation: 1,
        permissionType: 1,
      },
    ],
    [API.CREATE_ACLS, 3, { creations: [denial(GROUP, 'x')] }],
    [
      API.ADD_PARTITIONS_TO_TXN,
      4,
      { transactions: [{ transactionalId: 't', ...producer, verifyOnly: true, topics: [] }] },
    ],
  ];

  beforeAll(async () => {
    for (const [key, version, request] of CLUSTER_WIDE) {
      const denials = await denialsOf(key, version, request as never);
      expect(denials, apiName(key)).toEqual([]);
    }
    await deny(denial(CLUSTER, 'kafka-cluster'));
  });

  test.each(CLUSTER_WIDE.map(([key, version, request]) => [apiName(key), version, key, request]))(
    '%s v%i',
    async (_, version, key, request) => {
      const denials = await denialsOf(key as ApiKey, version as number, request as never);
      expect(denials).toEqual([CLUSTER_DENIED]);
    },
  );

  test('show the groups that may be described, where the cluster may not', async () => {
    await client.ask(API.OFFSET_COMMIT, 8, {
      groupId: 'seen',
      generationIdOrMemberEpoch: -1,
      memberId: '',
      topics: onPartition('free', commit) as never,
    });
    const { groups } = await client.ask(API.LIST_GROUPS, 4, { statesFilter: [] });
    expect(groups.map(({ groupId }) => groupId)).toContain('seen');
  });

  test('leave no operation to see', async () => {
    const asked = { topics: [], includeClusterAuthorizedOperations: true };
    expect((await client.ask(API.METADATA, 9, asked)).clusterAuthorizedOperations).toBe(0);
  });
});

test('without an authorizer nobody keeps rules', async () => {
  const open = await startBroker();
  const other = await WireClient.open(open.port);
  const { results } = await other.ask(API.CREATE_ACLS, 3, { creations: [denial(GROUP, 'x')] });
  expect(results[0]!.errorCode).toBe(ERROR.SECURITY_DISABLED);
  other.close();
  await open.close();
});
