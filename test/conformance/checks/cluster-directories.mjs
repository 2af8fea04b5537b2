/**
 * Brokers with two log directories each: what Kafka's tools tell of them and move between them, and
 * what clients notice where a disk is gone.
 */

import { existsSync } from 'node:fs';
import { rename, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { withScratch } from '../lib/clients.mjs';
import { CLUSTER_ID } from '../lib/cluster.mjs';
import { castLabel, REPLICA_BROKERS } from '../lib/cluster-casts.mjs';
import { expectEqual, expectMatch, tool, tryTool } from '../lib/kafka-tools.mjs';
import { withReplicaCluster } from '../lib/replica-cluster.mjs';
import { compareReplicas, untilInSync, untilPartitions } from '../lib/replicas.mjs';
import { underWriters } from '../lib/under-writers.mjs';
import { until } from '../lib/until.mjs';

const TOPIC = 'spread';
const PARTITIONS = 6;
const LIMIT_MS = 60_000;
/** A lost disk is noticed by the next file that is written on it. */
const NOTICED_SOON = {
  'log.flush.offset.checkpoint.interval.ms': '1000',
  'replica.high.watermark.checkpoint.interval.ms': '1000',
};

function at(cluster) {
  return ['--bootstrap-server', cluster.bootstrap];
}

/** What LogDirsCommand tells of a broker: for each directory its error and its partitions. */
async function describe(cluster, { id }) {
  const which = ['--describe', '--broker-list', String(id), '--topic-list', TOPIC];
  const lines = (await tool('LogDirsCommand', [...at(cluster), ...which])).split('\n');
  const { brokers } = JSON.parse(lines.find((line) => line.startsWith('{')));
  return brokers[0].logDirs
    .map(({ logDir, error, partitions }) => ({
      logDir,
      error,
      partitions: partitions
        .filter(({ isFuture }) => !isFuture)
        .map(({ partition }) => partition)
        .sort(),
    }))
    .sort((one, other) => (one.logDir < other.logDir ? -1 : 1));
}

function counts(told) {
  return told.map(({ partitions }) => partitions.length);
}

/** Each replica of the first partition goes to the other directory of its broker. */
async function moveAll(cluster) {
  const targets = new Map();
  for (const broker of cluster.brokers) {
    const told = await describe(cluster, broker);
    const target = told.find(({ partitions }) => !partitions.includes(`${TOPIC}-0`));
    targets.set(broker.id, target.logDir);
  }
  const ids = [...targets.keys()];
  const replica = { topic: TOPIC, partition: 0, replicas: ids, log_dirs: [...targets.values()] };
  await reassign(cluster, { version: 1, partitions: [replica] });
  for (const broker of cluster.brokers) {
    const told = await describe(cluster, broker);
    const found = told.find(({ partitions }) => partitions.includes(`${TOPIC}-0`));
    expectEqual(found.logDir, targets.get(broker.id), `where broker ${broker.id} has it`);
  }
}

async function reassign(cluster, plan) {
  await withScratch(async (folder) => {
    const file = join(folder, 'reassignment.json');
    await writeFile(file, JSON.stringify(plan));
    const args = [...at(cluster), '--reassignment-json-file', file];
    const told = await tool('ReassignPartitionsCommand', [...args, '--execute']);
    expectMatch(told, /Successfully started moving log directory/, '--execute');
    let said = '';
    const isDone = async () => {
      said = await tool('ReassignPartitionsCommand', [...args, '--verify']);
      return !/in progress|still/.test(said);
    };
    await until('the replicas have moved', isDone, LIMIT_MS);
    expectMatch(said, /Reassignment of replica .* completed successfully/, '--verify');
  });
}

/** What the tool is told of a directory that the broker does not have. */
async function moveNowhere(cluster) {
  await withScratch(async (folder) => {
    const [{ id }] = cluster.brokers;
    const replicas = cluster.brokers.map((broker) => broker.id);
    const logDirs = replicas.map((each) => (each === id ? '/no/such/directory' : 'any'));
    const replica = { topic: TOPIC, partition: 0, replicas, log_dirs: logDirs };
    const file = join(folder, 'reassignment.json');
    await writeFile(file, JSON.stringify({ version: 1, partitions: [replica] }));
    const args = [...at(cluster), '--reassignment-json-file', file, '--execute'];
    const { stdout, stderr } = await tryTool('ReassignPartitionsCommand', args);
    expectMatch(
      stdout + stderr,
      /LogDirNotFoundException|log directory .* not found/i,
      'the error',
    );
  });
}

/** The disk is gone: where its directory was nothing can be made. */
async function takeAway(directory) {
  await rename(directory, `${directory}.gone`);
  await writeFile(directory, 'a disk that is gone');
}

async function putBack(directory) {
  await rm(directory);
  await rename(`${directory}.gone`, directory);
}

async function restart(cluster, broker) {
  await broker.stop();
  await broker.start();
  await broker.ready();
  await untilInSync(cluster, TOPIC);
}

/** Others lead what was on the disk, and the broker goes on with the other one. */
async function loseDisk(cluster, broker, lost, kept) {
  const onIt = (await describe(cluster, broker)).find(({ logDir }) => logDir === lost).partitions;
  await takeAway(lost);
  await untilPartitions(cluster.brokers, TOPIC, 'others lead what was on the disk', (all) => {
    return all.every(({ partition, leader, isr }) => {
      const isOnIt = onIt.includes(`${TOPIC}-${partition}`);
      return leader >= 0 && (!isOnIt || (leader !== broker.id && !isr.includes(broker.id)));
    });
  });
  const told = await describe(cluster, broker);
  const [bad, good] = [lost, kept].map((dir) => told.find(({ logDir }) => logDir === dir));
  expectMatch(String(bad.error), /KafkaStorageException/, 'the error of the lost directory');
  expectEqual(bad.partitions, [], 'what is told to be in it');
  expectEqual([good.error, good.partitions.length > 0], [null, true], 'the other directory');
  expectEqual(broker.isUp, true, 'the broker is up');
}

async function directories(context, label, cluster) {
  const [broker] = cluster.brokers;
  const [one, two] = broker.dataDirs;
  await context.step(`${label}: partitions are spread over the directories`, async () => {
    const sizes = ['--partitions', String(PARTITIONS), '--replication-factor', '3'];
    const config = ['--config', 'min.insync.replicas=2', '--config', 'segment.bytes=1048576'];
    const create = ['--create', '--topic', TOPIC, ...sizes, ...config];
    await tool('TopicCommand', [...at(cluster), ...create]);
    await untilInSync(cluster, TOPIC);
    for (const each of cluster.brokers) {
      const told = await describe(cluster, each);
      expectEqual(counts(told), [PARTITIONS / 2, PARTITIONS / 2], `partitions of ${each.id}`);
      const facts = told.map(({ logDir, error }) => [logDir, error]);
      expectEqual(
        facts,
        each.dataDirs.map((dir) => [dir, null]),
        `directories of ${each.id}`,
      );
    }
  });
  await context.step(`${label}: replicas move between directories while records come`, async () => {
    await underWriters(cluster, TOPIC, () => moveAll(cluster));
    await moveNowhere(cluster);
  });
  await context.step(`${label}: a disk is lost; nothing acknowledged is`, async () => {
    await underWriters(cluster, TOPIC, async (steady) => {
      await loseDisk(cluster, broker, two, one);
      await steady.untilAllGoOn();
      await putBack(two);
      await restart(cluster, broker);
    });
  });
  await context.step(`${label}: an empty disk in its place gets its replicas anew`, async () => {
    await underWriters(cluster, TOPIC, async (steady) => {
      await loseDisk(cluster, broker, two, one);
      await broker.stop();
      await rm(two);
      await rm(`${two}.gone`, { recursive: true });
      await broker.format(CLUSTER_ID);
      await broker.start();
      await broker.ready();
      await steady.untilAllGoOn();
      await untilInSync(cluster, TOPIC);
    });
    expectEqual(
      counts(await describe(cluster, broker)).every((count) => count > 0),
      true,
      'both',
    );
    await compareReplicas(cluster, TOPIC);
  });
  await context.step(`${label}: a broker without any disk ends`, async () => {
    await loseDisk(cluster, broker, two, one);
    await takeAway(one);
    await until('it has ended', async () => !broker.isUp, LIMIT_MS);
    await putBack(one);
    await putBack(two);
    expectEqual(existsSync(join(two, 'meta.properties')), true, 'its directory is as it was');
    await broker.start();
    await broker.ready();
    await untilInSync(cluster, TOPIC);
    await compareReplicas(cluster, TOPIC);
  });
}

export const clusterDirectoryChecks = [
  {
    name: 'cluster-directories',
    proves: 'brokers with two log directories: placement, moves between them, a lost disk',
    needs: 'java, mvn',
    command: 'LogDirsCommand, ReassignPartitionsCommand with log_dirs',
    sets: ['full', 'cluster'],
    limitS: 900,
    run(context) {
      const cast = Array(3).fill(context.kind);
      const work = (cluster) => directories(context, castLabel(cast), cluster);
      const brokerConfig = { ...REPLICA_BROKERS, ...NOTICED_SOON };
      return withReplicaCluster(context, cast, work, { brokerDirs: 2, brokerConfig });
    },
  },
];
