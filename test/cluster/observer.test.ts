import { afterEach, beforeEach, expect, test } from 'vitest';
import { loadConfig } from '#millrace/broker/config';
import { Observer } from '#millrace/broker/observer';
import { ERROR } from '../../src/base/kafka-errors.ts';
import { silentLogger } from '../../src/base/logger.ts';
import { API } from '../../src/protocol/api-keys.ts';
import type { KraftRecord } from '../../src/protocol/metadata-record-table.ts';
import { ZERO_UUID } from '../../src/protocol/schema-dsl.ts';
import { ThrowAwayAuthority } from '../../src/security/tls/throw-away-authority.ts';
import { isServed } from '../support/secured-client.ts';
import { WireClient } from '../support/wire-client.ts';
import { batchOf, idOf, kraft, partition, topic } from './kraft-records.ts';
import { ScriptedController } from './scripted-controller.ts';

const OBSERVER = 9;

let controller: ScriptedController;
let observer: Observer;
let client: WireClient;
let log: Buffer[];
const fatal: Error[] = [];

function broker(brokerId: number, port: number, fenced = false): KraftRecord {
  const endPoints = [{ name: 'PLAINTEXT', host: 'kafka', port, securityProtocol: 0 }];
  const incarnationId = idOf('i');
  const more = { incarnationId, features: [], rack: null, logDirs: [idOf('d')] };
  return kraft('registerBroker', { brokerId, brokerEpoch: 1, endPoints, fenced, ...more });
}

/** The controllers commit these. */
function commit(...records: KraftRecord[]): void {
  const end = log.reduce((sum, batch) => sum + batch.readInt32BE(57), 0);
  log.push(batchOf(end, 7, records));
}

function newObserver(ofTest: object, logger = silentLogger): Observer {
  const { host, port } = controller.address;
  const config = {
    'node.id': OBSERVER,
    'process.roles': 'observer',
    'controller.quorum.bootstrap.servers': `${host}:${port}`,
    ...ofTest,
  };
  const onFatal = (error: Error) => fatal.push(error);
  return new Observer({ loaded: loadConfig({ config }), logger, onFatal });
}

async function observing(ofTest: object, logger = silentLogger): Promise<Observer> {
  const started = newObserver(ofTest, logger);
  await started.listen();
  return started;
}

beforeEach(async () => {
  fatal.length = 0;
  log = [];
  controller = await ScriptedController.start(1);
  controller.leader = { leaderId: 1, leaderEpoch: 7 };
  controller.peers = [controller];
  controller.onFetch = ({ fetchOffset, currentLeaderEpoch, highWatermark }) => {
    if (currentLeaderEpoch !== 7) return { errorCode: ERROR.FENCED_LEADER_EPOCH };
    const behind = log.filter((batch) => Number(batch.readBigInt64BE(0)) >= fetchOffset);
    const end = log.reduce((sum, batch) => sum + batch.readInt32BE(57), 0);
    if (behind.length === 0 && highWatermark === end) return { highWatermark: end };
    return { records: Buffer.concat(behind), highWatermark: end };
  };
  commit(
    kraft('featureLevel', { name: 'transaction.version', featureLevel: 2 }),
    broker(1, 1001),
    broker(2, 1002),
    broker(3, 1003, true),
    topic('orders'),
    partition('orders', 0, { replicas: [2, 1], isr: [2], leader: 2, leaderEpoch: 4 }),
    partition('orders', 1, {
      replicas: [3, 1],
      isr: [3],
      leader: -1,
      eligibleLeaderReplicas: [3],
      lastKnownElr: [1],
    }),
  );
  observer = await observing({ listeners: 'PLAINTEXT://127.0.0.1:0' });
  client = await WireClient.open(observer.kafka.listeners[0]!.port);
});

afterEach(async () => {
  client.close();
  await observer.close();
  await controller.close();
});

test('tells brokers, topics and partitions, and no client is sent to itself', async () => {
  const topics = [{ topicId: ZERO_UUID, name: 'orders' }];
  const more = { allowAutoTopicCreation: true, includeTopicAuthorizedOperations: false };
  const answer = await client.ask(API.METADATA, 13, { topics, ...more });
  expect(answer.clusterId).toBe('the-cluster');
  expect(answer.brokers.map(({ nodeId, port }) => [nodeId, port])).toEqual([
    [1, 1001],
    [2, 1002],
  ]);
  expect(answer.controllerId).toBe(1);
  expect(answer.topics[0]!.partitions).toMatchObject([
    { errorCode: 0, leaderId: 2, leaderEpoch: 4, isrNodes: [2], offlineReplicas: [] },
    { errorCode: ERROR.LEADER_NOT_AVAILABLE, leaderId: -1, offlineReplicas: [3] },
  ]);
});

test('tells eligible leaders and fenced brokers to those who ask', async () => {
  const asked = { topics: [], responsePartitionLimit: 10, cursor: null };
  const { topics } = await client.ask(API.DESCRIBE_TOPIC_PARTITIONS, 0, asked);
  expect(topics[0]!.partitions).toMatchObject([
    { errorCode: 0, leaderId: 2, eligibleLeaderReplicas: [], lastKnownElr: [] },
    { errorCode: 0, leaderId: -1, eligibleLeaderReplicas: [3], lastKnownElr: [1] },
  ]);
  const all = { includeClusterAuthorizedOperations: false, endpointType: 1 };
  const told = async (includeFencedBrokers: boolean) => {
    const answer = await client.ask(API.DESCRIBE_CLUSTER, 2, { ...all, includeFencedBrokers });
    return answer.brokers.map(({ brokerId, isFenced }) => [brokerId, isFenced]);
  };
  const open = [
    [1, false],
    [2, false],
  ];
  expect(await told(false)).toEqual(open);
  expect(await told(true)).toEqual([...open, [3, true]]);
});

