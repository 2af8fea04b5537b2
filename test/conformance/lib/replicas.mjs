/** Replicas of the partitions of a cluster: who has them, who is in sync, and whether they are equal. */

import { existsSync } from 'node:fs';
import { readdir, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { Connection } from '#millrace/client/net/connection';
import { controllerSettings } from '#millrace/cluster/quorum/controller-settings';
import { API } from '#millrace/protocol/api-keys';
import { buildBatch } from '#millrace/records/batch-builder';
import {
  baseOffset,
  baseSequence,
  LOG_OVERHEAD,
  lastOffset,
  magic,
  partitionLeaderEpoch,
  producerEpoch,
  producerId,
  sizeInBytes,
} from '#millrace/records/batch-layout';
import { withScratch } from './clients.mjs';
import { tool, tryTool } from './kafka-tools.mjs';

const LIMIT_MS = 90_000;
const LOOK_MS = 100;
const ANSWER_MS = 5_000;
const MAGIC = 2;
const LATEST = -1;
const [READ_UNCOMMITTED, READ_COMMITTED] = [0, 1];
const EARLIEST = -2;
/** Names of topics, the last version with which is 12. */
const BY_NAME = { maxVersion: 12 };

/** Asks one node over a connection of its own. */
export async function withNode({ host, port }, work) {
  const times = { requestTimeoutMs: ANSWER_MS, connectTimeoutMs: ANSWER_MS };
  const connection = await Connection.open(
    { host, port },
    controllerSettings(0, times, () => {}),
  );
  try {
    return await work(connection);
  } finally {
    connection.close();
  }
}

/** The partitions of a topic as a node tells them: `{ partition, leader, epoch, isr, replicas }`. */
export function partitionsAt(node, topic) {
  return withNode(node, async (connection) => {
    const { topics } = await connection.ask(API.METADATA, {
      topics: [{ name: topic }],
      allowAutoTopicCreation: false,
      includeClusterAuthorizedOperations: false,
      includeTopicAuthorizedOperations: false,
    });
    return topics[0].partitions
      .map(({ partitionIndex, leaderId, leaderEpoch, isrNodes, replicaNodes }) => ({
        partition: partitionIndex,
        leader: leaderId,
        epoch: leaderEpoch,
        isr: isrNodes.sort((one, other) => one - other),
        replicas: replicaNodes,
      }))
      .sort((one, other) => one.partition - other.partition);
  });
}

/** The ids of the brokers that a node sends clients to: those that are not fenced. */
export function brokersAt(node) {
  return withNode(node, async (connection) => {
    const { brokers } = await connection.ask(API.METADATA, {
      topics: [],
      allowAutoTopicCreation: false,
      includeClusterAuthorizedOperations: false,
      includeTopicAuthorizedOperations: false,
    });
    return brokers.map(({ nodeId }) => nodeId);
  });
}

/** Waits for what is told by the first node that answers; resolves with it. */
export async function untilPartitions(nodes, topic, what, isSo, limitMs = LIMIT_MS) {
  const untilMs = Date.now() + limitMs;
  let said = 'nothing';
  for (;;) {
    for (const node of nodes.filter(({ isUp }) => isUp)) {
      try {
        const partitions = await partitionsAt(node, topic);
        if (isSo(partitions)) return partitions;
        said = `${node.id} says ${JSON.stringify(partitions)}`;
        break;
      } catch (error) {
        said = `${node.id}: ${error.message}`;
      }
    }
    if (Date.now() > untilMs) throw new Error(`${topic}: did not happen: ${what}: ${said}`);
    await new Promise((resolve) => setTimeout(resolve, LOOK_MS));
  }
}

/**
 * All replicas of all partitions are in sync, for every broker that is up: one that just goes on
 * tells what was so before it stood still.
 */
export async function untilInSync(cluster, topic, limitMs) {
  const what = 'all replicas are in sync';
  const isSo = (partitions) => partitions.every(isWhole);
  let told = [];
  for (const node of cluster.brokers.filter(({ isUp }) => isUp)) {
    told = await untilPartitions([node], topic, what, isSo, limitMs);
  }
  return told;
}

export async function untilAllInSync(cluster, topics, limitMs) {
  for (const topic of topics) await untilInSync(cluster, topic, limitMs);
}

function isWhole({ leader, isr, replicas }) {
  return leader >= 0 && isr.length === replicas.length;
}

export function untilLeader(cluster, topic, partition, leader) {
  return untilPartitions(
    cluster.brokers,
    topic,
    `${leader} leads partition ${partition}`,
    (partitions) => partitions[partition]?.leader === leader,
  );
}

/** The high watermark, which a leader tells once it knows it. */
export function highWatermark(cluster, topic, partition) {
  return offsetOf(cluster, topic, partition, {});
}

/** Up to where no transaction is open. */
export function lastStableOffset(cluster, topic, partition) {
  return offsetOf(cluster, topic, partition, { isolationLevel: READ_COMMITTED });
}

/** The first offset that is there. */
export function logStart(cluster, topic, partition) {
  return offsetOf(cluster, topic, partition, { timestamp: EARLIEST });
}

async function offsetOf(cluster, topic, partition, which) {
  const untilMs = Date.now() + LIMIT_MS;
  for (;;) {
    const partitions = await untilPartitions(cluster.brokers, topic, 'a leader', (all) => {
      return all[partition].leader >= 0;
    });
    try {
      const leader = cluster.broker(partitions[partition].leader);
      return await offsetAt(leader, topic, partition, which);
    } catch (error) {
      if (Date.now() > untilMs) throw error;
    }
    await new Promise((resolve) => setTimeout(resolve, LOOK_MS));
  }
}

function offsetAt(node, topic, partition, which) {
  const { timestamp = LATEST, isolationLevel = READ_UNCOMMITTED } = which;
  return withNode(node, async (connection) => {
    const place = { partitionIndex: partition, currentLeaderEpoch: -1, timestamp };
    const answer = await connection.ask(API.LIST_OFFSETS, {
      replicaId: -1,
      isolationLevel,
      topics: [{ name: topic, partitions: [place] }],
      timeoutMs: ANSWER_MS,
    });
    const { errorCode, offset } = answer.topics[0].partitions[0];
    if (errorCode !== 0) throw new Error(`${topic}-${partition} at ${node.id}: error ${errorCode}`);
    return offset;
  });
}

/** One answer of a fetch by a consumer, which may read from any replica. */
export async function fetchFrom(connection, topic, partition, fetchOffset, options = {}) {
  const { maxWaitMs = 0, isCommitted = false } = options;
  const place = { partition, fetchOffset, currentLeaderEpoch: -1, partitionMaxBytes: 1 << 20 };
  const body = {
    replicaId: -1,
    maxWaitMs,
    minBytes: 1,
    maxBytes: 4 << 20,
    isolationLevel: isCommitted ? READ_COMMITTED : READ_UNCOMMITTED,
    sessionId: 0,
    sessionEpoch: -1,
    topics: [{ topic, partitions: [place] }],
    forgottenTopicsData: [],
    rackId: '',
  };
  const answer = await connection.ask(API.FETCH, body, BY_NAME);
  return answer.responses[0].partitions[0];
}

/** Writes a batch at a broker, whether it leads or not; resolves with the error code. */
export function produceAt(node, topic, partition, acks, values = ['value']) {
  const timestamp = Date.now();
  const records = buildBatch(
    values.map((value) => ({ value: Buffer.from(value), timestamp })),
    {},
  );
  const body = {
    transactionalId: null,
    acks,
    timeoutMs: ANSWER_MS - 1_000,
    topicData: [{ name: topic, partitionData: [{ index: partition, records }] }],
  };
  return withNode(node, async (connection) => {
    const answer = await connection.ask(API.PRODUCE, body, BY_NAME);
    return answer.responses[0].partitionResponses[0].errorCode;
  });
}

async function logFiles(node, topic, partition) {
  const folders = node.dataDirs.map((dir) => join(dir, `${topic}-${partition}`));
  const folder = folders.find((each) => existsSync(each)) ?? folders[0];
  const names = (await readdir(folder)).filter((name) => name.endsWith('.log'));
  return names.sort().map((name) => join(folder, name));
}

/** The batches on a node's disk below an offset: `{ offset, last, epoch, producer, bytes }`. */
export async function batchesOf(node, topic, partition, end) {
  const batches = [];
  for (const file of await logFiles(node, topic, partition)) {
    const bytes = await readFile(file);
    for (let at = 0; at + LOG_OVERHEAD < bytes.length; ) {
      const size = sizeInBytes(bytes, at);
      if (magic(bytes, at) !== MAGIC || at + size > bytes.length) break;
      const offset = baseOffset(bytes, at);
      if (offset >= end) return batches;
      batches.push({
        offset,
        last: lastOffset(bytes, at),
        epoch: partitionLeaderEpoch(bytes, at),
        producer: [producerId(bytes, at), producerEpoch(bytes, at), baseSequence(bytes, at)],
        bytes: bytes.subarray(at, at + size),
      });
      at += size;
    }
  }
  return batches;
}

const told = ({ bytes, ...batch }) => `${JSON.stringify(batch)} of ${bytes.length} bytes`;

/**
 * Every replica has the same bytes below the high watermark. Answers how many bytes all of them
 * are, once; throws with the first batch that differs.
 */
export async function compareReplicas(cluster, topic) {
  const partitions = await untilInSync(cluster, topic);
  let bytes = 0;
  for (const { partition, replicas } of partitions) {
    const end = await highWatermark(cluster, topic, partition);
    const [first, ...others] = replicas.map((id) => cluster.broker(id));
    const wanted = await batchesOf(first, topic, partition, end);
    for (const other of others) {
      const found = await batchesOf(other, topic, partition, end);
      const where = `${topic}-${partition} below ${end}, broker ${first.id} and ${other.id}`;
      requireEqual(wanted, found, where);
    }
    const last = wanted.at(-1)?.last ?? -1;
    if (last + 1 !== end) throw new Error(`${topic}-${partition}: ends at ${last}, not ${end}`);
    bytes += wanted.reduce((sum, batch) => sum + batch.bytes.length, 0);
  }
  return bytes;
}

function requireEqual(wanted, found, where) {
  for (const [i, batch] of wanted.entries()) {
    const other = found[i];
    if (other === undefined) throw new Error(`${where}: no ${told(batch)}`);
    if (!batch.bytes.equals(other.bytes)) {
      throw new Error(`${where}: ${told(batch)} and ${told(other)}`);
    }
  }
  if (found.length > wanted.length) {
    throw new Error(`${where}: only the other has ${told(found[wanted.length])}`);
  }
}

/**
 * Kafka's DumpLogSegments tells the same of every replica, and that all batches are valid. It reads
 * copies: millrace's last segment is followed by room for more, which the tool takes for a defect.
 */
export async function compareDumps(cluster, topic, partition) {
  const end = await highWatermark(cluster, topic, partition);
  const { replicas } = (await untilInSync(cluster, topic))[partition];
  const dumps = [];
  for (const id of replicas) {
    const batches = await batchesOf(cluster.broker(id), topic, partition, end);
    dumps.push(await dumpOf(batches));
    if (/isvalid: false/.test(dumps.at(-1))) throw new Error(`broker ${id} has a bad batch`);
  }
  for (const [i, dump] of dumps.entries()) {
    if (dump !== dumps[0]) throw new Error(`DumpLogSegments: ${replicas[0]} and ${replicas[i]}`);
  }
  if (!dumps[0].includes('baseOffset: ')) throw new Error('DumpLogSegments tells of no batch');
}

function dumpOf(batches) {
  return withScratch(async (folder) => {
    const name = String(batches[0]?.offset ?? 0).padStart(20, '0');
    const file = join(folder, `${name}.log`);
    await writeFile(file, Buffer.concat(batches.map(({ bytes }) => bytes)));
    const text = await tool('DumpLogSegments', ['--deep-iteration', '--files', file]);
    return text.replaceAll(folder, '');
  });
}

/** Kafka's ReplicaVerificationTool reads every replica from its beginning and finds no lag. */
export async function verifyReplicas(cluster, topic) {
  const flags = ['--broker-list', cluster.bootstrap, '--topics-include', topic, '--time', '-2'];
  const lastWords = /max lag is 0 /;
  const options = { lastWords, timeoutMs: 60_000 };
  const report = ['--report-interval-ms', '1000'];
  const { stdout, stderr } = await tryTool(
    'ReplicaVerificationTool',
    [...flags, ...report],
    options,
  );
  const wrong = /.*(?:doesn't match|unmatched checksum).*/.exec(stdout);
  if (wrong !== null) throw new Error(`ReplicaVerificationTool: ${wrong[0]}`);
  if (lastWords.test(stdout)) return;
  throw new Error(`ReplicaVerificationTool says ${stdout.slice(-800)} ${stderr.slice(-800)}`);
}
