/**
 * Topics with three replicas under Apache Kafka's controllers, on brokers of Kafka, of millrace and
 * of both: what Kafka's tools do to replicas, and what their clients are told meanwhile.
 */

import { join } from 'node:path';
import { CLIENTS, runJobs, withScratch } from '../lib/clients.mjs';
import { CASTS, castLabel } from '../lib/cluster-casts.mjs';
import { expectEqual } from '../lib/kafka-tools.mjs';
import { compareRecords, makeRecords, readRecords, writeRecords } from '../lib/records.mjs';
import { withReplicaCluster } from '../lib/replica-cluster.mjs';
import { createTopic, reassign, toolAt } from '../lib/replica-topics.mjs';
import {
  compareDumps,
  compareReplicas,
  produceAt,
  untilInSync,
  untilLeader,
  untilPartitions,
  verifyReplicas,
} from '../lib/replicas.mjs';
import { underWriters } from '../lib/under-writers.mjs';

const COUNT = 400;
const TOPIC = 'replicated';
const PARTITIONS = 3;
const REQUEST_TIMED_OUT = 7;
const NOT_ENOUGH_REPLICAS = 19;
const { java, librdkafka, 'franz-go': franzGo } = CLIENTS;

/** One client writes to each partition, another reads. */
async function writeAndRead(cluster, folder, { writer, reader, topic, seed }) {
  const files = [];
  const sent = [];
  for (let partition = 0; partition < PARTITIONS; partition += 1) {
    sent.push(makeRecords(COUNT, seed + partition));
    files.push(join(folder, `${topic}-${partition}.sent`));
    await writeRecords(files[partition], sent[partition]);
  }
  const produce = files.map((file, partition) => {
    return { do: 'produce', topic, partition, codec: 'lz4', idempotent: true, file };
  });
  const read = files.map((file) => file.replace('.sent', `.read-${seed}`));
  const consume = read.map((file, partition) => {
    return { do: 'consume', topic, partition, count: COUNT, file };
  });
  for (const [client, jobs] of [
    [writer, produce],
    [reader, consume],
  ]) {
    const wrong = await runJobs(client, cluster.brokers[0].bootstrap, jobs, folder);
    expectEqual(wrong, [null, null, null], jobs[0].do);
  }
  for (const [partition, file] of read.entries()) {
    compareRecords(sent[partition], await readRecords(file));
  }
}

/** Equal for our eyes, for Kafka's reader of files, and for its reader of replicas. */
async function allEqual(cluster, topic) {
  const bytes = await compareReplicas(cluster, topic);
  expectEqual(bytes > 0, true, 'bytes in the logs');
  await compareDumps(cluster, topic, 0);
}

async function replicated(context, label, cluster, folder) {
  const ids = cluster.brokers.map(({ id }) => id);
  const [a, b, c] = ids;
  const assignment = [
    [a, b, c],
    [b, c, a],
    [c, a, b],
  ];
  await context.step(`${label}: a topic with three replicas, all in sync`, async () => {
    await createTopic(cluster, TOPIC, assignment, { 'min.insync.replicas': '2' });
    const partitions = await untilInSync(cluster, TOPIC);
    expectEqual(
      partitions.map(({ leader }) => leader),
      ids,
      'leaders',
    );
  });
  const ways = [
    ['java', java, 'librdkafka', librdkafka],
    ['franz-go', franzGo, 'java', java],
  ];
  for (const [index, [name, writer, other, reader]] of ways.entries()) {
    await context.step(`${label}: ${name} writes with acks=all, ${other} reads`, async () => {
      const topic = `written-${name}`;
      await createTopic(cluster, topic, assignment, { 'min.insync.replicas': '2' });
      await writeAndRead(cluster, folder, { writer, reader, topic, seed: 10 * index });
      await allEqual(cluster, topic);
    });
  }
  await context.step(`${label}: ReplicaVerificationTool finds no difference`, () => {
    return verifyReplicas(cluster, 'written-java');
  });
  await context.step(`${label}: leadership is moved to each broker and back`, () => {
    return underWriters(cluster, TOPIC, async () => {
      for (const first of [b, c, a]) {
        const order = [first, ...ids.filter((id) => id !== first)];
        await reassign(cluster, TOPIC, [order, assignment[1], assignment[2]]);
        const where = ['--topic', TOPIC, '--partition', '0'];
        const type = ['--election-type', 'preferred'];
        await toolAt(cluster, 'LeaderElectionCommand', ...type, ...where);
        await untilLeader(cluster, TOPIC, 0, first);
      }
    });
  });
}

