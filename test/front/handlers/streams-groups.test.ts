import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type EmbeddedBroker, startBroker } from 'millrace';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { ERROR } from '../../../src/base/kafka-errors.ts';
import {
  ACL_OPERATION,
  ACL_PATTERN,
  ACL_PERMISSION,
  ACL_RESOURCE,
  CLUSTER_RESOURCE_NAME,
} from '../../../src/metadata/acl-rule.ts';
import { API } from '../../../src/protocol/api-keys.ts';
import type { ToldSubtopology } from '../../support/told-topology.ts';
import { toldSubtopology, topicInfo } from '../../support/told-topology.ts';
import { WireClient } from '../../support/wire-client.ts';

let broker: EmbeddedBroker;
let client: WireClient;

beforeAll(async () => {
  broker = await startBroker({
    config: { 'num.io.threads': 2, 'group.streams.initial.rebalance.delay.ms': 0 },
  });
  client = await WireClient.open(broker.port);
  await broker.createTopic('topic', { partitions: 3 });
});

afterAll(async () => {
  client.close();
  await broker.close();
});

function subtopology(fields: Partial<ToldSubtopology> = {}): ToldSubtopology {
  return toldSubtopology('0', ['topic'], fields);
}

async function beat(
  groupId: string,
  memberEpoch: number,
  topology: ToldSubtopology = subtopology(),
  over: WireClient = client,
) {
  const join = {
    rebalanceTimeoutMs: 60_000,
    topology: { epoch: 0, subtopologies: [topology] },
    activeTasks: [],
    standbyTasks: [],
    warmupTasks: [],
    processId: 'process',
  };
  return over.ask(API.STREAMS_GROUP_HEARTBEAT, 0, {
    groupId,
    memberId: 'member',
    memberEpoch,
    endpointInformationEpoch: -1,
    ...(memberEpoch === 0 ? join : {}),
  });
}

async function configsOf(topic: string): Promise<Map<string, string | null>> {
  const resources = [{ resourceType: 2, resourceName: topic, configurationKeys: null }];
  const answer = await client.ask(API.DESCRIBE_CONFIGS, 4, { resources });
  return new Map(answer.results[0]!.configs.map(({ name, value }) => [name, value]));
}

test('a member joins, and the topics that its application needs are made', async () => {
  const store = topicInfo('store', 0, { 'cleanup.policy': 'compact', 'segment.bytes': '1048576' });
  const joined = await beat('maker', 0, subtopology({ stateChangelogTopics: [store] }));
  expect(joined).toMatchObject({
    errorCode: 0,
    memberEpoch: 2,
    activeTasks: [],
    status: [{ statusCode: 3, statusDetail: 'Internal topics are missing: store' }],
  });
  await expect.poll(async () => (await beat('maker', 2)).memberEpoch).toBe(3);
  const configs = await configsOf('store');
  expect(configs.get('cleanup.policy')).toBe('compact');
  expect(configs.get('segment.bytes')).toBe('1048576');
  const groupIds = ['maker', 'nobody'];
  const told = await client.ask(API.STREAMS_GROUP_DESCRIBE, 0, {
    groupIds,
    includeAuthorizedOperations: true,
  });
  const [maker, nobody] = groupIds.map((id) => told.groups.find(({ groupId }) => groupId === id)!);
  expect(maker).toMatchObject({
    errorCode: 0,
    groupState: 'Stable',
    groupEpoch: 3,
    topology: { subtopologies: [{ stateChangelogTopics: [{ name: 'store', partitions: 3 }] }] },
    members: [{ clientId: 'tests', assignment: { activeTasks: [{ partitions: [0, 1, 2] }] } }],
  });
  expect(maker!.authorizedOperations).toBeGreaterThan(0);
  expect(nobody).toMatchObject({ errorCode: ERROR.GROUP_ID_NOT_FOUND });
});

test('a member is told why a topic cannot be made', async () => {
  const store = topicInfo('bad-store', 0, { 'cleanup.policy': 'nonsense' });
  const topology = subtopology({ stateChangelogTopics: [store] });
  const { memberEpoch } = await beat('unlucky', 0, topology);
  const detail = async () => (await beat('unlucky', memberEpoch)).status![0]!.statusDetail;
  await expect
    .poll(detail)
    .toMatch(/^Internal topics are missing: bad-store; Creation failed: bad/);
});

test.each([
  ['__consumer_offsets', 'Use of Kafka internal topics __consumer_offsets in a Kafka Streams'],
  ['a/b', 'Topic names a/b are not valid topic names.'],
])('a topology with the topic %s is refused', async (name, message) => {
  const answer = await beat('refused', 0, subtopology({ sourceTopics: [name] }));
  expect(answer.errorCode).toBe(ERROR.STREAMS_INVALID_TOPOLOGY);
  expect(answer.errorMessage).toContain(message);
});

