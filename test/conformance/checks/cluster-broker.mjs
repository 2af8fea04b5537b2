/**
 * Brokers of millrace under three controllers of Apache Kafka, beside one of its brokers: what
 * Kafka's tools and clients do to a cluster they do to this one, and nothing is lost.
 */

import { copyFile } from 'node:fs/promises';
import { join } from 'node:path';
import { KafkaConnection } from '../../crash/kafka-connection.mjs';
import { writeInputs } from '../../crash/transfer-inputs.mjs';
import { readCommitted } from '../../support/committed-reader.mjs';
import { CLIENTS, runJobs, withScratch } from '../lib/clients.mjs';
import { CLUSTER_ID, Cluster } from '../lib/cluster.mjs';
import { untilEqual } from '../lib/cluster-image.mjs';
import { formatArguments } from '../lib/format-arguments.mjs';
import { expectEqual, expectMatch, tool } from '../lib/kafka-tools.mjs';
import { millraceCommand, overridesOf } from '../lib/millrace-command.mjs';
import { mustExecute } from '../lib/process.mjs';
import { compareRecords, makeRecords, readRecords, writeRecords } from '../lib/records.mjs';
import { Verifiable } from '../lib/verifiable.mjs';

const SHARED = {
  'authorizer.class.name': 'org.apache.kafka.metadata.authorizer.StandardAuthorizer',
  'super.users': 'User:ANONYMOUS',
};
const COUNT = 400;
const COPIED = 300;
const PAUSED_MS = 12_000;
const PARTITIONS = 6;
const { java, librdkafka, 'franz-go': franzGo } = CLIENTS;

function millraceBroker(context, cluster, id) {
  return context.ownBroker({
    config: {
      ...SHARED,
      'process.roles': 'broker',
      'node.id': String(id),
      'controller.quorum.bootstrap.servers': cluster.bootstrapControllers,
      'offsets.topic.num.partitions': '5',
      'broker.rack': `rack-${id}`,
    },
  });
}

/** Writes records by one client and reads them by another. */
async function passOn(folder, { writer, reader, from, to, topic, seed }) {
  const sent = makeRecords(COUNT, seed);
  const file = join(folder, `${topic}.sent`);
  await writeRecords(file, sent);
  const produce = { do: 'produce', topic, codec: 'lz4', idempotent: true, file };
  const [wrong] = await runJobs(writer, from, [produce], folder);
  if (wrong !== null) throw new Error(wrong);
  await readAll(folder, reader, to, topic, sent);
}

async function readAll(folder, reader, bootstrap, topic, sent) {
  const file = join(folder, `${topic}.read-${Date.now()}`);
  const consume = { do: 'consume', topic, count: sent.length, file };
  const [wrong] = await runJobs(reader, bootstrap, [consume], folder);
  if (wrong !== null) throw new Error(wrong);
  compareRecords(sent, await readRecords(file));
}

function topicsOf(bootstrap) {
  return (...args) => tool('TopicCommand', ['--bootstrap-server', bootstrap, ...args]);
}