async function reassigned(context, label, cluster) {
  const [a, b, c] = cluster.brokers.map(({ id }) => id);
  const topic = 'reassigned';
  await context.step(`${label}: partitions are reassigned both ways under writers`, async () => {
    const begin = [
      [a, b],
      [b, c],
    ];
    await createTopic(cluster, topic, begin, { 'min.insync.replicas': '1' });
    await underWriters(cluster, topic, async () => {
      for (const next of [
        [
          [b, c],
          [c, a],
        ],
        [[c], [a, b, c]],
        [[a, b, c], [b]],
        begin,
      ]) {
        await reassign(cluster, topic, next);
      }
    });
  });
}

async function stopped(context, label, cluster) {
  for (const node of cluster.brokers) {
    const name = `${label}: ${node.kind}'s leader is stopped and a client that retries loses nothing`;
    await context.step(`${name} (${node.id})`, () => {
      return underWriters(cluster, TOPIC, async (steady) => {
        await node.stop();
        await untilPartitions(cluster.brokers, TOPIC, 'it is out of sync', (all) => {
          return all.every(({ leader, isr }) => leader !== node.id && !isr.includes(node.id));
        });
        await steady.untilAllGoOn();
        await node.start();
        await node.ready();
        await untilInSync(cluster, TOPIC);
      });
    });
  }
}

/** A broker of Kafka tells who is in sync a moment before its partitions go by it. */
async function refusalOf(leader, topic) {
  const errorCode = await produceAt(leader, topic, 0, -1);
  return errorCode === REQUEST_TIMED_OUT ? produceAt(leader, topic, 0, -1) : errorCode;
}

async function shrunk(context, label, cluster) {
  const topic = 'shrunk';
  const [leader, second, third] = cluster.brokers;
  const isr = (wanted) => {
    const ids = wanted.map(({ id }) => id);
    return untilPartitions([leader], topic, `${ids} are in sync`, ([{ isr: told }]) => {
      return `${told}` === `${ids.sort((one, other) => one - other)}`;
    });
  };
  await context.step(`${label}: a follower stands still, and is in sync again later`, async () => {
    const replicas = cluster.brokers.map(({ id }) => id);
    await createTopic(cluster, topic, [replicas], { 'min.insync.replicas': '2' });
    await untilInSync(cluster, topic);
    third.pause();
    await isr([leader, second]);
    expectEqual(await produceAt(leader, topic, 0, -1), 0, 'acks=all with two in sync');
    third.resume();
    await isr([leader, second, third]);
  });
  await context.step(`${label}: below min.insync.replicas acks=all is refused`, async () => {
    await Promise.all([second.kill(), third.kill()]);
    await isr([leader]);
    expectEqual(await refusalOf(leader, topic), NOT_ENOUGH_REPLICAS, 'acks=all');
    expectEqual(await produceAt(leader, topic, 0, 1), 0, 'acks=1');
    for (const node of [second, third]) await node.start();
    await Promise.all([second.ready(), third.ready()]);
    await isr([leader, second, third]);
    expectEqual(await produceAt(leader, topic, 0, -1), 0, 'acks=all again');
    await compareReplicas(cluster, topic);
  });
  await context.step(`${label}: all brokers are killed at once, and nothing is lost`, async () => {
    await Promise.all(cluster.brokers.map((node) => node.kill()));
    for (const node of cluster.brokers) await node.start();
    await Promise.all(cluster.brokers.map((node) => node.ready()));
    for (const each of [topic, TOPIC, 'written-java']) await compareReplicas(cluster, each);
    await compareDumps(cluster, TOPIC, 1);
  });
}

function replicas(context, cast) {
  const label = castLabel(cast);
  return withReplicaCluster(context, cast, async (cluster) => {
    await withScratch((folder) => replicated(context, label, cluster, folder));
    await reassigned(context, label, cluster);
    await stopped(context, label, cluster);
    await shrunk(context, label, cluster);
  });
}

const NEEDS = 'java, mvn, python3, go';
const COMMAND =
  'LeaderElectionCommand, ReassignPartitionsCommand, ReplicaVerificationTool, DumpLogSegments …';

export const clusterReplicaChecks = [
  {
    name: 'cluster-replicas',
    proves: "three brokers under Apache Kafka's controllers, three replicas, acks=all",
    needs: NEEDS,
    command: COMMAND,
    sets: ['full', 'cluster'],
    limitS: 900,
    run: (context) => replicas(context, Array(3).fill(context.kind)),
  },
  {
    name: 'cluster-replicas-mixed',
    proves: 'the same on brokers of millrace and of Kafka in one cluster, both ways',
    needs: NEEDS,
    command: COMMAND,
    sets: ['full', 'cluster'],
    brokers: ['millrace'],
    limitS: 1_800,
    async run(context) {
      for (const cast of CASTS.mixed) await replicas(context, cast);
    },
  },
];
