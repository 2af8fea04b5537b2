/** Transactions: Kafka's tools, Kafka Streams and KafkaJS, also while they and the broker die. */

import { join } from 'node:path';
import { KafkaConnection } from '../../crash/kafka-connection.mjs';
import { writeInputs } from '../../crash/transfer-inputs.mjs';
import { endOf, readCommitted } from '../../support/committed-reader.mjs';
import { TransactionalClient } from '../../support/transactional-client.mjs';
import { withScratch } from '../lib/clients.mjs';
import { createTopics, expectEqual, expectMatch, tool } from '../lib/kafka-tools.mjs';
import { execute, launch, signalGroup } from '../lib/process.mjs';
import { java, node } from '../lib/toolchains.mjs';

const COPIED = 1500;
const COPIED_UNDER_KILLS = 6000;
const WORDS = ['alpha', 'beta', 'gamma', 'delta', 'epsilon'];
const LINES = 1200;
const QUIET = ['-XX:TieredStopAtLevel=1', '-XX:+UseSerialGC', '-Xmx512m'];
const LOG = '-Dorg.slf4j.simpleLogger.defaultLogLevel=error';
const LIMIT_MS = 120_000;

const sleep = (ms) => new Promise((resolve) => setTimeout(resolve, ms));

async function withConnection(broker, work) {
  const connection = await KafkaConnection.open(broker.port);
  try {
    return await work(connection);
  } finally {
    connection.close();
  }
}

const valuesOf = (broker, topic, partition = 0) =>
  withConnection(broker, async (connection) => {
    const { records } = await readCommitted(connection, topic, partition);
    return records.map(({ value }) => value);
  });

/** Nothing stays open: the last stable offset comes to the end. */
async function untilStable(broker, topic) {
  const untilMs = Date.now() + LIMIT_MS;
  for (;;) {
    const [stable, end] = await withConnection(broker, async (connection) => {
      return [await endOf(connection, topic, 0, true), await endOf(connection, topic, 0, false)];
    });
    if (stable === end) return;
    if (Date.now() > untilMs) throw new Error(`${topic} is stable to ${stable}, its end is ${end}`);
    await sleep(100);
  }
}

function copierArguments(broker, { input, output, group, count }) {
  return [
    ...['--input-topic', input, '--input-partition', '0', '--output-topic', output],
    ...['--broker-list', broker.bootstrap, '--consumer-group', group, '--transaction-size', '50'],
    ...['--transactional-id', `copier-${group}`, '--max-messages', String(count)],
    ...['--transaction-timeout', '10000', '--enable-random-aborts'],
  ];
}

async function prepareCopy(context, broker, count) {
  const group = context.unique('copy');
  const [input, output] = [`${group}-in`, `${group}-out`];
  await createTopics(broker, [input, output]);
  await withConnection(broker, (connection) => writeInputs(connection, input, 0, count));
  const expected = Array.from({ length: count }, (_, number) => String(number));
  return { input, output, group, count, expected };
}

async function messageCopier(context) {
  const broker = await context.broker();
  const copy = await prepareCopy(context, broker, COPIED);
  await context.step(`${COPIED} records copied with random aborts`, async () => {
    await tool('TransactionalMessageCopier', copierArguments(broker, copy));
    expectEqual(await valuesOf(broker, copy.output), copy.expected, 'copied');
  });
}

/** Kills the process of `begin` again and again, and the broker now and then; the last one stays. */
async function underKills(broker, kills, begin, lifeMs = 3000) {
  for (let i = 0; i < kills; i++) {
    const child = begin();
    await sleep(lifeMs + i * 700);
    if (i % 2 === 1) {
      broker.signal('SIGKILL');
      await broker.restart();
      await sleep(500);
    }
    signalGroup(child, 'SIGKILL');
  }
  return begin();
}

