/**
 * Many partitions on three brokers under Apache Kafka's controllers: how long a broker takes from
 * its start until clients are sent to it, and how late its heartbeats are under load.
 *
 * MILLRACE_PARTITIONS says how many partitions there are; they are the same number with one replica
 * and with three.
 */

import { setTimeout as pause } from 'node:timers/promises';
import { API } from '#millrace/protocol/api-keys';
import { castLabel } from '../lib/cluster-casts.mjs';
import { expectMatch, tool } from '../lib/kafka-tools.mjs';
import { withReplicaCluster } from '../lib/replica-cluster.mjs';
import { untilInSync, withNode } from '../lib/replicas.mjs';
import { until } from '../lib/until.mjs';

const PARTITIONS = Number(process.env.MILLRACE_PARTITIONS ?? 1_000);
/** Kafka's controllers make no more than some thousand partitions by one request. */
const PARTITIONS_OF_TOPIC = 1_000;
const IN_SYNC_MS = 240_000;
const LISTED_MS = 120_000;
const START_MS_MAX = 10_000;
const LATE_MS_MAX = 1_000;
/** The controllers let no other run of a broker in before. */
const SESSION_MS = 9_000;
const LOAD_RECORDS = 1_000_000;
const LOAD_MS_MAX = 300_000;

function toolAt({ bootstrap }, name, args, options) {
  return tool(name, ['--bootstrap-server', bootstrap, ...args], options);
}

function say(label, text) {
  process.stdout.write(`    ${label}: ${text}\n`);
}

async function createTopics(cluster, replicas) {
  const topics = [];
  for (let left = PARTITIONS; left > 0; left -= PARTITIONS_OF_TOPIC) {
    const topic = `many-${replicas}-${topics.length}`;
    const size = ['--partitions', String(Math.min(left, PARTITIONS_OF_TOPIC))];
    const of = ['--topic', topic, ...size, '--replication-factor', String(replicas)];
    await toolAt(cluster, 'TopicCommand', ['--create', ...of]);
    topics.push(topic);
  }
  return topics;
}

async function untilAllInSync(cluster, topics) {
  for (const topic of topics) await untilInSync(cluster, topic, IN_SYNC_MS);
}

/** Whether clients are sent to the broker, as another one says. */
async function isListed({ brokers }, { id }) {
  const asked = brokers.find((node) => node.id !== id);
  const answer = await withNode(asked, (connection) => {
    return connection.ask(API.METADATA, {
      topics: [],
      allowAutoTopicCreation: false,
      includeClusterAuthorizedOperations: false,
      includeTopicAuthorizedOperations: false,
    });
  });
  return answer.brokers.some(({ nodeId }) => nodeId === id);
}

/** Starts a broker that was down for as long as its session. Resolves with the time it took. */
async function startMs(cluster, node) {
  await until('it is gone', async () => !(await isListed(cluster, node)), LISTED_MS);
  await pause(SESSION_MS);
  const fromMs = performance.now();
  await node.start();
  const ready = node.ready();
  await until('clients are sent there', () => isListed(cluster, node), LISTED_MS);
  const tookMs = Math.round(performance.now() - fromMs);
  await ready;
  return tookMs;
}

function requireWithin(ms, most, what) {
  if (ms > most) throw new Error(`${what}: ${ms} ms, and at most ${most} ms are allowed`);
}

/** A figure of a broker's /metrics. */
async function figure({ http }, name) {
  const page = await (await fetch(`http://${http}/metrics`)).text();
  const line = page.split('\n').find((each) => each.startsWith(`${name} `));
  return Number(line.slice(name.length + 1));
}

async function heartbeatsInTime(label, cluster) {
  for (const node of cluster.brokers) {
    const lateMs = 1_000 * (await figure(node, 'millrace_heartbeat_late_seconds_max'));
    const answerMs = 1_000 * (await figure(node, 'millrace_heartbeat_answer_seconds_max'));
    const longest = `${Math.round(lateMs)} ms late, answered after ${Math.round(answerMs)} ms`;
    say(label, `heartbeats of ${node.id}: at most ${longest}`);
    requireWithin(lateMs, LATE_MS_MAX, `a heartbeat of ${node.id} was late`);
  }
}

/** Producers with acks=all write to all partitions as fast as they can. */
async function load(cluster, topics) {
  const size = ['--num-records', String(LOAD_RECORDS), '--record-size', '200'];
  const options = { timeoutMs: LOAD_MS_MAX };
  const writers = topics.slice(0, 2).map((topic) => {
    const of = ['--topic', topic, '--throughput', '-1', '--command-property', 'acks=all'];
    return toolAt(cluster, 'ProducerPerformance', [...of, ...size], options);
  });
  for (const said of await Promise.all(writers)) expectMatch(said, /records sent/, 'the producer');
}

async function manyPartitions(context, replicas) {
  const cast = Array(3).fill(context.kind);
  const label = `${castLabel(cast)}, ${replicas} replicas`;
  const work = async (cluster) => {
    let topics = [];
    await context.step(`${label}: all are made and in sync`, async () => {
      const fromMs = performance.now();
      topics = await createTopics(cluster, replicas);
      await untilAllInSync(cluster, topics);
      say(label, `${PARTITIONS} partitions after ${Math.round(performance.now() - fromMs)} ms`);
    });
    const [, node] = cluster.brokers;
    for (const [how, end] of [
      ['stopped', () => node.stop()],
      ['killed', () => node.kill()],
    ]) {
      await context.step(`${label}: a broker that was ${how} is there within 10 s`, async () => {
        await end();
        const tookMs = await startMs(cluster, node);
        say(label, `a broker that was ${how} is there after ${tookMs} ms`);
        const fromMs = performance.now();
        await untilAllInSync(cluster, topics);
        say(label, `all are in sync ${Math.round(performance.now() - fromMs)} ms later`);
        requireWithin(tookMs, START_MS_MAX, 'the start');
      });
    }
    await context.step(`${label}: producers write as fast as they can`, () =>
      load(cluster, topics),
    );
    if (context.kind !== 'millrace') return;
    const name = `${label}: no heartbeat was later than a second`;
    await context.step(name, () => heartbeatsInTime(label, cluster));
  };
  // What a cluster has that is not told otherwise.
  const config = { 'broker.session.timeout.ms': String(SESSION_MS) };
  await withReplicaCluster(context, cast, work, { config, brokerConfig: {} });
}

export const clusterManyPartitionChecks = [
  {
    name: 'cluster-many-partitions',
    proves: 'many partitions on three brokers: starts in 10 s, no heartbeat a second late',
    needs: 'java, mvn',
    command: 'MILLRACE_PARTITIONS=10000 npm run conformance -- --only cluster-many-partitions',
    sets: ['full', 'cluster'],
    limitS: 2_400,
    async run(context) {
      for (const replicas of [1, 3]) await manyPartitions(context, replicas);
    },
  },
];
