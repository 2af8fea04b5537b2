import { type EmbeddedBroker, startBroker } from 'millrace';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { ERROR } from '../../../src/base/kafka-errors.ts';
import { API } from '../../../src/protocol/api-keys.ts';
import { WireClient } from '../../support/wire-client.ts';

const TOPIC = 2;
const BROKER = 4;
const BROKER_LOGGER = 8;
const GROUP = 32;
const SET = 0;

let broker: EmbeddedBroker;
let client: WireClient;
let nodeId: number;

beforeAll(async () => {
  broker = await startBroker();
  client = await WireClient.open(broker.port);
  await broker.createTopic('topic', { partitions: 2, config: { 'retention.ms': '5000' } });
  nodeId = (await client.ask(API.METADATA, 9, { topics: [] })).controllerId;
});

afterAll(async () => {
  client.close();
  await broker.close();
});

async function describeOne(resourceType: number, resourceName: string, keys: string[] | null) {
  const resource = { resourceType, resourceName, configurationKeys: keys };
  const answer = await client.ask(API.DESCRIBE_CONFIGS, 4, {
    resources: [resource],
    includeSynonyms: true,
    includeDocumentation: true,
  });
  return answer.results[0]!;
}

async function alterOne(resourceType: number, resourceName: string, name: string, value: string) {
  const answer = await client.ask(API.INCREMENTAL_ALTER_CONFIGS, 1, {
    resources: [{ resourceType, resourceName, configs: [{ name, configOperation: SET, value }] }],
    validateOnly: false,
  });
  return answer.responses[0]!;
}

describe('DescribeConfigs', () => {
  test.each([1, 2, 3, 4])('version %i describes topic, broker and group', async (version) => {
    const resources = [
      { resourceType: TOPIC, resourceName: 'topic', configurationKeys: null },
      { resourceType: BROKER, resourceName: String(nodeId), configurationKeys: null },
      { resourceType: GROUP, resourceName: 'some-group', configurationKeys: null },
    ];
    const answer = await client.ask(API.DESCRIBE_CONFIGS, version, { resources });
    for (const result of answer.results) {
      expect(result.errorCode).toBe(0);
      expect(result.configs.length).toBeGreaterThan(2);
    }
  });

  test('tells value, source, synonyms, type and documentation of what was asked for', async () => {
    const { configs } = await describeOne(TOPIC, 'topic', ['retention.ms']);
    expect(configs).toHaveLength(1);
    expect(configs[0]).toMatchObject({ value: '5000', configSource: 1, configType: 5 });
    expect(configs[0]!.synonyms[0]).toMatchObject({ name: 'retention.ms', source: 1 });
    expect(configs[0]!.synonyms.at(-1)!.source).toBe(5);
    expect(configs[0]!.documentation).not.toBe('');
  });

  test('tells that a broker inside a test lets groups begin at once', async () => {
    const name = 'group.initial.rebalance.delay.ms';
    const { configs } = await describeOne(BROKER, String(nodeId), [name]);
    expect(configs).toMatchObject([{ name, value: '0' }]);
    expect(configs[0]!.synonyms.at(-1)).toMatchObject({ value: '3000', source: 5 });
  });

  test('refuses what it has nothing to tell of', async () => {
    const codeOf = async (type: number, name: string) =>
      (await describeOne(type, name, null)).errorCode;
    expect(await codeOf(TOPIC, 'missing')).toBe(ERROR.UNKNOWN_TOPIC_OR_PARTITION);
    expect(await codeOf(TOPIC, 'a/b')).toBe(ERROR.INVALID_TOPIC_EXCEPTION);
    expect(await codeOf(BROKER, '99')).toBe(ERROR.INVALID_REQUEST);
    expect(await codeOf(BROKER_LOGGER, String(nodeId))).toBe(ERROR.INVALID_REQUEST);
    expect(await codeOf(GROUP, '')).toBe(ERROR.INVALID_REQUEST);
  });
});