async function copierUnderKills(context) {
  const broker = await context.ownBroker();
  const copy = await prepareCopy(context, broker, COPIED_UNDER_KILLS);
  const { classPath } = await java();
  const main = 'org.apache.kafka.tools.TransactionalMessageCopier';
  await context.step('each record is copied once, whoever is killed', async () => {
    const begin = () => {
      // What is left to copy is known to the group alone, so that it is told no number.
      const words = copierArguments(broker, copy)
        .join(' ')
        .replace(/--max-messages \d+ /, '');
      const args = [...QUIET, LOG, '-cp', classPath, main, ...words.split(' ')];
      return launch('java', args, { stdio: 'ignore' });
    };
    const last = await underKills(broker, 4, begin);
    await untilCount(broker, copy.output, COPIED_UNDER_KILLS);
    signalGroup(last, 'SIGTERM');
    await untilStable(broker, copy.output);
    expectEqual(await valuesOf(broker, copy.output), copy.expected, 'copied');
  });
}

async function untilCount(broker, topic, count) {
  const untilMs = Date.now() + LIMIT_MS;
  for (;;) {
    const found = (await valuesOf(broker, topic)).length;
    if (found >= count) return;
    if (Date.now() > untilMs) throw new Error(`${topic} has ${found} of ${count}`);
    await sleep(500);
  }
}

async function transactionsCommand(context) {
  const broker = await context.broker();
  const topic = context.unique('transactions');
  const id = `id-${topic}`;
  await createTopics(broker, [topic]);
  const run = (...args) =>
    tool('TransactionsCommand', ['--bootstrap-server', broker.bootstrap, ...args]);
  await withConnection(broker, async (connection) => {
    const client = new TransactionalClient(connection, id);
    await client.findCoordinators();
    await client.init();
    await client.produce(topic, 0, ['open']);
    await context.step('list', async () => {
      expectMatch(await run('list'), new RegExp(`^${id}\\s+\\d+\\s+\\d+\\s+Ongoing`, 'm'), 'list');
    });
    await context.step('describe', async () => {
      const out = await run('describe', '--transactional-id', id);
      expectMatch(out, new RegExp(`${id}.*Ongoing.*60000.*${topic}-0`), 'describe');
    });
    await context.step('describe-producers', async () => {
      const out = await run('describe-producers', '--topic', topic, '--partition', '0');
      expectMatch(out, new RegExp(`^${client.producerId}\\s+${client.producerEpoch}`, 'm'), 'who');
    });
    await context.step('find-hanging finds none', async () => {
      const out = await run('find-hanging', '--topic', topic, '--max-transaction-timeout', '0');
      expectEqual(out.includes(id), false, 'hanging');
    });
    await context.step('abort ends it on its partition', async () => {
      await run('abort', '--topic', topic, '--partition', '0', '--start-offset', '0');
      await untilStable(broker, topic);
      expectEqual(await valuesOf(broker, topic), [], 'committed');
    });
    await context.step('forceTerminateTransaction ends it at the coordinator', async () => {
      const other = new TransactionalClient(connection, `${id}-other`);
      await other.init();
      await other.produce(topic, 0, ['open']);
      await run('forceTerminateTransaction', '--transactionalId', `${id}-other`);
      await untilStable(broker, topic);
      expectEqual(await valuesOf(broker, topic), [], 'committed');
    });
  });
}

/** Members of streams groups that are killed keep their tasks until their session is over. */
const STREAMS_GROUPS = {
  'group.streams.min.session.timeout.ms': '6000',
  'group.streams.session.timeout.ms': '6000',
  'group.streams.min.heartbeat.interval.ms': '500',
  'group.streams.heartbeat.interval.ms': '500',
  'group.streams.initial.rebalance.delay.ms': '0',
};