async function toolsAgainst(context, cluster, millrace) {
  const at = ['--bootstrap-server', millrace.bootstrap];
  const topics = topicsOf(millrace.bootstrap);
  const equal = () => untilEqual(millrace.port, cluster.brokers[0].port);
  await context.step('TopicCommand creates, alters, deletes and creates again', async () => {
    const of = ['--partitions', '3', '--replication-factor', '1'];
    await topics('--create', '--topic', 'orders', ...of, '--config', 'retention.ms=60000');
    await topics('--alter', '--topic', 'orders', '--partitions', '9');
    await topics('--create', '--topic', 'short', ...of);
    await topics('--delete', '--topic', 'short');
    await topics('--create', '--topic', 'short', ...of);
    const told = await topics('--describe', '--topic', 'orders');
    expectMatch(told, /PartitionCount: 9/, 'partitions');
    expectMatch(told, /Leader: 21\s/, 'a leader of ours');
    await equal();
  });
  await context.step('ConfigCommand alters topics and brokers', async () => {
    const alter = (...args) => tool('ConfigCommand', [...at, '--alter', ...args]);
    const topic = ['--entity-type', 'topics', '--entity-name', 'orders'];
    await alter(...topic, '--add-config', 'max.message.bytes=2000000');
    const brokers = ['--entity-type', 'brokers', '--entity-default'];
    await alter(...brokers, '--add-config', 'log.cleaner.threads=2');
    const users = ['--entity-type', 'users', '--entity-name', 'alice'];
    await alter(...users, '--add-config', 'producer_byte_rate=1024');
    await alter(...users, '--add-config', 'SCRAM-SHA-256=[iterations=4096,password=secret]');
    await equal();
  });
  await context.step('AclCommand makes rules', async () => {
    const rule = ['--add', '--allow-principal', 'User:alice', '--producer', '--topic', 'orders'];
    await tool('AclCommand', [...at, ...rule]);
    await equal();
  });
  await context.step(
    'MetadataQuorumCommand, FeatureCommand and BrokerApiVersions answer',
    async () => {
      const quorum = await tool('MetadataQuorumCommand', [...at, 'describe', '--status']);
      expectMatch(quorum, /CurrentVoters:.*1.*2.*3/, 'voters');
      const features = await tool('FeatureCommand', [...at, 'describe']);
      expectMatch(features, /transaction\.version.*FinalizedVersionLevel: 2/, 'features');
      const versions = await tool('BrokerApiVersionsCommand', at);
      expectMatch(versions, /\(id: 21 .*rack: rack-21/, 'a broker of ours');
    },
  );
}

async function clientsAgainst(context, cluster, brokers, folder) {
  const [one, two] = brokers;
  const of = ['--partitions', String(PARTITIONS), '--replication-factor', '1'];
  const ways = [
    ['java', java, 'librdkafka', librdkafka],
    ['librdkafka', librdkafka, 'franz-go', franzGo],
    ['franz-go', franzGo, 'java', java],
  ];
  for (const [index, [name, writer, other, reader]] of ways.entries()) {
    await context.step(`${name} writes to all brokers, ${other} reads`, async () => {
      const topic = `passed-${name}`;
      await topicsOf(two.bootstrap)('--create', '--topic', topic, ...of);
      const ends = { from: one.bootstrap, to: two.bootstrap };
      await passOn(folder, { writer, reader, ...ends, topic, seed: index + 1 });
    });
  }
  await context.step('a topic is made by the first record to it', async () => {
    const ends = { from: one.bootstrap, to: cluster.bootstrap };
    await passOn(folder, { writer: java, reader: java, ...ends, topic: 'auto-made', seed: 9 });
  });
}

async function groupsAgainst(context, brokers, folder) {
  const [, two] = brokers;
  for (const group of ['first', 'second', 'third']) {
    await context.step(`group ${group} consumes and commits`, async () => {
      const file = join(folder, `group-${group}`);
      const job = { do: 'group', group, topic: 'passed-java', count: COUNT, protocol: 'classic' };
      const [wrong] = await runJobs(java, two.bootstrap, [{ ...job, file }], folder);
      if (wrong !== null) throw new Error(wrong);
    });
  }
}

async function withConnection(broker, work) {
  const connection = await KafkaConnection.open(broker.port);
  try {
    return await work(connection);
  } finally {
    connection.close();
  }
}

/**
 * Records are copied in transactions from one broker to the other. Coordinators of groups and
 * transactions are spread over all brokers, Kafka's among them, so markers go in all directions.
 */
async function transactionsAgainst(context, cluster, [one, two]) {
  const expected = Array.from({ length: COPIED }, (_, number) => String(number));
  const at = ['--replica-assignment'];
  for (const name of ['a', 'b', 'c', 'd']) {
    const [input, output] = [`copied-${name}-in`, `copied-${name}-out`];
    await context.step(`transactions copy records from broker to broker (${name})`, async () => {
      await topicsOf(one.bootstrap)('--create', '--topic', input, ...at, '21');
      await topicsOf(one.bootstrap)('--create', '--topic', output, ...at, '22');
      await withConnection(one, (connection) => writeInputs(connection, input, 0, COPIED));
      await tool('TransactionalMessageCopier', [
        ...['--input-topic', input, '--input-partition', '0', '--output-topic', output],
        ...['--broker-list', cluster.bootstrap, '--consumer-group', `copies-${name}`],
        ...['--transaction-size', '50', '--transactional-id', `copier-${name}`],
        ...['--max-messages', String(COPIED), '--transaction-timeout', '10000'],
        '--enable-random-aborts',
      ]);
      const { records } = await withConnection(two, (connection) => {
        return readCommitted(connection, output, 0);
      });
      expectEqual(
        records.map(({ value }) => value),
        expected,
        'copied',
      );
    });
  }
}

/** All partitions on one broker of ours, so that whatever is lost is lost by us. */
async function kept(context, brokers, folder) {
  const [one, two] = brokers;
  const assigned = Array.from({ length: PARTITIONS }, () => '21').join(',');
  const sent = makeRecords(COUNT, 77);
  const read = () => readAll(folder, java, two.bootstrap, 'kept', sent);
  await context.step('a topic with all partitions on one broker', async () => {
    await topicsOf(two.bootstrap)('--create', '--topic', 'kept', '--replica-assignment', assigned);
    const file = join(folder, 'kept.sent');
    await writeRecords(file, sent);
    const job = { do: 'produce', topic: 'kept', codec: 'zstd', idempotent: true, file };
    const [wrong] = await runJobs(java, two.bootstrap, [job], folder);
    if (wrong !== null) throw new Error(wrong);
    await read();
  });
  await context.step('it is stopped by its operator and started again', async () => {
    await one.stop();
    const told = await topicsOf(two.bootstrap)('--describe', '--topic', 'kept');
    expectMatch(told, /Leader: none/, 'nobody leads meanwhile');
    await one.restart();
    await read();
  });
  for (const round of [1, 2]) {
    await context.step(`it is killed and started again (${round})`, async () => {
      one.signal('SIGKILL');
      await one.restart();
      await read();
    });
  }
}

/** A producer writes all the time, while its broker and the controllers are killed in turn. */
async function underFire(context, cluster, [one, two]) {
  await context.step('whatever was acknowledged under kills is there', async () => {
    const topic = 'steady';
    await topicsOf(two.bootstrap)('--create', '--topic', topic, '--replica-assignment', '21,22');
    const flags = ['--topic', topic, '--acks', '-1', '--throughput', '400'];
    const producer = await Verifiable.start('java', 'VerifiableProducer', two, flags);
    try {
      for (let kills = 0; kills < 3; kills++) {
        const heard = producer.named('producer_send_success').length;
        await producer.until('it goes on', () => {
          return producer.named('producer_send_success').length > heard + 500;
        });
        one.signal('SIGKILL');
        await one.restart();
        const leader = await cluster.leadingController();
        await leader.kill();
        await leader.start();
      }
    } finally {
      await producer.stop();
    }
    const acked = producer.named('producer_send_success').map(({ value }) => value);
    const found = new Set();
    for (const [partition, broker] of [one, two].entries()) {
      const { records } = await withConnection(broker, (connection) => {
        return readCommitted(connection, topic, partition);
      });
      for (const { value } of records) found.add(value);
    }
    const lost = acked.filter((value) => !found.has(value));
    expectEqual(lost.slice(0, 10), [], `lost of ${acked.length}`);
    expectEqual(acked.length > 1500, true, `${acked.length} acknowledged`);
  });
}

/** Longer than its session lasts: others are told that nobody leads, until it goes on. */
async function paused(context, [one, two]) {
  await context.step('it stands still for so long that it is fenced, and goes on', async () => {
    one.signal('SIGSTOP');
    await new Promise((resolve) => setTimeout(resolve, PAUSED_MS));
    const describe = () => topicsOf(two.bootstrap)('--describe', '--topic', 'kept');
    expectMatch(await describe(), /Leader: none/, 'fenced');
    one.signal('SIGCONT');
    const untilMs = Date.now() + PAUSED_MS;
    while (/Leader: none/.test(await describe())) {
      if (Date.now() > untilMs) throw new Error('it was not let in again');
    }
  });
}

async function controllersKilled(context, cluster, brokers, folder) {
  const [one, two] = brokers;
  for (const round of [1, 2, 3]) {
    await context.step(`the leading controller is killed (${round})`, async () => {
      const leader = await cluster.leadingController();
      await leader.kill();
      const of = ['--partitions', '4', '--replication-factor', '1'];
      const topic = `killed-${round}`;
      await topicsOf(one.bootstrap)('--create', '--topic', topic, ...of);
      const ends = { from: two.bootstrap, to: one.bootstrap };
      await passOn(folder, { writer: java, reader: franzGo, ...ends, topic, seed: 100 + round });
      await leader.start();
    });
  }
}

async function clusterBroker(context) {
  const formatArgs = await formatArguments();
  const cluster = await Cluster.start({ brokers: 1, config: SHARED, formatArgs, ...context });
  try {
    const brokers = [];
    const isUp = await context.step('two brokers register and are unfenced', async () => {
      for (const id of [21, 22]) brokers.push(await millraceBroker(context, cluster, id));
      const image = await untilEqual(brokers[0].port, cluster.brokers[0].port);
      expectEqual(
        image.brokers.map(({ nodeId }) => nodeId),
        [11, 21, 22],
        'brokers',
      );
    });
    if (!isUp) return;
    await toolsAgainst(context, cluster, brokers[0]);
    await withScratch(async (folder) => {
      await clientsAgainst(context, cluster, brokers, folder);
      await groupsAgainst(context, brokers, folder);
      await transactionsAgainst(context, cluster, brokers);
      await kept(context, brokers, folder);
      await paused(context, brokers);
      await underFire(context, cluster, brokers);
      await controllersKilled(context, cluster, brokers, folder);
    });
  } finally {
    await cluster.discard();
  }
}

/** A broker that has topics, records and groups of its own becomes the first one of a cluster. */
async function clusterGrow(context) {
  const formatArgs = await formatArguments();
  const alone = await context.ownBroker({ config: { 'node.id': '21' } });
  const sent = makeRecords(COUNT, 5);
  await withScratch(async (folder) => {
    const job = (more) => runJobs(java, alone.bootstrap, [more], folder);
    const must = async (more) => expectEqual(await job(more), [null], more.do);
    const file = join(folder, 'grown.sent');
    await writeRecords(file, sent);
    const of = ['--partitions', '3', '--config', 'retention.ms=86400000'];
    await topicsOf(alone.bootstrap)('--create', '--topic', 'grown', ...of);
    await must({ do: 'produce', topic: 'grown', codec: 'lz4', idempotent: true, file });
    const group = { do: 'group', group: 'grown-readers', topic: 'grown', count: COUNT };
    await must({ ...group, protocol: 'classic', file: join(folder, 'grown.group') });
    const offsets = ['--bootstrap-server', alone.bootstrap, '--describe', '--group', group.group];
    const before = offsetsIn(await tool('ConsumerGroupCommand', offsets));
    await alone.stop();
    const bootstrap = join(folder, 'bootstrap.checkpoint');
    const cluster = await Cluster.start({
      brokers: 0,
      formatArgs,
      ...context,
      prepare: (formatted) => growInto(formatted, alone, bootstrap),
    });
    try {
      await context.step('the controllers take it as their first broker', async () => {
        alone.configure({
          'process.roles': 'broker',
          'controller.quorum.bootstrap.servers': cluster.bootstrapControllers,
        });
        await alone.restart();
        const told = await topicsOf(alone.bootstrap)('--describe', '--topic', 'grown');
        expectMatch(told, /PartitionCount: 3.*retention\.ms=86400000/, 'its topic');
      });
      await context.step('its records and offsets are there', async () => {
        await readAll(folder, java, alone.bootstrap, 'grown', sent);
        const after = offsetsIn(await tool('ConsumerGroupCommand', offsets));
        expectEqual(after, before, 'committed offsets');
      });
      await context.step('it goes on', async () => {
        await must({ do: 'produce', topic: 'grown-later', codec: 'none', idempotent: true, file });
        await readAll(folder, franzGo, alone.bootstrap, 'grown-later', sent);
      });
    } finally {
      await alone.stop();
      await cluster.discard();
    }
  });
}

function offsetsIn(described) {
  return [...described.matchAll(/^grown-readers\s+grown\s+(\d+)\s+(\d+)/gm)]
    .map(([, partition, offset]) => `${partition}=${offset}`)
    .sort();
}

async function growInto(cluster, alone, bootstrap) {
  const properties = {
    'process.roles': 'broker',
    'node.id': '21',
    'controller.quorum.bootstrap.servers': cluster.bootstrapControllers,
    listeners: `PLAINTEXT://${alone.bootstrap}`,
    'log.dirs': alone.dataDir,
  };
  const flags = ['--cluster-id', CLUSTER_ID, '--bootstrap-file', bootstrap];
  const grow = ['cluster', 'grow', ...overridesOf(properties), ...flags];
  const [node, ...args] = millraceCommand(...grow);
  await mustExecute(node, args);
  for (const { properties: own } of cluster.controllers) {
    await copyFile(bootstrap, join(own['log.dirs'], 'bootstrap.checkpoint'));
  }
}

export const clusterBrokerChecks = [
  {
    name: 'cluster-grow',
    proves: "a broker that decided alone becomes the first one of a cluster of Kafka's controllers",
    needs: 'java, mvn, go',
    command: 'millrace cluster grow …; millrace serve --override process.roles=broker …',
    sets: ['full', 'cluster'],
    brokers: ['millrace'],
    limitS: 300,
    run: clusterGrow,
  },
  {
    name: 'cluster-broker',
    proves: "brokers under Apache Kafka's controllers, beside a broker of Kafka; nothing is lost",
    needs: 'java, mvn, python3, go',
    command: 'millrace serve --override process.roles=broker …; TopicCommand, ConfigCommand …',
    sets: ['full', 'cluster'],
    brokers: ['millrace'],
    limitS: 600,
    run: clusterBroker,
  },
];
