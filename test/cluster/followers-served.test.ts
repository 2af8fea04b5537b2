/** What the broker of a cluster does for another one that follows its partitions. */
import { existsSync, mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import type { ClusterNode } from '#millrace/broker/cluster-node';
import { ERROR } from '../../src/base/kafka-errors.ts';
import { API } from '../../src/protocol/api-keys.ts';
import { buildBatch } from '../../src/records/batch-builder.ts';
import { freePort } from '../conformance/lib/brokers.mjs';
import { WireClient } from '../support/wire-client.ts';
import { clusterBrokerNode } from './cluster-broker-node.ts';
import { idOf, kraft, partition, topic } from './kraft-records.ts';
import { ScriptedCluster } from './scripted-cluster.ts';

const NODE = 5;
const OTHER = 9;
const OTHER_EPOCH = 3;
const TOPIC = 'shared';

let cluster: ScriptedCluster;
let dataDir: string;
let node: ClusterNode;
let httpAddress: string;
let client: WireClient;
let follower: WireClient;

beforeEach(async () => {
  cluster = await ScriptedCluster.start();
  dataDir = mkdtempSync(join(tmpdir(), 'millrace-followers-'));
  const port = await freePort();
  const config = {
    'millrace.http.listener': '127.0.0.1:0',
    'replica.high.watermark.checkpoint.interval.ms': 20,
  };
  node = clusterBrokerNode(cluster, { nodeId: NODE, port, dataDir }, config, (error) => {
    expect(error).toBeNull();
  });
  httpAddress = (await node.start())!.httpAddress;
  client = await WireClient.open(port);
  follower = await WireClient.open(port);
  cluster.commit(
    kraft('registerBroker', {
      brokerId: OTHER,
      brokerEpoch: OTHER_EPOCH,
      incarnationId: idOf('other'),
      endPoints: [],
      features: [],
      rack: null,
      fenced: false,
      logDirs: [],
    }),
  );
});

afterEach(async () => {
  client.close();
  follower.close();
  await node.close();
  await cluster.close();
  rmSync(dataDir, { recursive: true });
});

async function lead(isr: number[]): Promise<void> {
  const replicas = { replicas: [NODE, OTHER], isr, leader: NODE };
  cluster.commit(topic(TOPIC), partition(TOPIC, 0, replicas));
  await expect.poll(async () => (await endOf(-1)).errorCode).toBe(0);
}

async function endOf(replicaId: number) {
  const asked = { partitionIndex: 0, currentLeaderEpoch: -1, timestamp: -1 };
  const topics = [{ name: TOPIC, partitions: [asked] }];
  const answer = await follower.ask(API.LIST_OFFSETS, 7, { replicaId, isolationLevel: 0, topics });
  return answer.topics[0]!.partitions[0]!;
}

async function produce(value: string, acks = -1) {
  const records = buildBatch([{ value: Buffer.from(value), timestamp: 1 }], { baseOffset: 0 });
  const topicData = [{ name: TOPIC, topicId: '', partitionData: [{ index: 0, records }] }];
  const body = { transactionalId: null, acks, timeoutMs: 30_000, topicData };
  const answer = await client.ask(API.PRODUCE, 12, body);
  return answer.responses[0]!.partitionResponses[0]!;
}

async function follow(
  fetchOffset: number,
  {
    lastFetchedEpoch = -1,
    maxWaitMs = 0,
    replicaId = OTHER,
    replicaEpoch = OTHER_EPOCH,
    sessionEpoch = -1,
  } = {},
) {
  const asked = {
    partition: 0,
    currentLeaderEpoch: 0,
    fetchOffset,
    lastFetchedEpoch,
    logStartOffset: 0,
    partitionMaxBytes: 1_000_000,
  };
  const answer = await follower.ask(API.FETCH, 17, {
    replicaState: { replicaId, replicaEpoch },
    maxWaitMs,
    minBytes: 1,
    maxBytes: 1_000_000,
    isolationLevel: 0,
    sessionId: 0,
    sessionEpoch,
    topics: [{ topicId: idOf(TOPIC), partitions: [asked] }],
    forgottenTopicsData: [],
    rackId: '',
  } as never);
  return answer.responses[0]!.partitions[0]!;
}

test('acknowledges what a follower has fetched, and lets it be read', async () => {
  await lead([NODE, OTHER]);
  const waiting = follow(0, { maxWaitMs: 30_000 });
  const produced = produce('one');
  const fetched = await waiting;
  expect(fetched).toMatchObject({ errorCode: 0, highWatermark: 0 });
  expect(fetched.records!.length).toBeGreaterThan(0);
  expect([(await endOf(-1)).offset, (await endOf(OTHER)).offset]).toEqual([0, 1]);
  await follow(1, { lastFetchedEpoch: 0 });
  expect(await produced).toMatchObject({ errorCode: 0, baseOffset: 0 });
  expect((await endOf(-1)).offset).toBe(1);
  expect(await follow(1)).toMatchObject({ errorCode: 0, highWatermark: 1 });
});

test('asks for a follower that has caught up to be in sync', async () => {
  await lead([NODE]);
  expect(await produce('one')).toMatchObject({ errorCode: 0 });
  await follow(0);
  await follow(1);
  await expect.poll(() => cluster.alterations.length).toBe(1);
  const inSync = () => node.metadata.image.topicsByName.get(TOPIC)!.partitions[0]!.inSyncReplicas;
  await expect.poll(inSync).toEqual([NODE, OTHER]);
});

test('refuses brokers without a replica, and those that registered anew since', async () => {
  await lead([NODE, OTHER]);
  expect((await follow(0, { replicaId: 7 })).errorCode).toBe(ERROR.UNKNOWN_LEADER_EPOCH);
  const old = await follow(0, { replicaEpoch: OTHER_EPOCH - 1 });
  expect(old.errorCode).toBe(ERROR.NOT_LEADER_OR_FOLLOWER);
});

test('tells a follower where their logs part', async () => {
  await lead([NODE, OTHER]);
  await produce('one', 1);
  cluster.moveLeader(TOPIC, 0, NODE);
  await expect.poll(async () => (await endOf(OTHER)).leaderEpoch).toBe(1);
  const asked = { partition: 0, currentLeaderEpoch: 1, leaderEpoch: 0 };
  const topics = [{ topic: TOPIC, partitions: [asked] }];
  const { topics: told } = await client.ask(API.OFFSET_FOR_LEADER_EPOCH, 4, {
    replicaId: OTHER,
    topics,
  });
  expect(told[0]!.partitions[0]).toMatchObject({ errorCode: 0, leaderEpoch: 0, endOffset: 1 });
});

/** A figure of /metrics by its name and labels. */
async function figure(name: string): Promise<number | undefined> {
  const page = await (await fetch(`http://${httpAddress}/metrics`)).text();
  const line = page.split('\n').find((each) => each.startsWith(`${name} `));
  return line === undefined ? undefined : Number(line.slice(name.length + 1));
}

test('writes how far its partitions may be read, soon after that has moved', async () => {
  await lead([NODE]);
  await produce('one');
  const path = join(dataDir, 'replication-offset-checkpoint');
  const text = () => (existsSync(path) ? readFileSync(path, 'utf8') : '');
  await expect.poll(text).toContain(`${TOPIC} 0 1\n`);
});

test('tells of its place in the cluster', async () => {
  await lead([NODE]);
  await produce('one');
  expect(await figure('kafka_brokers')).toBe(2);
  expect(await figure('millrace_cluster_brokers{state="active"}')).toBe(2);
  expect(await figure('millrace_broker_fenced')).toBe(0);
  expect(await figure('millrace_offline_log_directories')).toBe(0);
  expect(await figure('millrace_leader_partitions')).toBe(1);
  expect(await figure('millrace_under_replicated_partitions')).toBe(1);
  expect(await figure('millrace_under_min_isr_partitions')).toBe(0);
  expect(await figure('millrace_isr_changes_total{change="expand"}')).toBe(0);
  await follow(1);
  await expect.poll(() => figure('millrace_under_replicated_partitions')).toBe(0);
  expect(await figure('millrace_isr_changes_total{change="expand"}')).toBe(1);
  expect(await figure('millrace_controller_leader')).toBe(node.metadata.quorum.leaderId);
  expect(await figure('millrace_metadata_offset')).toBe(node.metadata.image.offset);
  expect(await figure('millrace_heartbeats_total')).toBeGreaterThan(0);
  expect(await figure('millrace_heartbeat_late_seconds_max')).toBeGreaterThanOrEqual(0);
  expect(await figure('millrace_heartbeat_answer_seconds_max')).toBeGreaterThan(0);
});

test('tells the page of the cluster, and how far followers are behind', async () => {
  await lead([NODE]);
  cluster.commit(topic('lost'), partition('lost', 0, { replicas: [OTHER], isr: [], leader: -1 }));
  for (const value of ['one', 'two', 'three']) await produce(value);
  await follow(1, { sessionEpoch: 0 });
  const shown = async () => await (await fetch(`http://${httpAddress}/cluster`)).json();
  await expect.poll(shown).toMatchObject({
    nodeId: NODE,
    isFenced: false,
    controllers: { leaderId: node.metadata.quorum.leaderId },
    brokers: [
      { id: NODE, state: 'active', leaders: 1, replicas: 1 },
      { id: OTHER, address: '', state: 'active', leaders: 0, replicas: 2 },
    ],
    partitions: {
      count: 2,
      underReplicated: 2,
      underMinimum: 1,
      offline: 1,
      worst: [
        { partition: 'lost-0', leader: -1, inSync: [], replicas: [OTHER] },
        { partition: `${TOPIC}-0`, leader: NODE, inSync: [NODE], replicas: [NODE, OTHER] },
      ],
    },
    inSyncChanges: { expansions: 0, shrinks: 0, refusals: 0 },
    followers: [{ id: OTHER, partitions: 1, lag: 2, worst: `${TOPIC}-0` }],
    lostLogDirs: [],
  });
});