async function wordCount(context, protocol) {
  const broker = await context.ownBroker({ config: STREAMS_GROUPS });
  const name = context.unique('words');
  const [input, output] = [`${name}-in`, `${name}-out`];
  await createTopics(broker, [{ name: input, partitions: 2 }, output]);
  const { clientPath } = await java();
  await withScratch(async (scratch) => {
    const begin = () => {
      const words = [broker.bootstrap, name, input, output, join(scratch, 'state')];
      if (protocol === 'streams') words.push(protocol);
      const args = [...QUIET, LOG, '-cp', clientPath, 'WordCount', ...words];
      return launch('java', args, { stdio: 'ignore' });
    };
    await context.step('every count of every word is there once, whoever is killed', async () => {
      const counts = await writeLines(broker, input);
      const total = Object.values(counts).reduce((sum, count) => sum + count, 0);
      const last = await underKills(broker, 4, begin, protocol === 'streams' ? 9000 : 3000);
      await untilCount(broker, output, total);
      signalGroup(last, 'SIGTERM');
      await untilStable(broker, output);
      const found = await valuesOf(broker, output);
      const expected = Object.entries(counts).flatMap(([word, count]) => {
        return Array.from({ length: count }, (_, i) => `${word}=${i + 1}`);
      });
      expectEqual(found.sort(), expected.sort(), 'counts');
    });
  });
}

/** Lines of a few words in both partitions; how often each word is in them. */
async function writeLines(broker, topic) {
  const counts = Object.fromEntries(WORDS.map((word) => [word, 0]));
  await withConnection(broker, async (connection) => {
    for (const partition of [0, 1]) {
      const lines = Array.from({ length: LINES }, (_, number) => {
        const words = [0, 1, 2].map((i) => WORDS[(number * 7 + i * 3 + partition) % WORDS.length]);
        for (const word of words) counts[word]++;
        return words.join(' ');
      });
      await writeInputs(connection, topic, partition, LINES, (number) => lines[number]);
    }
  });
  return counts;
}

async function kafkajsTransactions(context) {
  const broker = await context.broker();
  const { folder } = await node();
  const program = join(folder, 'kafkajs-transactions.mjs');
  const args = [program, broker.bootstrap, context.unique('kafkajs')];
  const env = { KAFKAJS_NO_PARTITIONER_WARNING: '1' };
  const result = await execute(process.execPath, args, { env, timeoutMs: LIMIT_MS });
  const steps = result.stdout.split('\n').filter((line) => line.startsWith('{'));
  if (steps.length === 0) throw new Error(`no step ran: ${result.stderr.slice(-1500)}`);
  const told = steps.map((line) => JSON.parse(line));
  context.suite(
    told.map(({ step, ok, error }) => ({ name: step, outcome: ok ? 'pass' : 'fail', error })),
  );
}

function check(name, proves, needs, command, sets, limitS, run) {
  return { name, proves, needs, command, sets: [...sets, 'full', 'transactions'], limitS, run };
}

export const transactionChecks = [
  check(
    'TransactionsCommand',
    'list, describe, describe-producers, find-hanging, abort, forceTerminateTransaction',
    'java, mvn',
    'java … org.apache.kafka.tools.TransactionsCommand …',
    ['quick'],
    120,
    transactionsCommand,
  ),
  check(
    'TransactionalMessageCopier',
    'copies with random aborts',
    'java, mvn',
    'java … org.apache.kafka.tools.TransactionalMessageCopier --enable-random-aborts …',
    ['quick'],
    120,
    messageCopier,
  ),
  check(
    'transactions-kafkajs',
    'KafkaJS 2.2.4: commits, aborts, offsets, fencing, both isolation levels',
    'npm',
    'node kafkajs-transactions.mjs BOOTSTRAP NAME',
    ['quick'],
    150,
    kafkajsTransactions,
  ),
  check(
    'TransactionalMessageCopier-kills',
    'the same, kill -9 of the copier and of the broker',
    'java, mvn',
    'java … org.apache.kafka.tools.TransactionalMessageCopier … in a loop',
    [],
    300,
    copierUnderKills,
  ),
  check(
    'streams-word-count',
    'Kafka Streams 4.3.1 with exactly_once_v2, kill -9 of it and of the broker',
    'java, mvn',
    'java … WordCount BOOTSTRAP NAME INPUT OUTPUT STATE, in a loop',
    [],
    300,
    (context) => wordCount(context, 'classic'),
  ),
  check(
    'streams-word-count-streams',
    'the same with group.protocol=streams',
    'java, mvn',
    'java … WordCount BOOTSTRAP NAME INPUT OUTPUT STATE streams, in a loop',
    [],
    300,
    (context) => wordCount(context, 'streams'),
  ),
];
