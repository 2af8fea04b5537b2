/**
 * Scenarios of kafkatest, Apache Kafka's system tests, that no other check has: a function for each,
 * named as there. Three brokers stand where kafkatest has four or more, so replicas are two where
 * they move.
 */

import { setTimeout as pause } from 'node:timers/promises';
import { freePort } from '../lib/brokers.mjs';
import { RACK_SELECTOR, REPLICATED } from '../lib/cluster-casts.mjs';
import { expectEqual, tool } from '../lib/kafka-tools.mjs';
import { produceConsume } from '../lib/produce-consume.mjs';
import { replicaChecks } from '../lib/replica-checks.mjs';
import { withReplicaCluster } from '../lib/replica-cluster.mjs';
import { createTopic, reassign, spread, toolAt } from '../lib/replica-topics.mjs';
import { batchesOf, compareReplicas, highWatermark, logStart } from '../lib/replicas.mjs';
import { until } from '../lib/until.mjs';
import { Verifiable } from '../lib/verifiable.mjs';
import { WeakLink } from '../lib/weak-link.mjs';

const PROTOCOLS = 'CONTROLLER:PLAINTEXT,PLAINTEXT:PLAINTEXT,CLIENT:PLAINTEXT';
const PARTITIONS = 9;
const THROTTLE = 1_500_000;
const BULK = { records: 900, size: 40_960 };
const LOG_LIMIT_MS = 60_000;
const FAULT_MS = 20_000;
const LATENCY = { delayMs: 100, bytesPerMs: 3_000 / 8 };
/** Segments are rolled and old ones go within seconds. */
const SHORT_LOGS = {
  'log.roll.ms': '5000',
  'log.initial.task.delay.ms': '100',
  'log.segment.delete.delay.ms': '1000',
  'log.retention.check.interval.ms': '5000',
};
const FETCH_LOGGER = 'org.apache.kafka.clients.consumer.internals.FetchCollector';
const SAYS_REPLICA = [`-Dorg.slf4j.simpleLogger.log.${FETCH_LOGGER}=debug`];
/** Java's consumer asks for nothing for up to 5 s after it was sent to a follower (KIP-848). */
const PREFERRED_MS = '8000';
const PREFERRED = /Updating preferred read replica for partition \S+ to (\d+)/g;

/** Each partition gets the replicas of the next one, so one replica of each is new. */
const moved = (assignment) => assignment.map((_, i) => assignment[(i + 1) % assignment.length]);

/** Every other one, one after the other. */
async function bounceSome(cluster) {
  for (const node of cluster.brokers.filter((_, i) => i % 2 === 0)) {
    await node.stop();
    await node.start();
    await node.ready();
  }
}

/** Records of long ago are written, and wanted no more. */
async function moveStartOffset(cluster, topic) {
  const old = ['--message-create-time', '1000', '--max-messages', '2000'];
  const flags = ['--topic', topic, '--acks', '-1', '--repeating-keys', '100', ...old];
  const producer = await Verifiable.start('java', 'VerifiableProducer', cluster, flags);
  expectEqual(await producer.ended(), 0, 'exit status');
  const hasMoved = async (partition) => {
    const end = await highWatermark(cluster, topic, partition);
    return end > 0 && (await logStart(cluster, topic, partition)) === end;
  };
  for (let partition = 0; partition < PARTITIONS; partition += 1) {
    const what = `partition ${partition} begins later`;
    await until(what, () => hasMoved(partition), LOG_LIMIT_MS);
  }
}

/** reassign_partitions_test.py: under a producer and a consumer, also while brokers come and go. */
async function reassignPartitions(context, cluster) {
  for (const fromZero of [true, false]) {
    for (const isBounced of [false, true]) {
      const where = fromZero ? 'from offset zero' : 'from a later offset';
      const how = isBounced ? ', brokers bounced' : '';
      await context.step(`reassign_partitions_test: ${where}${how}`, async () => {
        const topic = `reassigned-${fromZero}-${isBounced}`;
        const assignment = spread(cluster, PARTITIONS, 2);
        await createTopic(cluster, topic, assignment, { 'min.insync.replicas': '2' });
        if (!fromZero) await moveStartOffset(cluster, topic);
        const writing = { perSecond: 500, more: ['--repeating-keys', '100'] };
        const { bootstrap } = cluster;
        await produceConsume({ bootstrap, topic, writing }, async (writer) => {
          const reached = () => new Set(writer.acked.map(({ partition }) => partition)).size;
          await until('records in all partitions', () => reached() === PARTITIONS, LOG_LIMIT_MS);
          const during = isBounced ? () => bounceSome(cluster) : undefined;
          await reassign(cluster, topic, moved(assignment), { during });
        });
        await compareReplicas(cluster, topic);
      });
    }
  }
}

/** throttling_test.py: as long as the throttle says; `--verify` takes the throttle away. */
async function throttling(context, cluster) {
  await context.step('throttling_test: a reassignment keeps to --throttle', async () => {
    const topic = 'throttled';
    const { bootstrap } = cluster;
    const assignment = spread(cluster, 3, 2);
    await createTopic(cluster, topic, assignment);
    const size = ['--num-records', `${BULK.records}`, '--record-size', `${BULK.size}`];
    const how = ['--throughput', '-1', '--command-property', `bootstrap.servers=${bootstrap}`];
    await tool('ProducerPerformance', ['--topic', topic, ...size, ...how]);
    const most = await mostBytes(cluster, topic, assignment);
    let seconds = 0;
    // What is there already is large, and nobody is to read it.
    await produceConsume({ bootstrap, topic, reading: { reset: 'latest' } }, async () => {
      const fromMs = performance.now();
      const flags = ['--throttle', `${THROTTLE}`];
      await reassign(cluster, topic, moved(assignment), { flags });
      seconds = (performance.now() - fromMs) / 1_000;
    });
    const wanted = most / THROTTLE;
    const said = `${seconds.toFixed(1)} s for what takes ${wanted.toFixed(1)} s`;
    if (seconds < wanted * 0.9 || seconds > wanted * 2 + 15) throw new Error(said);
    const configs = await toolAt(cluster, 'TopicCommand', '--describe', '--topic', topic);
    expectEqual(/replication\.throttled/.test(configs), false, 'a throttle is left');
  });
}

