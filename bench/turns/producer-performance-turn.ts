/** Kafka's own load program as a transactional producer; its JVM is started for each turn. */
import { execFile } from 'node:child_process';
import { promisify } from 'node:util';
import type { BenchOptions } from '../bench-options.ts';
import { kafkaClassPath } from '../brokers/kafka.ts';
import type { Figures } from '../figures.ts';
import type { Contestant } from '../harness/contestant.ts';
import { createTopic, deleteTopic } from '../load/admin.ts';
import { ControlClient } from '../load/control-client.ts';
import { cpuSecondsOf } from '../load/process-stats.ts';
import { repositoryPath } from '../repository-path.ts';
import type { Scenario } from '../scenario.ts';

const PROGRAM = 'org.apache.kafka.tools.ProducerPerformance';
const PARTITIONS = 4;
const RECORDS_SENT =
  /(\d+) records sent, ([\d.]+) records\/sec .*? ([\d.]+) ms 50th, .*? ([\d.]+) ms 99th/;

let turns = 0;

export async function producerPerformanceTurn(
  scenario: Scenario,
  who: Contestant,
  _options: BenchOptions,
): Promise<Figures> {
  const classPath = await kafkaClassPath(repositoryPath('node_modules/.cache/millrace-bench'));
  const broker = await who.shared();
  const topic = `performance-${process.pid}-${turns++}`;
  const control = await ControlClient.connect(broker.host, broker.port);
  await createTopic(control, { name: topic, partitions: PARTITIONS, configs: {} });
  const where = ['--topic', topic, '--bootstrap-server', broker.address];
  const transactional = ['--transactional-id', topic, '--transaction-duration-ms', '100'];
  const heap = ['-Xmx512M', '-cp', classPath];
  const cpuFrom = cpuSecondsOf(broker.pid);
  const { stdout } = await promisify(execFile)('java', [
    ...heap,
    PROGRAM,
    ...where,
    ...scenario.args,
    ...transactional,
  ]);
  const brokerCpuSeconds = cpuSecondsOf(broker.pid) - cpuFrom;
  await deleteTopic(control, topic);
  control.close();
  const last = RECORDS_SENT.exec(stdout.trim().split('\n').at(-1) ?? '');
  if (last === null) throw new Error(`${PROGRAM} printed no figures: ${stdout}`);
  const [records, messagesPerSecond, p50Ms, p99Ms] = last.slice(1).map(Number);
  const brokerCpuPerMillion = brokerCpuSeconds / (records! / 1e6);
  return {
    messagesPerSecond: messagesPerSecond!,
    p50Ms: p50Ms!,
    p99Ms: p99Ms!,
    brokerCpuPerMillion,
  };
}