test('serves what it can, and tells the features of the cluster and not its own', async () => {
  const software = { clientSoftwareName: 'test', clientSoftwareVersion: '1' };
  const answer = await client.ask(API.API_VERSIONS, 4, software);
  const served = answer.apiKeys.map(({ apiKey }) => apiKey);
  expect(served).toContain(API.METADATA);
  expect(served).not.toContain(API.CREATE_TOPICS);
  expect(answer.finalizedFeatures).toEqual([
    { name: 'transaction.version', maxVersionLevel: 2, minVersionLevel: 2 },
  ]);
});

test('refuses to produce and to fetch, and names the leader', async () => {
  const records = Buffer.alloc(0);
  const data = [{ name: 'orders', topicId: '', partitionData: [{ index: 0, records }] }];
  const produce = { transactionalId: null, acks: 1, timeoutMs: 1000, topicData: data };
  const produced = await client.ask(API.PRODUCE, 12, produce);
  expect(produced.responses[0]!.partitionResponses[0]).toMatchObject({
    errorCode: ERROR.NOT_LEADER_OR_FOLLOWER,
    currentLeader: { leaderId: 2, leaderEpoch: 4 },
  });
  expect(produced.nodeEndpoints).toMatchObject([{ nodeId: 2, host: 'kafka', port: 1002 }]);
  const partitions = [
    { partition: 0, fetchOffset: 0, partitionMaxBytes: 1, currentLeaderEpoch: 4 },
  ];
  const fetch = { maxWaitMs: 0, minBytes: 0, maxBytes: 1, isolationLevel: 0, rackId: '' };
  const at = { ...fetch, sessionId: 0, sessionEpoch: -1, forgottenTopicsData: [] };
  const topics = [{ topicId: idOf('orders'), partitions }];
  const fetched = await client.ask(API.FETCH, 17, { ...at, topics });
  expect(fetched.responses[0]!.partitions[0]).toMatchObject({
    errorCode: ERROR.NOT_LEADER_OR_FOLLOWER,
    currentLeader: { leaderId: 2, leaderEpoch: 4 },
  });
});

test('tells what the controllers commit later', async () => {
  commit(topic('later'), partition('later', 0));
  await expect.poll(() => observer.metadata.image.topicsByName.has('later')).toBe(true);
  const asked = { topics: [{ name: 'later' }], responsePartitionLimit: 10, cursor: null };
  const { topics } = await client.ask(API.DESCRIBE_TOPIC_PARTITIONS, 0, asked);
  expect(topics).toMatchObject([{ errorCode: 0, partitions: [{ leaderId: 1 }] }]);
});

test('ends where a record does not fit what it knows', async () => {
  commit(kraft('fenceBroker', { id: 77, epoch: 1 }));
  await expect.poll(() => fatal.map(({ message }) => message)).toHaveLength(1);
  expect(fatal[0]!.message).toContain('broker 77, which is not registered');
});

test('tells the audit log of clients whose certificates it does not believe', async () => {
  const authority = new ThrowAwayAuthority();
  const hosts = ['localhost'];
  const { certificate, key } = authority.issue({ commonName: 'localhost', hosts });
  const lines: string[] = [];
  const info = (line: string) => lines.push(line);
  const secured = await observing(
    {
      listeners: 'SSL://127.0.0.1:0',
      'ssl.keystore.certificate.chain': certificate,
      'ssl.keystore.key': key,
      'ssl.truststore.certificates': authority.certificate,
      'ssl.client.auth': 'required',
      'millrace.audit.log': 'log',
    },
    { ...silentLogger, info },
  );
  const { port } = secured.kafka.listeners[0]!;
  expect(await isServed(port, { ca: authority.certificate, servername: 'localhost' })).toBe(false);
  await secured.close();
  expect(lines.join('\n')).toMatch(/^audit .*"authentication-failed".*"SSL"/m);
});

const WITH_HTTP = {
  listeners: 'PLAINTEXT://127.0.0.1:0',
  'millrace.http.listener': '127.0.0.1:0',
};

test('tells over HTTP that it may be asked, and what it knows of the cluster', async () => {
  expect(observer.httpAddress).toBe('');
  const other = await observing(WITH_HTTP);
  const get = (path: string) => fetch(`http://${other.httpAddress}${path}`);
  try {
    expect(await (await get('/livez')).text()).toBe('ok\n');
    expect(await (await get('/readyz')).json()).toEqual({ ready: true, reasons: [], warnings: [] });
    const page = await (await get('/metrics')).text();
    expect(page).toContain('millrace_cluster_brokers{state="active"} 2\n');
    expect(page).toContain('millrace_cluster_brokers{state="fenced"} 1\n');
    expect(page).toContain('millrace_controller_leader 1\n');
    expect((await get('/topics')).status).toBe(404);
  } finally {
    await other.close();
  }
});

test('is not ready before it has caught up with the controllers', async () => {
  const answer = controller.onFetch;
  controller.onFetch = () => ({ errorCode: ERROR.UNKNOWN_LEADER_EPOCH });
  const other = newObserver(WITH_HTTP);
  const listening = other.listen();
  try {
    await expect.poll(() => other.httpAddress).not.toBe('');
    const readyz = () => fetch(`http://${other.httpAddress}/readyz`);
    const refusal = await readyz();
    expect(refusal.status).toBe(503);
    expect(await refusal.json()).toMatchObject({
      ready: false,
      reasons: ['it has not caught up with the controllers'],
    });
    controller.onFetch = answer;
    await listening;
    expect((await readyz()).status).toBe(200);
  } finally {
    controller.onFetch = answer;
    await listening;
    await other.close();
  }
});