async function mostBytes(cluster, topic, assignment) {
  const sizes = [];
  for (const [partition, [id]] of assignment.entries()) {
    const end = await highWatermark(cluster, topic, partition);
    const batches = await batchesOf(cluster.broker(id), topic, partition, end);
    sizes.push(batches.reduce((sum, { bytes }) => sum + bytes.length, 0));
  }
  return Math.max(...sizes);
}

/** fetch_from_follower_test.py: a consumer reads from the replica in its rack. */
async function fetchFromFollower(context, cluster) {
  for (const protocol of ['classic', 'consumer']) {
    await context.step(`fetch_from_follower_test: ${protocol} protocol`, async () => {
      const topic = `followed-${protocol}`;
      const [replicas] = spread(cluster, 1);
      await createTopic(cluster, topic, [replicas], { 'min.insync.replicas': '1' });
      const settings = { 'client.rack': rackOf(1), 'metadata.max.age.ms': PREFERRED_MS };
      const reading = { protocol, settings, jvm: SAYS_REPLICA };
      const { bootstrap } = cluster;
      let chosen = [];
      await produceConsume({ bootstrap, topic, reading }, async (writer, consumer) => {
        const told = () => [...consumer.errors.matchAll(PREFERRED)].map(([, id]) => Number(id));
        await until('a replica is preferred', () => told().length > 0, LOG_LIMIT_MS);
        // It asks its leader again when what it knows is that old.
        await writer.untilMore(1_000);
        await until('it is preferred again', () => told().length > 1, LOG_LIMIT_MS);
        chosen = [...new Set(told())];
      });
      expectEqual(chosen, [replicas[1]], 'preferred replicas');
    });
  }
}

const rackOf = (i) => `rack-${'abc'[i]}`;

/** round_trip_fault_test.py: clients are cut off; then all that passes is late and slow. */
async function roundTripFault(context, cluster, { toClients, toBrokers }) {
  const faults = {
    'client partition': () => {
      for (const link of toClients) link.cut();
    },
    latency: () => {
      for (const link of [...toClients, ...toBrokers]) Object.assign(link, LATENCY);
    },
  };
  const bootstrap = toClients.map(({ address }) => address).join();
  for (const [name, begin] of Object.entries(faults)) {
    await context.step(`round_trip_fault_test: ${name}`, async () => {
      const topic = `round-trip-${name.replace(' ', '-')}`;
      await createTopic(cluster, topic, spread(cluster, 1), { 'min.insync.replicas': '2' });
      try {
        await produceConsume({ bootstrap, topic }, async (writer) => {
          begin();
          await pause(FAULT_MS);
          for (const link of [...toClients, ...toBrokers]) link.heal();
          await writer.untilMore(500);
        });
      } finally {
        for (const link of [...toClients, ...toBrokers]) link.heal();
      }
      await compareReplicas(cluster, topic);
    });
  }
}

/** All that reaches a broker, from clients or from other brokers, comes through a link. */
async function withLinks(count, work) {
  const startAll = () => Promise.all(Array.from({ length: count }, () => WeakLink.start()));
  const links = { toClients: await startAll(), toBrokers: await startAll() };
  try {
    await work(links);
  } finally {
    for (const link of Object.values(links).flat()) link.close();
  }
}

async function kafkatest(context, cast) {
  const brokerConfig = { ...REPLICATED, ...SHORT_LOGS, 'replica.selector.class': RACK_SELECTOR };
  const ownConfig = (i) => ({ 'broker.rack': rackOf(i) });
  await withReplicaCluster(
    context,
    cast,
    async (cluster) => {
      await reassignPartitions(context, cluster);
      await throttling(context, cluster);
      await fetchFromFollower(context, cluster);
    },
    { brokerConfig, ownConfig },
  );
  await roundTrips(context, cast);
}

async function roundTrips(context, cast) {
  const clientPorts = await Promise.all(cast.map(() => freePort()));
  await withLinks(cast.length, async (links) => {
    const ownConfig = (i, port) => {
      links.toBrokers[i].target = port;
      links.toClients[i].target = clientPorts[i];
      const [brokers, clients] = [links.toBrokers[i].address, links.toClients[i].address];
      return {
        listeners: `PLAINTEXT://127.0.0.1:${port},CLIENT://127.0.0.1:${clientPorts[i]}`,
        'advertised.listeners': `PLAINTEXT://${brokers},CLIENT://${clients}`,
        'listener.security.protocol.map': PROTOCOLS,
      };
    };
    const more = { brokerConfig: REPLICATED, ownConfig };
    const work = (cluster) => roundTripFault(context, cluster, links);
    await withReplicaCluster(context, cast, work, more);
  });
}

export const clusterKafkatestChecks = replicaChecks({
  name: 'cluster-kafkatest',
  proves: "kafkatest's scenarios of reassignment, throttles, fetches from followers, bad networks",
  needs: 'java, mvn',
  command: 'VerifiableProducer, VerifiableConsumer, ReassignPartitionsCommand --throttle …',
  limitS: 900,
  run: kafkatest,
});
