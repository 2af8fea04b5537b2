import { existsSync, mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import type { ClusterNode } from '#millrace/broker/cluster-node';
import { ERROR } from '../../src/base/kafka-errors.ts';
import { API } from '../../src/protocol/api-keys.ts';
import { decodeRequest } from '../../src/protocol/frames.ts';
import { decodeVersioned } from '../../src/protocol/message-bytes.ts';
import { DEFAULT_PRINCIPAL_DATA } from '../../src/protocol/schema/principal-data.ts';
import { buildBatch } from '../../src/records/batch-builder.ts';
import { freePort } from '../conformance/lib/brokers.mjs';
import { WireClient } from '../support/wire-client.ts';
import { clusterBrokerNode } from './cluster-broker-node.ts';
import { idOf, kraft, partition, topic } from './kraft-records.ts';
import { ScriptedCluster } from './scripted-cluster.ts';

const NODE = 5;
const OTHER = 9;

let cluster: ScriptedCluster;
let dataDir: string;
let port: number;
let node: ClusterNode;
let client: WireClient | null;
const fatal: Error[] = [];

function newNode(config: object = {}): ClusterNode {
  const place = { nodeId: NODE, port, dataDir };
  return clusterBrokerNode(cluster, place, config, (error) => fatal.push(error));
}

async function started(config: object = {}): Promise<WireClient> {
  node = newNode(config);
  await node.start();
  client = await WireClient.open(port);
  return client;
}

async function produce(topic: string, index: number, value: string, acks = -1) {
  const records = buildBatch([{ value: Buffer.from(value), timestamp: 1 }], { baseOffset: 0 });
  const topicData = [{ name: topic, topicId: '', partitionData: [{ index, records }] }];
  const body = { transactionalId: null, acks, timeoutMs: 1000, topicData };
  const answer = await client!.ask(API.PRODUCE, 12, body);
  return { ...answer.responses[0]!.partitionResponses[0]!, nodes: answer.nodeEndpoints };
}

async function recordsEnd(topic: string, partitionIndex: number) {
  const asked = { partitionIndex, currentLeaderEpoch: -1, timestamp: -1 };
  const topics = [{ name: topic, partitions: [asked] }];
  const answer = await client!.ask(API.LIST_OFFSETS, 7, {
    replicaId: -1,
    isolationLevel: 0,
    topics,
  });
  return answer.topics[0]!.partitions[0]!;
}

const isLed = (topic: string, index: number) => {
  return expect.poll(async () => (await recordsEnd(topic, index)).errorCode);
};

/** A node that led one record of a topic, and has stopped cleanly. */
async function stoppedWithOrders(): Promise<void> {
  await started();
  cluster.createTopic('orders', [NODE]);
  await isLed('orders', 0).toBe(0);
  await produce('orders', 0, 'kept');
  client!.close();
  await node.close();
}

beforeEach(async () => {
  fatal.length = 0;
  client = null;
  cluster = await ScriptedCluster.start();
  dataDir = mkdtempSync(join(tmpdir(), 'millrace-cluster-node-'));
  port = await freePort();
});

afterEach(async () => {
  client?.close();
  await node.close();
  await cluster.close();
  rmSync(dataDir, { recursive: true });
  expect(fatal).toEqual([]);
});

test('registers by its directory and listeners, and is unfenced before clients come', async () => {
  await started();
  const [registration] = cluster.registrations;
  expect(registration).toMatchObject({
    brokerId: NODE,
    clusterId: 'the-cluster',
    listeners: [{ name: 'PLAINTEXT', host: '127.0.0.1', port, securityProtocol: 0 }],
    previousBrokerEpoch: -1,
  });
  const meta = readFileSync(join(dataDir, 'meta.properties'), 'utf8');
  expect(meta).toContain(`directory.id=${registration!.logDirs[0]}`);
  expect(meta).toContain('cluster.id=the-cluster');
  const answer = await client!.ask(API.METADATA, 12, { topics: [] });
  expect(answer.brokers).toMatchObject([{ nodeId: NODE, host: '127.0.0.1', port }]);
  expect(answer.controllerId).toBe(NODE);
});

test('leads what the controllers say, in their epochs, and names the leader of the rest', async () => {
  await started();
  cluster.createTopic('orders', [NODE, OTHER]);
  await isLed('orders', 0).toBe(0);
  expect(await produce('orders', 0, 'one')).toMatchObject({ errorCode: 0, baseOffset: 0 });
  expect(await produce('orders', 1, 'two')).toMatchObject({
    errorCode: ERROR.NOT_LEADER_OR_FOLLOWER,
    currentLeader: { leaderId: OTHER, leaderEpoch: 0 },
  });
  cluster.moveLeader('orders', 0, -1);
  await isLed('orders', 0).toBe(ERROR.NOT_LEADER_OR_FOLLOWER);
  cluster.moveLeader('orders', 0, NODE);
  await isLed('orders', 0).toBe(0);
  expect(await produce('orders', 0, 'three')).toMatchObject({ errorCode: 0, baseOffset: 1 });
  expect((await recordsEnd('orders', 0)).leaderEpoch).toBe(2);
  const epochs = readFileSync(join(dataDir, 'orders-0', 'leader-epoch-checkpoint'), 'utf8');
  expect(epochs).toMatch(/^0\n2\n0 0\n2 1\n$/);
});

test('leads beside replicas of others, up to what all in sync have', async () => {
  await started();
  cluster.createTopic('shared', [NODE]);
  await isLed('shared', 0).toBe(0);
  const inSync = (isr: number[]) => {
    const change = { topicId: idOf('shared'), partitionId: 0, replicas: [NODE, OTHER], isr };
    cluster.commit(kraft('partitionChange', change));
    const known = () => node.metadata.image.topicsByName.get('shared')!.partitions[0];
    return expect.poll(known).toMatchObject({ inSyncReplicas: isr });
  };
  await inSync([NODE, OTHER]);
  expect(await produce('shared', 0, 'one', 1)).toMatchObject({ errorCode: 0, baseOffset: 0 });
  expect((await recordsEnd('shared', 0)).offset).toBe(0);
  await inSync([NODE]);
  await expect.poll(async () => (await recordsEnd('shared', 0)).offset).toBe(1);
});

test('an acks=all that other replicas do not take ends in time', async () => {
  await started();
  const replicas = { replicas: [NODE, OTHER], isr: [NODE, OTHER], leader: NODE };
  cluster.commit(topic('shared'), partition('shared', 0, replicas));
  await isLed('shared', 0).toBe(0);
  const { errorCode } = await produce('shared', 0, 'one');
  expect(errorCode).toBe(ERROR.REQUEST_TIMED_OUT);
  // The append stays, and is told of once it may be.
  const change = { topicId: idOf('shared'), partitionId: 0, isr: [NODE] };
  cluster.commit(kraft('partitionChange', change));
  await expect.poll(async () => (await recordsEnd('shared', 0)).offset).toBe(1);
  expect(await produce('shared', 0, 'two')).toMatchObject({ errorCode: 0, baseOffset: 1 });
});

test('does not tell where records end before those of the leader before may be read', async () => {
  await started();
  const replicas = { replicas: [NODE, OTHER], isr: [NODE, OTHER], leader: NODE };
  cluster.commit(topic('shared'), partition('shared', 0, replicas));
  await isLed('shared', 0).toBe(0);
  expect(await produce('shared', 0, 'one', 1)).toMatchObject({ errorCode: 0 });
  cluster.moveLeader('shared', 0, NODE);
  await isLed('shared', 0).toBe(ERROR.OFFSET_NOT_AVAILABLE);
  const change = { topicId: idOf('shared'), partitionId: 0, isr: [NODE] };
  cluster.commit(kraft('partitionChange', change));
  await isLed('shared', 0).toBe(0);
  expect((await recordsEnd('shared', 0)).offset).toBe(1);
});

test('a start does not take for read by all what only its own log is known to hold', async () => {
  await started();
  const replicas = { replicas: [NODE, OTHER], isr: [NODE, OTHER], leader: NODE };
  cluster.commit(topic('shared'), partition('shared', 0, replicas));
  await isLed('shared', 0).toBe(0);
  expect(await produce('shared', 0, 'one', 1)).toMatchObject({ errorCode: 0 });
  client!.close();
  await node.close();
  await started();
  expect((await recordsEnd('shared', 0)).errorCode).toBe(ERROR.OFFSET_NOT_AVAILABLE);
  const change = { topicId: idOf('shared'), partitionId: 0, isr: [NODE] };
  cluster.commit(kraft('partitionChange', change));
  await expect.poll(async () => (await recordsEnd('shared', 0)).offset).toBe(1);
});

test('has who lags left out of those in sync, and then acknowledges what it has', async () => {
  await started({ 'replica.lag.time.max.ms': 200, 'replica.fetch.wait.max.ms': 100 });
  const replicas = { replicas: [NODE, OTHER], isr: [NODE, OTHER], leader: NODE };
  cluster.commit(topic('shared'), partition('shared', 0, replicas));
  await isLed('shared', 0).toBe(0);
  expect(await produce('shared', 0, 'one')).toMatchObject({ errorCode: 0, baseOffset: 0 });
  expect(cluster.alterations).toHaveLength(1);
  const [asked] = cluster.alterations;
  const { epoch: brokerEpoch } = node.metadata.image.brokers.get(String(NODE))!;
  const newIsrWithEpochs = [{ brokerId: NODE, brokerEpoch }];
  const change = { partitionIndex: 0, leaderEpoch: 0, partitionEpoch: 0, newIsrWithEpochs };
  expect(asked).toMatchObject({ brokerId: NODE, brokerEpoch });
  expect(asked!.topics).toMatchObject([{ topicId: idOf('shared'), partitions: [change] }]);
});

test('a broker that the controllers forgot registers again', async () => {
  await started();
  const { length } = cluster.registrations;
  cluster.heartbeatError = ERROR.BROKER_ID_NOT_REGISTERED;
  await expect.poll(() => cluster.registrations.length).toBeGreaterThan(length);
  await expect.poll(() => node.metadata.image.brokers.get(String(NODE))?.fenced).toBe(false);
  const { incarnationId } = cluster.registrations[0]!;
  expect(cluster.registrations.at(-1)!.incarnationId).toBe(incarnationId);
});

test('refuses a configuration of its own that it cannot go on with', async () => {
  await started();
  const broker = { resourceType: 4, resourceName: String(NODE) };
  const bad = [{ name: 'log.cleaner.threads', configOperation: 0, value: '-1' }];
  const { responses } = await client!.ask(API.INCREMENTAL_ALTER_CONFIGS, 1, {
    resources: [{ ...broker, configs: bad }],
    validateOnly: false,
  });
  expect(responses).toMatchObject([{ ...broker, errorCode: ERROR.INVALID_REQUEST }]);
  expect(cluster.envelopes).toEqual([]);
});

test('removes what is deleted, also where the name comes back in the same commit', async () => {
  await started();
  cluster.createTopic('orders', [NODE]);
  await isLed('orders', 0).toBe(0);
  await produce('orders', 0, 'old');
  const again = { topicId: idOf('again'), partitionId: 0, replicas: [NODE], isr: [NODE] };
  cluster.commit(
    kraft('removeTopic', { topicId: idOf('orders') }),
    kraft('topic', { name: 'orders', topicId: idOf('again') }),
    kraft('partition', { ...again, leader: NODE, addingReplicas: [], removingReplicas: [] }),
  );
  await expect.poll(() => node.metadata.image.topicsById.has(idOf('again'))).toBe(true);
  await expect.poll(async () => (await recordsEnd('orders', 0)).offset).toBe(0);
  expect(await produce('orders', 0, 'new')).toMatchObject({ errorCode: 0, baseOffset: 0 });
});

test('passes on what it does not decide, and says for whom', async () => {
  await started();
  const asked = { name: 'wanted', numPartitions: 1, replicationFactor: 1 };
  const topics = [{ ...asked, assignments: [], configs: [] }];
  const answer = await client!.ask(API.CREATE_TOPICS, 7, {
    topics,
    timeoutMs: 1,
    validateOnly: false,
  });
  expect(answer.topics).toMatchObject([{ name: 'wanted', errorCode: 0, topicId: idOf('wanted') }]);
  const [envelope] = cluster.envelopes;
  expect(decodeVersioned(DEFAULT_PRINCIPAL_DATA, envelope!.requestPrincipal!)).toEqual({
    type: 'User',
    name: 'ANONYMOUS',
    tokenAuthenticated: false,
  });
  expect([...envelope!.clientHostAddress]).toEqual([127, 0, 0, 1]);
  expect(decodeRequest(API.CREATE_TOPICS, 7, envelope!.requestData)).toMatchObject({
    header: { apiKey: API.CREATE_TOPICS, clientId: 'tests' },
    body: { topics: [{ name: 'wanted' }] },
  });
});

test('advertises of what it passes on only what the controllers serve', async () => {
  await started();
  const software = { clientSoftwareName: 'test', clientSoftwareVersion: '1' };
  const { apiKeys, supportedFeatures } = await client!.ask(API.API_VERSIONS, 4, software);
  const rangeOf = (key: number) => apiKeys.find(({ apiKey }) => apiKey === key);
  expect(rangeOf(API.CREATE_TOPICS)).toMatchObject({ minVersion: 2, maxVersion: 7 });
  expect(rangeOf(API.DELETE_TOPICS)).toMatchObject({ maxVersion: 5 });
  expect(rangeOf(API.CREATE_ACLS)).toBe(undefined);
  expect(rangeOf(API.PRODUCE)).toMatchObject({ maxVersion: 13 });
  expect(supportedFeatures.map(({ name }) => name)).toContain('kraft.version');
});

test('creates missing topics through the controllers, and gives out their producer ids', async () => {
  await started();
  const topics = [{ name: 'missing' }];
  const answer = await client!.ask(API.METADATA, 9, { topics, allowAutoTopicCreation: true });
  expect(answer.topics).toMatchObject([{ name: 'missing', partitions: [{ leaderId: NODE }] }]);
  const asked = { transactionalId: null, transactionTimeoutMs: 1, producerId: -1 };
  const init = { ...asked, producerEpoch: -1 };
  expect(await client!.ask(API.INIT_PRODUCER_ID, 4, init)).toMatchObject({ producerId: 5000 });
});

test('a clean stop is told at the next start, with the epoch of the run before', async () => {
  await stoppedWithOrders();
  const { wantShutDown, brokerEpoch } = cluster.heartbeats.at(-1)!;
  expect(wantShutDown).toBe(true);
  expect(existsSync(join(dataDir, '.kafka_cleanshutdown'))).toBe(true);
  await started();
  const [first] = cluster.registrations;
  const second = cluster.registrations.at(-1);
  expect(second!.previousBrokerEpoch).toBe(brokerEpoch);
  expect(second!.logDirs).toEqual(first!.logDirs);
  expect(second!.incarnationId).not.toBe(first!.incarnationId);
  expect(await recordsEnd('orders', 0)).toMatchObject({ errorCode: 0, offset: 1 });
});

test('what was deleted while it was down is set aside', async () => {
  await stoppedWithOrders();
  cluster.commit(kraft('removeTopic', { topicId: idOf('orders') }));
  await started();
  expect(readdirSync(dataDir).filter((name) => name.startsWith('orders-0'))).toEqual([
    expect.stringMatching(/^orders-0\.[0-9a-f]{32}-stray$/),
  ]);
});

test('says which feature of the cluster it does not serve', async () => {
  cluster.commit(kraft('featureLevel', { name: 'share.version', featureLevel: 1 }));
  node = newNode();
  await expect(node.start()).rejects.toThrow(
    'has share.version at 1, and millrace serves it not at all',
  );
});

test('a listener that others could not find is refused', async () => {
  node = newNode({ 'inter.broker.listener.name': 'INTERNAL' });
  await expect(node.start()).rejects.toThrow('INTERNAL, and the listeners are PLAINTEXT');
});

test('stops while it waits for the controllers', async () => {
  cluster.controller.onFetch = () => null;
  node = newNode();
  const starting = node.start();
  await node.close();
  expect(await starting).toBe(null);
});
