/**
 * transactions_test.py and group_mode_transactions_test.py of kafkatest: copiers move records in
 * transactions while brokers, or they themselves, are stopped and killed. Each record is copied once
 * and in order, for those who read meanwhile and for those who come later.
 */

import { setTimeout as pause } from 'node:timers/promises';
import { withScratch } from '../lib/clients.mjs';
import { REPLICATED, SESSION_MS } from '../lib/cluster-casts.mjs';
import { expectEqual } from '../lib/kafka-tools.mjs';
import { MessageCopier } from '../lib/message-copier.mjs';
import { javaConsumer, recordsOf } from '../lib/produce-consume.mjs';
import { replicaChecks } from '../lib/replica-checks.mjs';
import { withReplicaCluster } from '../lib/replica-cluster.mjs';
import { createTopic, spread } from '../lib/replica-topics.mjs';
import { untilInSync } from '../lib/replicas.mjs';
import { until } from '../lib/until.mjs';
import { Verifiable } from '../lib/verifiable.mjs';

const RECORDS = 30_000;
const SIZE = 500;
const COPY_LIMIT_MS = 240_000;
const PROGRESS = 0.2;
const CONFIG = { 'min.insync.replicas': '2' };
const MODES = {
  transactions_test: { partitions: 2, isGrouped: false },
  group_mode_transactions_test: { partitions: 6, isGrouped: true },
};

/** What was written, by partition, in its order. */
async function seed(cluster, topic, partitions) {
  const flags = ['--topic', topic, '--acks', '-1', '--max-messages', `${RECORDS}`];
  const keys = ['--repeating-keys', `${partitions * 4}`];
  const producer = await Verifiable.start('java', 'VerifiableProducer', cluster, [
    ...flags,
    ...keys,
  ]);
  const acked = () => producer.named('producer_send_success');
  expectEqual(await producer.ended(), 0, 'exit status');
  expectEqual(acked().length, RECORDS, 'records acknowledged');
  return valuesByPartition(acked());
}

function valuesByPartition(records) {
  const found = {};
  const ordered = [...records].sort((one, other) => one.offset - other.offset);
  for (const { partition, value } of ordered) {
    found[partition] ??= [];
    found[partition].push(value);
  }
  return found;
}

/** One after the other, each second one without being asked. */
async function bounceBrokers(cluster, topics) {
  for (const [i, node] of cluster.brokers.entries()) {
    if (i % 2 === 0) {
      await node.kill();
      await pause(SESSION_MS + 1_000);
    } else {
      await node.stop();
    }
    await node.start();
    await node.ready();
    for (const topic of topics) await untilInSync(cluster, topic);
  }
}

async function bounceCopiers(copiers) {
  for (let round = 0; round < 3; round += 1) {
    for (const [i, copier] of copiers.entries()) {
      const isOn = () => copier.progress >= PROGRESS;
      await until(`copier ${i} makes progress`, isOn, COPY_LIMIT_MS);
      if (!copier.isOver) await copier.restart((i + round) % 2 === 0);
    }
  }
}

async function startCopiers(options, { partitions, isGrouped }) {
  const count = isGrouped ? 3 : partitions;
  return Promise.all(
    Array.from({ length: count }, (_, i) => {
      const partition = isGrouped ? undefined : i;
      const name = `${options.group}-${i}`;
      return MessageCopier.start({ ...options, name, partition });
    }),
  );
}

/** A reader of committed records has read as many as were written. */
async function readAll(consumer, count) {
  const isDone = () => recordsOf(consumer).length >= count;
  await until('all records are read', isDone, COPY_LIMIT_MS);
  return valuesByPartition(recordsOf(consumer));
}

function requireSame(found, wanted, who) {
  for (const [partition, values] of Object.entries(wanted)) {
    const read = found[partition] ?? [];
    expectEqual(read.length, values.length, `${who}: records of partition ${partition}`);
    const at = read.findIndex((value, i) => value !== values[i]);
    expectEqual(at, -1, `${who}: the first record that differs in partition ${partition}`);
  }
}

async function copied(cluster, name, mode, bounce) {
  const [input, output] = [`${name}-in`, `${name}-out`];
  const { partitions } = mode;
  const { bootstrap } = cluster;
  const assignment = spread(cluster, partitions);
  for (const topic of [input, output]) await createTopic(cluster, topic, assignment, CONFIG);
  const wanted = await seed(cluster, input, partitions);
  const settings = { 'isolation.level': 'read_committed' };
  await withScratch(async (folder) => {
    const started = [];
    const reader = async (group) => {
      const consumer = await javaConsumer(bootstrap, output, folder, { group, settings });
      started.push(consumer);
      return consumer;
    };
    try {
      const options = { bootstrap, input, output, group: `${name}-copiers`, size: SIZE };
      const copiers = await startCopiers(options, mode);
      started.push(...copiers);
      const meanwhile = await reader(`${name}-meanwhile`);
      await bounce(copiers, [input, output]);
      await Promise.all(copiers.map((copier) => copier.done()));
      requireSame(await readAll(meanwhile, RECORDS), wanted, 'who reads meanwhile');
      const later = await reader(`${name}-later`);
      requireSame(await readAll(later, RECORDS), wanted, 'who reads later');
    } finally {
      await Promise.all(started.map((program) => program.discard()));
    }
  });
}

function copier(context, cast) {
  const work = async (cluster) => {
    const bounces = {
      brokers: (_copiers, topics) => bounceBrokers(cluster, topics),
      clients: (copiers) => bounceCopiers(copiers),
    };
    for (const [scenario, mode] of Object.entries(MODES)) {
      for (const [target, bounce] of Object.entries(bounces)) {
        await context.step(`${scenario}: ${target} are stopped and killed`, () => {
          return copied(cluster, `${scenario}-${target}`, mode, bounce);
        });
      }
    }
  };
  return withReplicaCluster(context, cast, work, { brokerConfig: REPLICATED });
}

export const clusterCopierChecks = replicaChecks({
  name: 'cluster-copier',
  proves: 'TransactionalMessageCopier, alone and in groups, while brokers or it are killed',
  needs: 'java, mvn',
  command: 'java … org.apache.kafka.tools.TransactionalMessageCopier --enable-random-aborts …',
  limitS: 1_500,
  run: copier,
});
