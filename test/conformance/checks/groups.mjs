/** Consumer groups, offsets, compaction and group administration with clients and Kafka's tools. */

import { readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { CLIENTS, MILLRACE_CLIENT, runJobs, withScratch } from '../lib/clients.mjs';
import {
  createTopics,
  expectEqual,
  expectMatch,
  produceTo,
  tool,
  tryTool,
} from '../lib/kafka-tools.mjs';
import { compareRecords, makeRecords, readRecords, writeRecords } from '../lib/records.mjs';

const FIRST = 200;
const SECOND = 100;

/**
 * One member reads what there is and commits; then more is written and another member of the same
 * group must get exactly that.
 */
export async function groupClient(context, name, client) {
  const broker = await context.broker();
  for (const protocol of client.protocols) {
    await context.step(`${protocol}: join, read, commit; the next member goes on from there`, () =>
      withScratch(async (folder) => {
        const topic = context.unique(`group-${name}-${protocol}`);
        await createTopics(broker, [topic]);
        const run = async (client, job) => {
          const [error] = await runJobs(client, broker.bootstrap, [{ topic, ...job }], folder);
          if (error !== null) throw new Error(`${job.do} of ${job.count ?? 'all'}: ${error}`);
        };
        for (const [part, count, first] of [
          ['first', FIRST, 0],
          ['second', SECOND, FIRST],
        ]) {
          const records = makeRecords(count, count, client.traits);
          const file = join(folder, `${part}.sent`);
          await writeRecords(file, records);
          await run(CLIENTS.java, { do: 'produce', codec: 'lz4', idempotent: true, file });
          const got = join(folder, `${part}.got`);
          await run(client, { do: 'group', group: topic, protocol, count, file: got });
          compareRecords(records, await readRecords(got), first);
        }
      }),
    );
  }
}

const GROUP_CLIENTS = { ...CLIENTS, millrace: MILLRACE_CLIENT };

const groupClientChecks = Object.entries(GROUP_CLIENTS).map(([name, client]) => ({
  name: `group-${name}`,
  proves: `${client.title}: group consumer, ${client.protocols.join(' and ')} protocol`,
  needs: `${client.needs}, java, mvn`,
  command: `clients: ${name} reads by subscription, commits, goes on from its commit`,
  sets: ['full', 'groups'],
  limitS: 180,
  run: (context) => groupClient(context, name, client),
}));

function serverFor(broker) {
  return ['--bootstrap-server', broker.bootstrap];
}

async function perfAndVerifiable(context) {
  const broker = await context.broker();
  const topic = context.unique('verify');
  await createTopics(broker, [{ name: topic, partitions: 3 }]);
  const at = [...serverFor(broker), '--topic', topic];
  await context.step('VerifiableProducer 5000', async () => {
    const out = await tool('VerifiableProducer', [...at, '--max-messages', '5000', '--acks', '-1']);
    const acked = out.split('\n').filter((line) => line.includes('producer_send_success'));
    expectEqual(acked.length, 5_000, 'acknowledged');
    expectMatch(out, /"sent":5000,"acked":5000|"acked":5000,.*"sent":5000/, 'summary');
  });
  for (const protocol of ['classic', 'consumer']) {
    await context.step(`VerifiableConsumer ${protocol}`, async () => {
      const group = ['--group-id', `${topic}-${protocol}`, '--group-protocol', protocol];
      const args = [...at, ...group, '--max-messages', '5000', '--verbose'];
      const out = await tool('VerifiableConsumer', args);
      const values = new Set();
      for (const line of out.split('\n')) {
        if (line.includes('"record_data"')) values.add(JSON.parse(line).value);
      }
      expectEqual(values.size, 5_000, 'distinct records');
      expectMatch(out, /"name":"offsets_committed".*"success":true|"success":true/, 'commits');
    });
  }
  for (const protocol of ['classic', 'consumer']) {
    await context.step(`ConsumerPerformance ${protocol}`, async () => {
      const wanted = ['--num-records', '5000', '--timeout', '20000', '--hide-header'];
      const property = ['--command-property', `group.protocol=${protocol}`];
      const out = await tool('ConsumerPerformance', [...at, ...wanted, ...property]);
      const columns = out.trim().split('\n').at(-1).split(',');
      expectEqual(Number(columns[4]), 5_000, `records in: ${out}`);
    });
  }
  await context.step('EndToEndLatency', async () => {
    const named = [
      '--topic',
      context.unique('e2e'),
      '--num-records',
      '200',
      '--record-size',
      '100',
    ];
    const args = [...serverFor(broker), ...named, '--producer-acks', 'all'];
    expectMatch(await tool('EndToEndLatency', args), /Avg latency: [\d.]+ ms/, 'summary');
  });
}

/** A group that read and committed, then went: what the offset tools work on. */
async function emptyGroup(context, broker) {
  const topic = context.unique('admin');
  const group = `${topic}-group`;
  await createTopics(broker, [{ name: topic, partitions: 2 }]);
  const at = [...serverFor(broker), '--topic', topic];
  await produceTo(broker, topic, [600, 400]);
  await tool('VerifiableConsumer', [...at, '--group-id', group, '--max-messages', '1000']);
  return { topic, group };
}

async function groupCommands(context) {
  const broker = await context.broker();
  const { topic, group } = await emptyGroup(context, broker);
  const server = serverFor(broker);
  const run = (...args) => tool('ConsumerGroupCommand', [...server, ...args]);
  await context.step('GroupsCommand --list', async () => {
    const out = await tool('GroupsCommand', [...server, '--list']);
    expectMatch(out, new RegExp(`${group}\\s+Classic\\s+consumer`), 'list');
    const only = await tool('GroupsCommand', [...server, '--list', '--group-type', 'share']);
    expectEqual(only.includes(group), false, 'classic group among share groups');
  });
  await context.step('--list --state', async () => {
    expectMatch(await run('--list'), new RegExp(`^${group}$`, 'm'), 'list');
    const empty = await run('--list', '--state', 'empty');
    expectMatch(empty, new RegExp(`${group}\\s+Empty`), 'state');
    const stable = await run('--list', '--state', 'stable');
    expectEqual(stable.includes(group), false, 'among the stable');
  });
  await context.step('--describe: offsets, state, members', async () => {
    const offsets = await run('--describe', '--group', group);
    const rows = [...offsets.matchAll(new RegExp(`${topic}\\s+\\d\\s+(\\d+)\\s+(\\d+)\\s+0`, 'g'))];
    expectEqual(rows.length, 2, `partitions without lag in ${offsets}`);
    expectEqual(
      rows.reduce((sum, row) => sum + Number(row[1]), 0),
      1_000,
      'committed',
    );
    expectMatch(await run('--describe', '--group', group, '--state'), /Empty\s+0/, 'state');
    await run('--describe', '--group', group, '--members');
  });
  await resets(context, run, topic, group);
  await context.step('--delete-offsets', async () => {
    const out = await run('--delete-offsets', '--group', group, '--topic', `${topic}:0`);
    expectMatch(out, /Successful/, 'answer');
  });
  await context.step('--delete', async () => {
    expectMatch(await run('--delete', '--group', group), /successful/, 'answer');
    expectEqual((await run('--list')).split('\n').includes(group), false, 'still listed');
  });
  await context.step('--describe of a group that is not there', async () => {
    const args = [...server, '--describe', '--group', 'never-was'];
    const result = await tryTool('ConsumerGroupCommand', args);
    expectMatch(result.stdout + result.stderr, /does not exist|GroupIdNotFound/, 'message');
  });
}

async function resets(context, run, topic, group) {
  const reset = async (...how) => {
    const out = await run('--reset-offsets', '--group', group, ...how);
    const rows = [...out.matchAll(new RegExp(`${topic}\\s+(\\d)\\s+(\\d+)`, 'g'))];
    rows.sort((a, b) => a[1] - b[1]);
    return rows.map((row) => Number(row[2]));
  };
  const all = ['--topic', topic];
  let ends;
  await context.step('--reset-offsets --to-earliest, dry run and executed', async () => {
    expectEqual(await reset(...all, '--to-earliest', '--dry-run'), [0, 0], 'dry run');
    ends = await reset(...all, '--to-current', '--dry-run');
    expectEqual(ends, [600, 400], 'unchanged by the dry run');
    expectEqual(await reset(...all, '--to-earliest', '--execute'), [0, 0], 'executed');
  });
  await context.step('--to-offset, --shift-by', async () => {
    const one = ['--topic', `${topic}:0`];
    expectEqual(await reset(...one, '--to-offset', '5', '--execute'), [5], 'to offset');
    expectEqual(await reset(...one, '--shift-by', '-2', '--execute'), [3], 'shift by -2');
    expectEqual(await reset(...one, '--shift-by', '-100', '--execute'), [0], 'not below 0');
  });
  await context.step('--to-datetime, --by-duration, --to-latest', async () => {
    const past = ['--to-datetime', '2020-01-01T00:00:00.000'];
    expectEqual(await reset(...all, ...past, '--execute'), [0, 0], 'to a time before all');
    expectEqual(await reset(...all, '--by-duration', 'PT1H', '--execute'), [0, 0], 'an hour back');
    expectEqual(await reset(...all, '--to-latest', '--execute'), ends, 'to latest');
    const future = ['--to-datetime', '2099-01-01T00:00:00.000'];
    expectEqual(await reset(...all, ...future, '--execute'), ends, 'to a time after all');
  });
  await context.step('--export and --from-file', () =>
    withScratch(async (folder) => {
      const csv = await run(
        '--reset-offsets',
        '--group',
        group,
        ...all,
        '--to-current',
        '--export',
      );
      expectMatch(csv, new RegExp(`"?${topic}"?,0,\\d+`), 'export');
      const file = join(folder, 'offsets.csv');
      await writeFile(file, `${topic},0,7\n${topic},1,8\n`);
      expectEqual(await reset('--from-file', file, '--execute'), [7, 8], 'from file');
      await readFile(file);
    }),
  );
}

async function dynamicConfigs(context) {
  const broker = await context.ownBroker();
  const run = (...args) => tool('ConfigCommand', [...serverFor(broker), ...args]);
  const brokers = ['--entity-type', 'brokers', '--entity-default'];
  await context.step('broker default config', async () => {
    await run('--alter', ...brokers, '--add-config', 'log.retention.ms=7200000');
    expectMatch(await run('--describe', ...brokers), /log\.retention\.ms=7200000/, 'described');
    await run('--alter', ...brokers, '--delete-config', 'log.retention.ms');
    expectEqual((await run('--describe', ...brokers)).includes('7200000'), false, 'left');
  });
  await context.step('read-only broker config is refused', async () => {
    const args = [...serverFor(broker), '--alter', ...brokers, '--add-config', 'log.dirs=/x'];
    const result = await tryTool('ConfigCommand', args);
    expectMatch(result.stdout + result.stderr, /InvalidRequest|Cannot update/, 'message');
  });
  const group = ['--entity-type', 'groups', '--entity-name', 'conf-group'];
  await context.step('group config', async () => {
    await run('--alter', ...group, '--add-config', 'consumer.session.timeout.ms=50000');
    expectMatch(await run('--describe', ...group), /consumer\.session\.timeout\.ms=50000/, 'set');
  });
  const user = ['--entity-type', 'clients', '--entity-name', 'conf-client'];
  await context.step('client quota stored and described', async () => {
    await run('--alter', ...user, '--add-config', 'producer_byte_rate=1048576');
    expectMatch(await run('--describe', ...user), /producer_byte_rate=1048576/, 'described');
    await run('--alter', ...user, '--delete-config', 'producer_byte_rate');
  });
}

async function adminOfOneBroker(context) {
  const broker = await context.broker();
  const server = serverFor(broker);
  const { topic } = await emptyGroup(context, broker);
  await context.step('MetadataQuorumCommand describe --status', async () => {
    const out = await tool('MetadataQuorumCommand', [...server, 'describe', '--status']);
    expectMatch(out, /LeaderId:\s+\d+/, 'leader');
  });
  await context.step('FeatureCommand describe', async () => {
    expectMatch(await tool('FeatureCommand', [...server, 'describe']), /Feature:/, 'features');
  });
  await context.step('LeaderElectionCommand, nothing to elect', async () => {
    const args = [...server, '--election-type', 'preferred', '--topic', topic, '--partition', '0'];
    const out = await tool('LeaderElectionCommand', args);
    expectMatch(out, /Valid replica already elected|Successfully completed/, 'answer');
  });
  await context.step('TransactionsCommand describe-producers', async () => {
    const args = [...server, 'describe-producers', '--topic', topic, '--partition', '0'];
    expectMatch(await tool('TransactionsCommand', args), /ProducerId\s+ProducerEpoch/, 'table');
  });
}

async function logCompaction(context) {
  const config = {
    'log.cleaner.backoff.ms': '500',
    'log.cleaner.min.cleanable.ratio': '0.01',
    'log.segment.bytes': String(1 << 20),
  };
  const broker = await context.ownBroker({ config });
  for (const codec of ['none', 'zstd']) {
    await context.step(`200,000 records, 10 % deletes, ${codec}`, async () => {
      const size = ['--messages', '200000', '--percent-deletes', '10', '--sleep', '15'];
      const args = [...serverFor(broker), ...size, '--compression-type', codec];
      const result = await tryTool('LogCompactionTester', args, { timeoutMs: 120_000 });
      expectEqual(result.code, 0, `exit status; ${(result.stdout + result.stderr).slice(-800)}`);
      expectMatch(result.stdout, /Data verification is completed|Validated/, 'verdict');
    });
  }
}

function check(name, proves, run, limitS = 180) {
  const command = `java … org.apache.kafka.tools.${name} …`;
  return { name, proves, needs: 'java, mvn', command, sets: ['full', 'groups'], limitS, run };
}

export const groupChecks = [
  ...groupClientChecks,
  check(
    'VerifiableConsumer',
    'both protocols; VerifiableProducer, ConsumerPerformance',
    perfAndVerifiable,
  ),
  check('ConsumerGroupCommand', 'GroupsCommand, describe, resets, delete', groupCommands),
  check('ConfigCommand-dynamic', 'broker, group and client configs', dynamicConfigs),
  check('MetadataQuorumCommand', 'features, elections, producers', adminOfOneBroker),
  check('LogCompactionTester', "Kafka's own check of compaction", logCompaction, 300),
];
