/** Kafka's own perf tools: their virtual machine starts with each turn, and compiles meanwhile. */
import { execFile } from 'node:child_process';
import { promisify } from 'node:util';
import { kafkaClassPath, missingForKafka } from '../brokers/kafka.ts';
import type { Figures } from '../figures.ts';
import type { Command, TakeTurn } from '../harness/command.ts';
import { runLoadProcess } from '../harness/load-process.ts';
import type { Options } from '../harness/option-table.ts';
import { createTopic, deleteTopic, endOffsetOf } from '../load/admin.ts';
import { ControlClient } from '../load/control-client.ts';
import { cpuSecondsOf } from '../load/process-stats.ts';
import { repositoryPath } from '../repository-path.ts';
import { PRODUCER_OPTIONS, TOPIC_OPTIONS } from './drive-options.ts';

const PRODUCER = 'org.apache.kafka.tools.ProducerPerformance';
const CONSUMER = 'org.apache.kafka.tools.ConsumerPerformance';
const FLAT_RECORDS = 6_000_000;
const FLAT_WARMUP_RECORDS = 2_000_000;
const FILL = ['fill', '--preload-bytes', '600000000', '--keep-topics'];
/** The last line counts what came after the warm-up. */
const SENT =
  /(\d+) (?:steady state )?records sent, ([\d.]+) records\/sec .*? ([\d.]+) ms 50th, .*? ([\d.]+) ms 99th, ([\d.]+) ms 99\.9th/;
/** start, end, MB, MB/s, records, records/s, then the same of the fetching without the join. */
const CONSUMED_RECORDS = 4;
const FETCH_MS = 7;

const { acks, linger, 'batch-size': batchSize, codec, idempotent, transactions } = PRODUCER_OPTIONS;
const { 'record-size': recordSize, partitions } = TOPIC_OPTIONS;
let turns = 0;

export const JAVA: Command = {
  name: 'java',
  summary: 'Kafka’s ProducerPerformance, or with --consume its ConsumerPerformance',
  options: {
    'record-size': recordSize!,
    partitions: partitions!,
    acks: acks!,
    linger: linger!,
    'batch-size': batchSize!,
    codec: codec!,
    idempotent: idempotent!,
    transactions: transactions!,
    rate: { takes: 'whole', unless: 0, least: 0, most: 100_000_000, help: '0 is flat out' },
    consume: { takes: 'flag', help: 'reads 600 MB that are there already' },
  },
  rivals: ['kafka'],
  seconds: 4,
  plan: (options) => (options.flag('consume') ? consuming() : producing(options)),
};

async function java(program: string, args: readonly string[]): Promise<string> {
  const missing = await missingForKafka();
  if (missing !== undefined) throw new Error(`Kafka’s tools cannot be had: ${missing}`);
  const classPath = await kafkaClassPath(repositoryPath('node_modules/.cache/millrace-bench'));
  const command = ['-Xmx512M', '-cp', classPath, program, ...args];
  return (await promisify(execFile)('java', command, { maxBuffer: 64 * 1024 * 1024 })).stdout;
}

function producing(options: Options): TakeTurn {
  const properties = [
    `acks=${options.text('acks')}`,
    `linger.ms=${options.number('linger')}`,
    `batch.size=${options.number('batch-size')}`,
    `compression.type=${options.text('codec')}`,
    `enable.idempotence=${options.flag('idempotent') || options.number('transactions') > 0}`,
  ];
  const ms = options.number('transactions');
  const rate = options.number('rate');
  return async (who, { warmupSeconds, seconds }) => {
    const broker = await who.shared();
    const control = await ControlClient.connect(broker.host, broker.port);
    const topic = `java-${process.pid}-${turns++}`;
    const count = options.number('partitions');
    await createTopic(control, { name: topic, partitions: count, configs: {} });
    const warmup = rate > 0 ? Math.ceil(rate * warmupSeconds) : FLAT_WARMUP_RECORDS;
    const records = rate > 0 ? warmup + Math.ceil(rate * seconds) : FLAT_RECORDS;
    const cpuFrom = cpuSecondsOf(broker.pid);
    const out = await java(PRODUCER, [
      ...['--topic', topic, '--bootstrap-server', broker.address],
      ...['--num-records', String(records), '--warmup-records', String(warmup)],
      ...['--record-size', String(options.number('record-size'))],
      ...['--throughput', rate > 0 ? String(rate) : '-1'],
      ...(ms > 0 ? ['--transactional-id', topic, '--transaction-duration-ms', String(ms)] : []),
      ...properties.flatMap((each) => ['--command-property', each]),
    ]);
    const cpuSeconds = cpuSecondsOf(broker.pid) - cpuFrom;
    let holds = 0;
    for (let i = 0; i < count; i++) holds += await endOffsetOf(control, topic, i);
    await deleteTopic(control, topic);
    control.close();
    if (holds < records) throw new Error(`the topic holds ${holds} of ${records} records`);
    return {
      figures: { ...producerFigures(out), brokerCpuPerMillion: (cpuSeconds / records) * 1e6 },
    };
  };
}

function producerFigures(out: string): Figures {
  const found = SENT.exec(out.trim().split('\n').at(-1) ?? '');
  if (found === null) throw new Error(`${PRODUCER} printed no figures: ${out}`);
  const [, , messagesPerSecond, p50Ms, p99Ms, p999Ms] = found.map(Number);
  return {
    messagesPerSecond: messagesPerSecond!,
    p50Ms: p50Ms!,
    p99Ms: p99Ms!,
    p999Ms: p999Ms!,
  };
}

function consuming(): TakeTurn {
  return async (who) => {
    const broker = await who.shared();
    const { topics } = await runLoadProcess(broker, FILL, 0, 0);
    const topic = topics[0]!;
    const control = await ControlClient.connect(broker.host, broker.port);
    const records = await endOffsetOf(control, topic, 0);
    const cpuFrom = cpuSecondsOf(broker.pid);
    const out = await java(CONSUMER, [
      ...['--topic', topic, '--bootstrap-server', broker.address],
      ...['--num-records', String(records), '--timeout', '30000'],
    ]);
    const cpuSeconds = cpuSecondsOf(broker.pid) - cpuFrom;
    await deleteTopic(control, topic);
    control.close();
    const fields = (out.trim().split('\n').at(-1) ?? '').split(',').map(Number);
    const seconds = fields[FETCH_MS]! / 1000;
    if (!(seconds > 0)) throw new Error(`${CONSUMER} printed no figures: ${out}`);
    const messagesPerSecond = fields[CONSUMED_RECORDS]! / seconds;
    return { figures: { messagesPerSecond, brokerCpuPerMillion: (cpuSeconds / records) * 1e6 } };
  };
}
