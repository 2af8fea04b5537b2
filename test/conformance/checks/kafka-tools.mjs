/** Kafka's own command line tools against the broker, no group coordinator needed. */

import { readdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { withScratch } from '../lib/clients.mjs';
import {
  createTopics,
  expectEqual,
  expectMatch,
  produceTo,
  tool,
  tryTool,
} from '../lib/kafka-tools.mjs';
import { writeTransactions } from '../lib/transactional-log.mjs';

const RECORDS = 50_000;

function check(name, proves, run, sets = ['quick', 'full'], limitS = 180) {
  const command = `java … org.apache.kafka.tools.${name.split('-')[0]} …`;
  return { name, proves, needs: 'java, mvn', command, sets, limitS, run };
}

async function topicCommand(context) {
  const { bootstrap } = await context.broker();
  const topic = context.unique('tool.topic');
  const run = (...args) => tool('TopicCommand', ['--bootstrap-server', bootstrap, ...args]);
  const sized = ['--partitions', '3', '--replication-factor', '1'];
  await context.step('create with configs', async () => {
    const configs = ['--config', 'retention.ms=86400000', '--config', 'cleanup.policy=compact'];
    const out = await run('--create', '--topic', topic, ...sized, ...configs);
    expectMatch(out, /Created topic/, 'create');
  });
  await context.step('create again is refused', async () => {
    const args = ['--bootstrap-server', bootstrap, '--create', '--topic', topic, ...sized];
    const result = await tryTool('TopicCommand', args);
    expectEqual(result.code, 1, 'exit status');
    expectMatch(result.stdout + result.stderr, /TopicExistsException|already exists/, 'message');
  });
  await context.step('create --if-not-exists', () =>
    run('--create', '--if-not-exists', '--topic', topic, ...sized),
  );
  await context.step('an invalid name is refused', async () => {
    const args = ['--bootstrap-server', bootstrap, '--create', '--topic', 'a/b', ...sized];
    const result = await tryTool('TopicCommand', args);
    expectMatch(result.stdout + result.stderr, /illegal|invalid/i, 'message');
  });
  await context.step('list', async () => {
    expectMatch(await run('--list'), new RegExp(`^${topic}$`, 'm'), 'list');
  });
  await context.step('describe', async () => {
    const out = await run('--describe', '--topic', topic);
    expectMatch(out, /PartitionCount: 3\s+ReplicationFactor: 1/, 'counts');
    expectMatch(
      out,
      /Configs: (?=.*cleanup\.policy=compact)(?=.*retention\.ms=86400000)/,
      'configs',
    );
    expectMatch(out, /Partition: 2\s+Leader: \d+\s+Replicas: \d+\s+Isr: \d+/, 'partition');
  });
  await context.step('alter partitions to 5', async () => {
    await run('--alter', '--topic', topic, '--partitions', '5');
    expectMatch(await run('--describe', '--topic', topic), /PartitionCount: 5/, 'count');
  });
  await context.step('fewer partitions are refused', async () => {
    const args = [
      '--bootstrap-server',
      bootstrap,
      '--alter',
      '--topic',
      topic,
      '--partitions',
      '2',
    ];
    const result = await tryTool('TopicCommand', args);
    expectEqual(result.code, 1, 'exit status');
    expectMatch(result.stdout + result.stderr, /InvalidPartitions|fewer|higher/i, 'message');
  });
  await context.step('under-replicated and unavailable are empty', async () => {
    for (const flag of ['--under-replicated-partitions', '--unavailable-partitions']) {
      expectEqual((await run('--describe', flag)).trim(), '', flag);
    }
  });
  await context.step('delete', async () => {
    await run('--delete', '--topic', topic);
    const left = (await run('--list')).split('\n').includes(topic);
    expectEqual(left, false, 'still listed');
  });
}

async function configCommand(context) {
  const broker = await context.broker();
  const topic = context.unique('tool.config');
  await createTopics(broker, [topic]);
  const run = (...args) => {
    return tool('ConfigCommand', ['--bootstrap-server', broker.bootstrap, ...args]);
  };
  const entity = ['--entity-type', 'topics', '--entity-name', topic];
  await context.step('add topic configs', () =>
    run('--alter', ...entity, '--add-config', 'retention.bytes=1000000,segment.ms=[600000]'),
  );
  await context.step('describe topic configs', async () => {
    const out = await run('--describe', ...entity);
    expectMatch(out, /retention\.bytes=1000000 sensitive=false/, 'retention.bytes');
    expectMatch(out, /segment\.ms=600000/, 'segment.ms');
    expectMatch(out, /DYNAMIC_TOPIC_CONFIG:retention\.bytes=1000000/, 'synonyms');
  });
  await context.step('describe all topic configs', async () => {
    const out = await run('--describe', '--all', ...entity);
    for (const name of ['cleanup.policy', 'max.message.bytes', 'min.insync.replicas']) {
      expectMatch(out, new RegExp(`${name.replaceAll('.', '\\.')}=`), name);
    }
  });
  await context.step('delete a topic config', async () => {
    await run('--alter', ...entity, '--delete-config', 'segment.ms');
    expectEqual((await run('--describe', ...entity)).includes('segment.ms=600000'), false, 'left');
  });
  await context.step('an unknown config is refused', async () => {
    const args = ['--bootstrap-server', broker.bootstrap, '--alter', ...entity];
    const result = await tryTool('ConfigCommand', [...args, '--add-config', 'no.such.name=1']);
    expectMatch(result.stdout + result.stderr, /InvalidConfig|Unknown topic config/i, 'message');
  });
  await context.step('describe a broker', async () => {
    const id = (
      await tool('BrokerApiVersionsCommand', ['--bootstrap-server', broker.bootstrap])
    ).match(/\(id: (\d+) /)[1];
    const args = ['--describe', '--all', '--entity-type', 'brokers', '--entity-name', id];
    expectMatch(await run(...args), /log\.retention\.hours=|log\.dirs=/, 'broker configs');
  });
}

async function producerPerformance(context) {
  const broker = await context.broker();
  const topic = context.unique('tool.perf');
  await createTopics(broker, [{ name: topic, partitions: 4 }]);
  const counted = async () => {
    const args = ['--bootstrap-server', broker.bootstrap, '--topic', topic];
    const out = await tool('GetOffsetShell', args);
    const ends = [...out.matchAll(/^[^:]+:\d+:(\d+)$/gm)].map((match) => Number(match[1]));
    return ends.reduce((sum, end) => sum + end, 0);
  };
  let expected = 0;
  for (const [label, properties] of [
    ['acks=1', ['acks=1', 'enable.idempotence=false']],
    ['idempotent, acks=all', ['acks=all']],
    ['acks=0', ['acks=0', 'enable.idempotence=false']],
    ['lz4', ['acks=all', 'compression.type=lz4']],
  ]) {
    await context.step(label, async () => {
      const size = ['--num-records', String(RECORDS), '--record-size', '100', '--throughput', '-1'];
      const props = ['--command-property', `bootstrap.servers=${broker.bootstrap}`, ...properties];
      const out = await tool('ProducerPerformance', ['--topic', topic, ...size, ...props]);
      expectMatch(out, new RegExp(`^${RECORDS} records sent`, 'm'), 'summary');
      expected += RECORDS;
      expectEqual(await counted(), expected, 'sum of end offsets');
    });
  }
  await context.step('ConsoleConsumer --partition --offset', async () => {
    const at = ['--topic', topic, '--partition', '1', '--offset', '5', '--max-messages', '1000'];
    const args = ['--bootstrap-server', broker.bootstrap, ...at, '--timeout-ms', '20000'];
    const out = await tool('ConsoleConsumer', [
      ...args,
      '--formatter-property',
      'print.value=true',
    ]);
    expectEqual(out.trim().split('\n').length, 1000, 'records');
  });
}

async function offsetTools(context) {
  const broker = await context.broker();
  const topic = context.unique('tool.offsets');
  await createTopics(broker, [{ name: topic, partitions: 2 }]);
  await produceTo(broker, topic, [600, 400]);
  const offsets = async (time) => {
    const args = ['--bootstrap-server', broker.bootstrap, '--topic', topic, '--time', time];
    const out = await tool('GetOffsetShell', args);
    return [...out.matchAll(/:(\d+):(-?\d*)$/gm)].map((match) => Number(match[2]));
  };
  await context.step('GetOffsetShell latest and earliest', async () => {
    expectEqual(await offsets('-1'), [600, 400], 'latest');
    expectEqual(await offsets('-2'), [0, 0], 'earliest');
  });
  await context.step('GetOffsetShell by time, max timestamp, earliest local', async () => {
    const [zero, max] = [await offsets('0'), await offsets('-3')];
    expectEqual(zero, [0, 0], 'first at or after time 0');
    expectEqual(max, [599, 399], 'offset of the largest timestamp');
    expectEqual(await offsets('-4'), [0, 0], 'earliest local');
    const after = await offsets(String(Date.now() + 3_600_000));
    expectEqual(
      after.filter((one) => one >= 0 && one < 1),
      [],
      'no spurious zero after the end',
    );
  });
  await context.step('DeleteRecordsCommand', () =>
    withScratch(async (folder) => {
      const file = join(folder, 'offsets.json');
      const partitions = [
        { topic, partition: 0, offset: 100 },
        { topic, partition: 1, offset: -1 },
      ];
      await writeFile(file, JSON.stringify({ partitions, version: 1 }));
      const args = ['--bootstrap-server', broker.bootstrap, '--offset-json-file', file];
      const out = await tool('DeleteRecordsCommand', args);
      expectMatch(out, /low_watermark: 100/, 'low watermark');
      const [first, second] = await offsets('-2');
      expectEqual(first, 100, 'earliest of partition 0');
      expectEqual(second, (await offsets('-1'))[1], 'earliest of partition 1 is its end');
    }),
  );
  await context.step('DeleteRecordsCommand beyond the end is refused', () =>
    withScratch(async (folder) => {
      const file = join(folder, 'offsets.json');
      const partitions = [{ topic, partition: 0, offset: 1_000_000 }];
      await writeFile(file, JSON.stringify({ partitions, version: 1 }));
      const args = ['--bootstrap-server', broker.bootstrap, '--offset-json-file', file];
      const result = await tryTool('DeleteRecordsCommand', args);
      expectMatch(result.stdout + result.stderr, /OffsetOutOfRange/, 'message');
    }),
  );
}

async function clusterTools(context) {
  const broker = await context.broker();
  const server = ['--bootstrap-server', broker.bootstrap];
  await context.step('BrokerApiVersionsCommand', async () => {
    const out = await tool('BrokerApiVersionsCommand', server);
    const apis = [...out.matchAll(/^\s+(\w+)\((\d+)\): (\d+)(?: to (\d+))? \[usable: \d+\]/gm)];
    for (const name of ['Produce', 'Fetch', 'ListOffsets', 'Metadata', 'ApiVersions']) {
      if (!apis.some((match) => match[1] === name)) throw new Error(`${name} is not usable`);
    }
    const produce = apis.find((match) => match[1] === 'Produce');
    expectEqual(produce[3], '0', 'lowest Produce version (librdkafka needs 0)');
  });
  await context.step('ClusterTool cluster-id', async () => {
    expectMatch(await tool('ClusterTool', ['cluster-id', ...server]), /Cluster ID: \S{22}/, 'id');
  });
  await context.step('ClusterTool list-endpoints', async () => {
    const out = await tool('ClusterTool', ['list-endpoints', ...server]);
    expectMatch(out, new RegExp(`127\\.0\\.0\\.1\\s+${broker.port}`), 'endpoint');
  });
  await context.step('LogDirsCommand', async () => {
    const topic = context.unique('tool.dirs');
    await createTopics(broker, [topic]);
    const out = await tool('LogDirsCommand', [...server, '--describe', '--topic-list', topic]);
    const line = out.split('\n').find((one) => one.startsWith('{'));
    const dirs = JSON.parse(line).brokers[0].logDirs;
    const all = dirs.flatMap((dir) => dir.partitions.map((one) => one.partition));
    expectEqual(all, [`${topic}-0`], 'partitions');
    expectEqual(
      dirs.map((dir) => dir.error),
      [null],
      'errors',
    );
  });
}

/** Also in the file: one segment's offset index and time index, checked by Kafka's own reader. */
async function dumpLogSegments(context) {
  const config = { 'log.segment.bytes': String(1 << 20), 'log.index.interval.bytes': '4096' };
  const broker = await context.ownBroker({ config });
  const topic = context.unique('tool.dump');
  await createTopics(broker, [topic]);
  for (const codec of ['none', 'gzip', 'snappy', 'lz4', 'zstd']) {
    const size = ['--num-records', '20000', '--record-size', '100', '--throughput', '-1'];
    const server = `bootstrap.servers=${broker.bootstrap}`;
    const props = ['--command-property', server, `compression.type=${codec}`];
    await tool('ProducerPerformance', ['--topic', topic, ...size, ...props]);
  }
  await broker.stop();
  const folder = join(broker.dataDir, `${topic}-0`);
  const files = (await readdir(folder)).sort();
  const dump = async (ending, ...flags) => {
    const list = files.filter((name) => name.endsWith(ending)).map((name) => join(folder, name));
    if (list.length === 0) throw new Error(`no ${ending} in ${files}`);
    const args = [...flags, '--files', list.join(',')];
    const result = await tryTool('DumpLogSegments', args, { timeoutMs: 120_000 });
    expectEqual(result.code, 0, `exit status; ${result.stderr.slice(0, 500)}`);
    return result.stdout;
  };
  await context.step('several segments were written', async () => {
    const count = files.filter((name) => name.endsWith('.log')).length;
    if (count < 3) throw new Error(`${count} segments: ${files}`);
  });
  await context.step('.log --deep-iteration', async () => {
    const out = await dump('.log', '--deep-iteration', '--print-data-log');
    const records = [...out.matchAll(/^\| offset: (\d+)/gm)].map((match) => Number(match[1]));
    expectEqual(records.length, 100_000, 'records');
    expectEqual(
      records.every((offset, i) => offset === i),
      true,
      'offsets count up from 0',
    );
    expectEqual(/isvalid: false|invalid|corrupt/i.test(out), false, 'complaint');
  });
  await context.step('.index --index-sanity-check', async () => {
    expectMatch(await dump('.index', '--index-sanity-check'), /passed sanity check/, 'sanity');
  });
  await context.step('.index against the log', async () => {
    const out = await dump('.index', '--verify-index-only');
    expectEqual(/Mismatches|Non-consecutive/i.test(out), false, out.slice(0, 500));
  });
  await context.step('.timeindex', async () => {
    const out = await dump('.timeindex', '--verify-index-only');
    expectEqual(/Found (timestamp|out of order)|mismatch/i.test(out), false, out.slice(0, 500));
  });
  await context.step('.snapshot of producers', async () => {
    expectMatch(await dump('.snapshot'), /producerId: \d+ producerEpoch: 0/, 'producers');
  });
  await context.step('.txnindex and markers', dumpTransactions);
}

/** Kafka's reader over an aborted transaction and an open one. */
async function dumpTransactions() {
  await withScratch(async (folder) => {
    const written = await writeTransactions(folder);
    const dump = (offset, ending, ...flags) => {
      const file = join(written, `${String(offset).padStart(20, '0')}.${ending}`);
      return tool('DumpLogSegments', [...flags, '--files', file]);
    };
    expectMatch(
      await dump(0, 'txnindex'),
      /^version: 0 producerId: 7 firstOffset: 0 lastOffset: 2 lastStableOffset: 1$/m,
      'aborted transaction',
    );
    expectMatch(
      await dump(0, 'log', '--print-data-log'),
      /^\| offset: 2 .* endTxnMarker: ABORT coordinatorEpoch: 3$/m,
      'marker',
    );
    expectMatch(
      await dump(3, 'snapshot'),
      /^producerId: 8 .* currentTxnFirstOffset: OptionalLong\[1\] /m,
      'open transaction',
    );
  });
}

export const kafkaToolChecks = [
  check('TopicCommand', 'create, list, describe, alter, delete topics', topicCommand),
  check('ConfigCommand', 'topic and broker configs altered and described', configCommand),
  check('ProducerPerformance', 'bulk writes at each acks; ConsoleConsumer', producerPerformance),
  check('GetOffsetShell', 'every special timestamp; DeleteRecordsCommand', offsetTools),
  check('BrokerApiVersionsCommand', 'API ranges; ClusterTool, LogDirsCommand', clusterTools),
  check('DumpLogSegments', "Kafka's reader over the files on disk, all codecs", dumpLogSegments),
];