describe('IncrementalAlterConfigs and AlterConfigs', () => {
  test('change a topic, and the change is described', async () => {
    expect((await alterOne(TOPIC, 'topic', 'max.message.bytes', '2048')).errorCode).toBe(0);
    const { configs } = await describeOne(TOPIC, 'topic', ['max.message.bytes']);
    expect(configs[0]!.value).toBe('2048');
    const replaced = await client.ask(API.ALTER_CONFIGS, 2, {
      resources: [
        {
          resourceType: TOPIC,
          resourceName: 'topic',
          configs: [{ name: 'segment.ms', value: '9000' }],
        },
      ],
      validateOnly: false,
    });
    expect(replaced.responses[0]!.errorCode).toBe(0);
    const after = await describeOne(TOPIC, 'topic', ['max.message.bytes', 'segment.ms']);
    const sources = new Map(after.configs.map((c) => [c.name, c.configSource]));
    expect(sources.get('segment.ms')).toBe(1);
    expect(sources.get('max.message.bytes')).toBe(5);
  });

  test('answer each resource by itself', async () => {
    expect((await alterOne(TOPIC, 'topic', 'no.such', '1')).errorCode).toBe(ERROR.INVALID_CONFIG);
    expect((await alterOne(TOPIC, 'missing', 'segment.ms', '1')).errorCode).toBe(
      ERROR.UNKNOWN_TOPIC_OR_PARTITION,
    );
    expect((await alterOne(GROUP, 'group', 'consumer.session.timeout.ms', '50000')).errorCode).toBe(
      0,
    );
    const twice = { resourceType: TOPIC, resourceName: 'topic', configs: [] };
    const answer = await client.ask(API.INCREMENTAL_ALTER_CONFIGS, 1, {
      resources: [twice, twice],
      validateOnly: false,
    });
    const { INVALID_REQUEST } = ERROR;
    expect(answer.responses.map(({ errorCode }) => errorCode)).toEqual([
      INVALID_REQUEST,
      INVALID_REQUEST,
    ]);
  });

  test('are listed by ListConfigResources', async () => {
    const all = await client.ask(API.LIST_CONFIG_RESOURCES, 1, { resourceTypes: [] });
    const names = all.configResources.map((r) => `${r.resourceType}:${r.resourceName}`);
    expect(names).toEqual(expect.arrayContaining(['2:topic', `4:${nodeId}`, '32:group']));
    const old = await client.ask(API.LIST_CONFIG_RESOURCES, 0, {});
    expect(old.configResources).toEqual([]);
    const bad = await client.ask(API.LIST_CONFIG_RESOURCES, 1, { resourceTypes: [3] });
    expect(bad.errorCode).toBe(ERROR.UNSUPPORTED_VERSION);
  });
});

describe('DescribeLogDirs', () => {
  test.each([1, 2, 3, 4, 5])('version %i tells how large partitions are', async (version) => {
    await client.produce('topic', 0, [{ value: Buffer.alloc(1000) }]);
    const topics = [{ topic: 'topic', partitions: [0] }];
    const answer = await client.ask(API.DESCRIBE_LOG_DIRS, version, { topics });
    const [result] = answer.results;
    expect(result!.logDir).toBe(broker.dataDir);
    expect(result!.topics[0]!.partitions[0]!.partitionSize).toBeGreaterThan(1000);
    if (version >= 4) expect(result!.totalBytes).toBeGreaterThanOrEqual(result!.usableBytes);
    const all = await client.ask(API.DESCRIBE_LOG_DIRS, version, { topics: null });
    expect(all.results[0]!.topics[0]!.partitions).toHaveLength(2);
  });

  test('AlterReplicaLogDirs knows one directory', async () => {
    const topics = [{ name: 'topic', partitions: [0, 7] }];
    const answer = await client.ask(API.ALTER_REPLICA_LOG_DIRS, 2, {
      dirs: [
        { path: broker.dataDir, topics },
        { path: '/elsewhere', topics: [{ name: 'topic', partitions: [1] }] },
      ],
    });
    expect(answer.results[0]!.partitions.map(({ errorCode }) => errorCode)).toEqual([
      0,
      ERROR.UNKNOWN_TOPIC_OR_PARTITION,
      ERROR.LOG_DIR_NOT_FOUND,
    ]);
  });
});