test('the configuration of a group counts at once', async () => {
  const alter = async (name: string, value: string) => {
    const configs = [{ name, configOperation: 0, value }];
    const resources = [{ resourceType: 32, resourceName: 'tuned', configs }];
    const request = { resources, validateOnly: false };
    return (await client.ask(API.INCREMENTAL_ALTER_CONFIGS, 1, request)).responses[0]!.errorCode;
  };
  expect((await beat('tuned', 0)).heartbeatIntervalMs).toBe(5000);
  expect(await alter('streams.heartbeat.interval.ms', '7000')).toBe(0);
  expect((await beat('tuned', 2)).heartbeatIntervalMs).toBe(7000);
  expect(await alter('streams.num.standby.replicas', '1')).toBe(0);
  await expect.poll(async () => (await beat('tuned', 2)).memberEpoch).toBe(3);
  expect(await alter('streams.num.standby.replicas', '3')).toBe(ERROR.INVALID_CONFIG);
});

test('a group goes on after a restart', async () => {
  const dataDir = await mkdtemp(join(tmpdir(), 'millrace-streams-groups-'));
  const config = { 'group.streams.initial.rebalance.delay.ms': 0 };
  const withBroker = async (work: (over: WireClient) => Promise<void>) => {
    await using other = await startBroker({ dataDir, config });
    const over = await WireClient.open(other.port);
    if (await isMissing(over)) await other.createTopic('topic', { partitions: 3 });
    await work(over);
    over.close();
  };
  try {
    await withBroker(async (over) => {
      const { memberEpoch } = await beat('survivor', 0, subtopology(), over);
      expect(memberEpoch).toBe(2);
    });
    await withBroker(async (over) => {
      const again = () => beat('survivor', 2, subtopology(), over);
      await expect.poll(async () => (await again()).errorCode).toBe(0);
      expect(await again()).toMatchObject({ memberEpoch: 2, activeTasks: null });
    });
  } finally {
    await rm(dataDir, { recursive: true, force: true });
  }
});

async function isMissing(over: WireClient): Promise<boolean> {
  const request = { topics: [{ name: 'topic' }], allowAutoTopicCreation: false };
  return (await over.ask(API.METADATA, 9, request)).topics[0]!.errorCode !== 0;
}

test('streams groups are refused where they are switched off', async () => {
  const config = { 'group.coordinator.rebalance.protocols': 'classic,consumer' };
  await using other = await startBroker({ config });
  const over = await WireClient.open(other.port);
  expect((await beat('off', 0, subtopology(), over)).errorCode).toBe(ERROR.UNSUPPORTED_VERSION);
  const request = { groupIds: ['off'], includeAuthorizedOperations: false };
  const told = await over.ask(API.STREAMS_GROUP_DESCRIBE, 0, request);
  expect(told.groups[0]).toMatchObject({ groupId: 'off', errorCode: ERROR.UNSUPPORTED_VERSION });
  over.close();
});

test('the feature streams.version is told of, and may be switched off', async () => {
  await using other = await startBroker();
  const over = await WireClient.open(other.port);
  const software = { clientSoftwareName: 'tests', clientSoftwareVersion: '1' };
  const level = async () => {
    const answer = await over.ask(API.API_VERSIONS, 4, software);
    return answer.finalizedFeatures.find(({ name }) => name === 'streams.version')?.maxVersionLevel;
  };
  expect(await level()).toBe(1);
  const featureUpdates = [
    { feature: 'streams.version', maxVersionLevel: 0, upgradeType: 2, allowDowngrade: false },
  ];
  const update = { timeoutMs: 1000, featureUpdates, validateOnly: false };
  expect((await over.ask(API.UPDATE_FEATURES, 1, update)).errorCode).toBe(0);
  expect(await level()).toBeUndefined();
  expect((await beat('off', 0, subtopology(), over)).errorCode).toBe(ERROR.UNSUPPORTED_VERSION);
  over.close();
});

test('topics are made with the rights of the client only', async () => {
  const config = {
    'authorizer.class.name': 'org.apache.kafka.metadata.authorizer.StandardAuthorizer',
    'allow.everyone.if.no.acl.found': true,
  };
  await using other = await startBroker({ config });
  const over = await WireClient.open(other.port);
  await other.createTopic('topic', { partitions: 3 });
  const { TOPIC, CLUSTER } = ACL_RESOURCE;
  // Where there is a rule, what no rule allows is denied.
  const creations = [
    { resourceType: TOPIC, resourceName: 'locked' },
    { resourceType: CLUSTER, resourceName: CLUSTER_RESOURCE_NAME },
  ].map((resource) => ({
    ...resource,
    resourcePatternType: ACL_PATTERN.LITERAL,
    principal: 'User:ANONYMOUS',
    host: '*',
    operation: ACL_OPERATION.DESCRIBE,
    permissionType: ACL_PERMISSION.ALLOW,
  }));
  const { results } = await over.ask(API.CREATE_ACLS, 3, { creations });
  expect(results.map(({ errorCode }) => errorCode)).toEqual([0, 0]);
  const topology = subtopology({ stateChangelogTopics: [topicInfo('locked'), topicInfo('open')] });
  const answer = await beat('denied', 0, topology, over);
  expect(answer.status).toEqual([
    {
      statusCode: 3,
      statusDetail:
        'Internal topics are missing: locked, open; Unauthorized to CREATE on topics locked.',
    },
  ]);
  over.close();
});
