import { existsSync, mkdtempSync, readdirSync, readFileSync, renameSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
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
const UNASSIGNED = 'AAAAAAAAAAAAAAAAAAAAAQ';

let cluster: ScriptedCluster;
let root: string;
let one: string;
let two: string;
let port: number;
let node: ClusterNode;
let client: WireClient | null;
let fatal: Error[];

beforeEach(async () => {
  fatal = [];
  client = null;
  cluster = await ScriptedCluster.start();
  root = mkdtempSync(join(tmpdir(), 'millrace-log-dirs-'));
  one = join(root, 'one');
  two = join(root, 'two');
  port = await freePort();
  await start();
});

afterEach(async () => {
  client?.close();
  await node.close();
  await cluster.close();
  rmSync(root, { recursive: true });
});

async function start(): Promise<void> {
  const place = { nodeId: NODE, port, dataDir: `${one},${two}` };
  node = clusterBrokerNode(cluster, place, {}, (error) => fatal.push(error));
  await node.start();
  client = await WireClient.open(port);
}

async function stop(): Promise<void> {
  client!.close();
  await node.close();
}

function idIn(directory: string): string {
  const meta = readFileSync(join(directory, 'meta.properties'), 'utf8');
  return /directory\.id=(\S+)/.exec(meta)![1]!;
}

/** A topic of this node; the controllers know these directories of its partitions. */
async function createTopic(name: string, directories: readonly string[]): Promise<void> {
  const led = { replicas: [NODE], isr: [NODE], leader: NODE };
  const partitions = directories.map((id, index) => {
    return partition(name, index, { ...led, directories: [id] });
  });
  cluster.commit(topic(name), ...partitions);
  await expect.poll(() => ends(name, directories.length - 1)).toMatchObject({ errorCode: 0 });
}

async function ends(name: string, partitionIndex: number) {
  const asked = { partitionIndex, currentLeaderEpoch: -1, timestamp: -1 };
  const topics = [{ name, partitions: [asked] }];
  const body = { replicaId: -1, isolationLevel: 0, topics };
  const answer = await client!.ask(API.LIST_OFFSETS, 7, body);
  return answer.topics[0]!.partitions[0]!;
}

async function produce(name: string, index: number, value = 'x') {
  const records = buildBatch([{ value: Buffer.from(value), timestamp: 1 }], { baseOffset: 0 });
  const topicData = [{ name, topicId: '', partitionData: [{ index, records }] }];
  const body = { transactionalId: null, acks: -1, timeoutMs: 1000, topicData };
  const answer = await client!.ask(API.PRODUCE, 12, body);
  return answer.responses[0]!.partitionResponses[0]!;
}

/** The values from the beginning on, as a consumer gets them. */
async function bytesOf(topicId: string, index: number): Promise<number> {
  const asked = { partition: index, currentLeaderEpoch: -1, fetchOffset: 0 };
  const more = { lastFetchedEpoch: -1, logStartOffset: -1, partitionMaxBytes: 1_000_000 };
  const answer = await client!.ask(API.FETCH, 16, {
    maxWaitMs: 0,
    minBytes: 0,
    maxBytes: 1_000_000,
    isolationLevel: 0,
    sessionId: 0,
    sessionEpoch: -1,
    topics: [{ topicId, partitions: [{ ...asked, ...more }] }],
    forgottenTopicsData: [],
    rackId: '',
  } as never);
  return answer.responses[0]!.partitions[0]!.records!.length;
}

async function described() {
  const { results } = await client!.ask(API.DESCRIBE_LOG_DIRS, 4, { topics: null });
  return results.map(({ logDir, errorCode, topics, totalBytes }) => ({
    logDir,
    errorCode,
    hasSize: totalBytes > 0,
    partitions: topics.flatMap(({ name, partitions }) => {
      return partitions.map(({ partitionIndex, isFutureKey }) => {
        return `${name}-${partitionIndex}${isFutureKey ? ' to come' : ''}`;
      });
    }),
  }));
}

async function alter(path: string, name: string, partition: number): Promise<number> {
  const dirs = [{ path, topics: [{ name, partitions: [partition] }] }];
  const { results } = await client!.ask(API.ALTER_REPLICA_LOG_DIRS, 2, { dirs });
  return results[0]!.partitions[0]!.errorCode;
}

function told(): string[] {
  return cluster.assignments.flatMap(({ directories }) => {
    return directories.flatMap(({ id, topics }) => {
      return topics.flatMap(({ topicId, partitions }) => {
        return partitions.map(({ partitionIndex }) => `${topicId}-${partitionIndex} in ${id}`);
      });
    });
  });
}

test('each directory has an id, and the controllers know them all', () => {
  expect(cluster.registrations[0]!.logDirs.toSorted()).toEqual([idIn(one), idIn(two)].toSorted());
  expect(idIn(one)).not.toBe(idIn(two));
});

test('new partitions go where there are the fewest, and the controllers are told', async () => {
  await createTopic('orders', [UNASSIGNED, UNASSIGNED, UNASSIGNED]);
  expect(await produce('orders', 1)).toMatchObject({ errorCode: 0 });
  expect(await described()).toEqual([
    { logDir: one, errorCode: 0, hasSize: true, partitions: ['orders-0', 'orders-2'] },
    { logDir: two, errorCode: 0, hasSize: true, partitions: ['orders-1'] },
  ]);
  const id = idOf('orders');
  await expect
    .poll(() => told().toSorted())
    .toEqual(
      [`${id}-0 in ${idIn(one)}`, `${id}-1 in ${idIn(two)}`, `${id}-2 in ${idIn(one)}`].toSorted(),
    );
});

test('a partition goes where the controllers know it, and nothing is told', async () => {
  await createTopic('orders', [idIn(two)]);
  expect(existsSync(join(two, 'orders-0'))).toBe(true);
  await createTopic('later', [UNASSIGNED]);
  await expect.poll(told).toEqual([`${idOf('later')}-0 in ${idIn(one)}`]);
});

test('what lies elsewhere at a start is served from there, and told', async () => {
  await createTopic('orders', [idIn(two)]);
  await produce('orders', 0);
  await stop();
  renameSync(join(two, 'orders-0'), join(one, 'orders-0'));
  for (const name of readdirSync(two)) {
    if (name.endsWith('-checkpoint')) renameSync(join(two, name), join(one, name));
  }
  await start();
  expect(await ends('orders', 0)).toMatchObject({ errorCode: 0, offset: 1 });
  await expect.poll(told).toEqual([`${idOf('orders')}-0 in ${idIn(one)}`]);
});

describe('a disk that fails', () => {
  /** The files of a partition go while it is written. */
  async function lose(directory: string, name: string, index: number): Promise<void> {
    expect(await produce(name, index)).toMatchObject({ errorCode: 0 });
    rmSync(join(directory, `${name}-${index}`), { recursive: true });
    await expect
      .poll(async () => (await produce(name, index)).errorCode, { timeout: 5000 })
      .toBe(ERROR.KAFKA_STORAGE_ERROR);
  }

  test('takes what lies on it away, and the rest goes on', async () => {
    await createTopic('orders', [idIn(one), idIn(two), idIn(two)]);
    await lose(two, 'orders', 1);
    await expect.poll(() => cluster.heartbeats.at(-1)!.offlineLogDirs).toEqual([idIn(two)]);
    expect(await produce('orders', 2)).toMatchObject({ errorCode: ERROR.KAFKA_STORAGE_ERROR });
    expect(await produce('orders', 0)).toMatchObject({ errorCode: 0 });
    const lost = { errorCode: ERROR.KAFKA_STORAGE_ERROR, hasSize: false, partitions: [] };
    expect(await described()).toEqual([
      { logDir: one, errorCode: 0, hasSize: true, partitions: ['orders-0'] },
      { logDir: two, ...lost },
    ]);
    await createTopic('later', [UNASSIGNED, UNASSIGNED]);
    expect(readdirSync(one)).toEqual(expect.arrayContaining(['later-0', 'later-1']));
    expect(await alter(two, 'orders', 0)).toBe(ERROR.KAFKA_STORAGE_ERROR);
    expect(fatal).toEqual([]);
  });

  test('is used again at the next start, under its id', async () => {
    await createTopic('orders', [idIn(one), idIn(two), idIn(two)]);
    await produce('orders', 2);
    await lose(two, 'orders', 1);
    const id = idIn(two);
    await stop();
    await start();
    expect(idIn(two)).toBe(id);
    expect(cluster.registrations.at(-1)!.previousBrokerEpoch).toBe(-1);
    expect(cluster.heartbeats.at(-1)!.offlineLogDirs).toEqual([]);
    expect(await ends('orders', 2)).toMatchObject({ errorCode: 0, offset: 1 });
  });

  test('that is empty at the next start has another id, and gets its partitions anew', async () => {
    await createTopic('orders', [idIn(one), idIn(two)]);
    await lose(two, 'orders', 1);
    const id = idIn(two);
    await stop();
    rmSync(two, { recursive: true });
    await start();
    expect(idIn(two)).not.toBe(id);
    expect(await produce('orders', 1)).toMatchObject({ errorCode: 0, baseOffset: 0 });
    const now = existsSync(join(two, 'orders-1')) ? two : one;
    await expect.poll(told).toContain(`${idOf('orders')}-1 in ${idIn(now)}`);
  });

  test('ends the broker where it was the last one', async () => {
    await createTopic('orders', [idIn(one), idIn(two)]);
    await lose(two, 'orders', 1);
    await lose(one, 'orders', 0);
    await expect
      .poll(() => fatal.map(({ message }) => message))
      .toContainEqual(expect.stringContaining('all log directories are lost'));
  });
});

describe('a replica moves to another directory', () => {
  test('with all its records, and the controllers know before it is there', async () => {
    await createTopic('orders', [idIn(one)]);
    for (let i = 0; i < 20; i++) await produce('orders', 0, 'x'.repeat(1000));
    const before = await bytesOf(idOf('orders'), 0);
    expect(await alter(two, 'orders', 0)).toBe(0);
    await expect.poll(async () => (await described())[1]!.partitions).toEqual(['orders-0']);
    expect(told()).toEqual([`${idOf('orders')}-0 in ${idIn(two)}`]);
    expect(await ends('orders', 0)).toMatchObject({ errorCode: 0, offset: 20 });
    expect(await bytesOf(idOf('orders'), 0)).toBe(before);
    expect(await produce('orders', 0)).toMatchObject({ errorCode: 0, baseOffset: 20 });
    expect((await described())[0]!.partitions).toEqual([]);
    expect(existsSync(join(one, 'orders-0'))).toBe(false);
    await stop();
    await start();
    expect(await ends('orders', 0)).toMatchObject({ errorCode: 0, offset: 21 });
    expect(existsSync(join(two, 'orders-0'))).toBe(true);
  });

  test('while records come, and none is lost', async () => {
    await createTopic('orders', [idIn(one)]);
    let count = 0;
    let isMoved = false;
    for (; count < 100; count++) await produce('orders', 0, 'x'.repeat(10_000));
    expect(await alter(two, 'orders', 0)).toBe(0);
    while (!isMoved) {
      expect(await produce('orders', 0)).toMatchObject({ errorCode: 0, baseOffset: count++ });
      isMoved = existsSync(join(two, 'orders-0'));
    }
    expect(await produce('orders', 0)).toMatchObject({ errorCode: 0, baseOffset: count });
    expect(await ends('orders', 0)).toMatchObject({ errorCode: 0, offset: count + 1 });
  });

  test('only where it can be', async () => {
    await createTopic('orders', [idIn(one)]);
    expect(await alter(one, 'orders', 0)).toBe(0);
    expect(await alter(join(root, 'three'), 'orders', 0)).toBe(ERROR.LOG_DIR_NOT_FOUND);
    expect(await alter(two, 'unknown', 0)).toBe(ERROR.UNKNOWN_TOPIC_OR_PARTITION);
    expect(await alter(two, 'x'.repeat(230), 0)).toBe(ERROR.INVALID_TOPIC_EXCEPTION);
    cluster.createTopic('elsewhere', [9]);
    await expect.poll(() => node.metadata.image.topicsByName.has('elsewhere')).toBe(true);
    await expect.poll(() => alter(two, 'elsewhere', 0)).toBe(ERROR.REPLICA_NOT_AVAILABLE);
  });

  test('or begins there, once the node holds it', async () => {
    expect(await alter(two, 'orders', 0)).toBe(ERROR.UNKNOWN_TOPIC_OR_PARTITION);
    await createTopic('orders', [UNASSIGNED]);
    expect(existsSync(join(two, 'orders-0'))).toBe(true);
  });
});

test('a directory of another node or cluster is refused', async () => {
  await stop();
  const place = { nodeId: 6, port, dataDir: `${join(root, 'fresh')},${two}` };
  const other = () => clusterBrokerNode(cluster, place, {}, (error) => fatal.push(error));
  expect(other).toThrow(`${two} belongs to node ${NODE}`);
});

test('a deleted topic leaves the count of its directory', async () => {
  await createTopic('orders', [UNASSIGNED]);
  cluster.commit(kraft('removeTopic', { topicId: idOf('orders') }));
  await expect.poll(() => existsSync(join(one, 'orders-0'))).toBe(false);
  await createTopic('later', [UNASSIGNED]);
  expect(existsSync(join(one, 'later-0'))).toBe(true);
});