describe('the cluster of one', () => {
  test('DescribeCluster agrees with Metadata', async () => {
    const metadata = await client.ask(API.METADATA, 9, { topics: [] });
    const answer = await client.ask(API.DESCRIBE_CLUSTER, 2, {
      includeClusterAuthorizedOperations: true,
      endpointType: 1,
    });
    expect(answer.clusterId).toBe(metadata.clusterId);
    expect(answer.controllerId).toBe(metadata.controllerId);
    expect(answer.brokers[0]).toMatchObject({ host: '127.0.0.1', port: broker.port });
    expect(answer.clusterAuthorizedOperations).toBe(8096);
    const wrong = await client.ask(API.DESCRIBE_CLUSTER, 2, {
      includeClusterAuthorizedOperations: false,
      endpointType: 2,
    });
    expect(wrong.errorCode).toBe(ERROR.MISMATCHED_ENDPOINT_TYPE);
  });

  test('needs no election and moves nothing', async () => {
    const elected = await client.ask(API.ELECT_LEADERS, 2, {
      electionType: 0,
      topicPartitions: [{ topic: 'topic', partitions: [0, 9] }],
      timeoutMs: 1000,
    });
    const codes = elected.replicaElectionResults[0]!.partitionResult.map((r) => r.errorCode);
    expect(codes).toEqual([ERROR.ELECTION_NOT_NEEDED, ERROR.UNKNOWN_TOPIC_OR_PARTITION]);
    const moved = await client.ask(API.ALTER_PARTITION_REASSIGNMENTS, 0, {
      timeoutMs: 1000,
      topics: [
        {
          name: 'topic',
          partitions: [
            { partitionIndex: 0, replicas: [nodeId] },
            { partitionIndex: 0, replicas: [nodeId + 1] },
            { partitionIndex: 0, replicas: null },
          ],
        },
      ],
    });
    expect(moved.responses[0]!.partitions.map(({ errorCode }) => errorCode)).toEqual([
      0,
      ERROR.INVALID_REPLICA_ASSIGNMENT,
      ERROR.NO_REASSIGNMENT_IN_PROGRESS,
    ]);
    const listed = await client.ask(API.LIST_PARTITION_REASSIGNMENTS, 0, {
      timeoutMs: 1000,
      topics: null,
    });
    expect(listed.topics).toEqual([]);
  });

  test('is a quorum of one, whose only broker stays', async () => {
    const topics = [{ topicName: '__cluster_metadata', partitions: [{ partitionIndex: 0 }] }];
    const quorum = await client.ask(API.DESCRIBE_QUORUM, 2, { topics });
    expect(quorum.topics[0]!.partitions[0]).toMatchObject({ errorCode: 0, leaderId: nodeId });
    expect(quorum.topics[0]!.partitions[0]!.highWatermark).toBeGreaterThan(0);
    const own = await client.ask(API.UNREGISTER_BROKER, 0, { brokerId: nodeId });
    expect(own.errorCode).toBe(ERROR.INVALID_REQUEST);
    const other = await client.ask(API.UNREGISTER_BROKER, 0, { brokerId: nodeId + 1 });
    expect(other.errorCode).toBe(ERROR.BROKER_ID_NOT_REGISTERED);
  });

  test('stores quotas and describes them', async () => {
    const entity = [{ entityType: 'user', entityName: 'alice' }];
    const ops = [{ key: 'producer_byte_rate', value: 1024, remove: false }];
    const entries = [
      { entity, ops },
      { entity: [{ entityType: 'planet', entityName: 'mars' }], ops },
    ];
    const altered = await client.ask(API.ALTER_CLIENT_QUOTAS, 1, { entries, validateOnly: false });
    expect(altered.entries.map(({ errorCode }) => errorCode)).toEqual([0, ERROR.INVALID_REQUEST]);
    const described = await client.ask(API.DESCRIBE_CLIENT_QUOTAS, 1, {
      components: [{ entityType: 'user', matchType: 0, match: 'alice' }],
      strict: true,
    });
    expect(described.entries).toEqual([
      { entity, values: [{ key: 'producer_byte_rate', value: 1024 }] },
    ]);
  });

  test('UpdateFeatures refuses what is not served', async () => {
    const featureUpdates = [{ feature: 'flying', maxVersionLevel: 3, upgradeType: 1 }];
    const one = await client.ask(API.UPDATE_FEATURES, 1, { featureUpdates, timeoutMs: 1000 });
    expect(one.results[0]!.errorCode).toBe(ERROR.INVALID_UPDATE_VERSION);
    const all = await client.ask(API.UPDATE_FEATURES, 2, { featureUpdates, timeoutMs: 1000 });
    expect(all.errorCode).toBe(ERROR.INVALID_UPDATE_VERSION);
    const level = { feature: 'group.version', maxVersionLevel: 1 };
    for (const [upgradeType, errorCode] of [
      [1, 0],
      [9, ERROR.INVALID_UPDATE_VERSION],
    ] as const) {
      const updates = { featureUpdates: [{ ...level, upgradeType }], timeoutMs: 1000 };
      const answer = await client.ask(API.UPDATE_FEATURES, 2, updates);
      expect(answer.errorCode).toBe(errorCode);
    }
  });
});

describe('producers', () => {
  const NONE = { transactionalId: null, transactionTimeoutMs: 1000 };

  test('get ids that are never given twice', async () => {
    const ids = new Set<number>();
    for (let version = 0; version <= 5; version++) {
      const answer = await client.ask(API.INIT_PRODUCER_ID, version, NONE);
      expect(answer).toMatchObject({ errorCode: 0, producerEpoch: 0 });
      ids.add(answer.producerId);
    }
    expect(ids.size).toBe(6);
  });

  test('with an epoch get a new id, as in Kafka', async () => {
    const request = { ...NONE, producerId: 5, producerEpoch: 1 };
    const answer = await client.ask(API.INIT_PRODUCER_ID, 4, request);
    expect(answer.errorCode).toBe(0);
    expect(answer.producerId).not.toBe(5);
    const half = await client.ask(API.INIT_PRODUCER_ID, 4, { ...NONE, producerId: 5 });
    expect(half.errorCode).toBe(ERROR.INVALID_REQUEST);
  });

  test('are described where they wrote', async () => {
    const topics = [{ name: 'topic', partitionIndexes: [0, 9] }];
    const answer = await client.ask(API.DESCRIBE_PRODUCERS, 0, { topics });
    const [known, unknown] = answer.topics[0]!.partitions;
    expect(known).toMatchObject({ errorCode: 0, activeProducers: [] });
    expect(unknown!.errorCode).toBe(ERROR.UNKNOWN_TOPIC_OR_PARTITION);
  });
});

describe('FindCoordinator', () => {
  test.each([0, 1, 2, 3])('version %i sends a group to this broker', async (version) => {
    const answer = await client.ask(API.FIND_COORDINATOR, version, { key: 'group' });
    expect(answer).toMatchObject({ errorCode: 0, nodeId, host: '127.0.0.1', port: broker.port });
  });

  test.each([4, 5, 6])('version %i answers for several groups', async (version) => {
    const coordinatorKeys = ['a', 'b'];
    const answer = await client.ask(API.FIND_COORDINATOR, version, { coordinatorKeys });
    expect(answer.coordinators.map(({ key }) => key)).toEqual(coordinatorKeys);
    expect(answer.coordinators.every((c) => c.port === broker.port)).toBe(true);
  });

  test('makes the topic of the offsets, compacted and internal', async () => {
    const answer = await client.ask(API.METADATA, 9, { topics: [{ name: '__consumer_offsets' }] });
    expect(answer.topics[0]).toMatchObject({ errorCode: 0, isInternal: true });
    expect(answer.topics[0]!.partitions).toHaveLength(50);
    const { configs } = await describeOne(TOPIC, '__consumer_offsets', ['cleanup.policy']);
    expect(configs[0]!.value).toBe('compact');
  });
});

describe('the dynamic configuration of the broker', () => {
  test('survives a text that only its reader could refuse', async () => {
    const name = 'max.connections.per.ip.overrides';
    await alterOne(BROKER, '', name, 'no-address-and-no-number');
    const limit = await alterOne(BROKER, '', 'group.max.size', '1');
    expect([0, ERROR.INVALID_REQUEST]).toContain(limit.errorCode);
    const { configs } = await describeOne(BROKER, String(nodeId), [name]);
    expect(configs).toHaveLength(1);
  });
});
