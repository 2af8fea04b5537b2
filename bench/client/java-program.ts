/** Kafka's own load programs. Their JVM is started for each turn; only the rate is told of them. */
import type { ClientProgram, ProgramPlace, ProgramPlan } from './client-programs.ts';
import type { ClientScenario } from './client-scenarios.ts';
import type { ProgramResult } from './program-setup.ts';

const PRODUCER = 'org.apache.kafka.tools.ProducerPerformance';
const CONSUMER = 'org.apache.kafka.tools.ConsumerPerformance';
const RECORDS = 6_000_000;
const WARMUP_RECORDS = 2_000_000;
/** Without the warm-up. */
const RECORDS_SENT = /(\d+) steady state records sent, ([\d.]+) records\/sec/;
/** start, end, MB, MB/s, records, records/s, then the same of the fetching without the join. */
const CONSUMED_RECORDS = 4;
const FETCH_MS = 7;

export function javaProgram(classPath: string): ClientProgram {
  const java = ['java', '-Xmx512M', '-cp', classPath];
  return {
    name: 'java',
    takesPart: ({ javaArgs }) => javaArgs !== undefined,
    plan: (scenario, place) =>
      scenario.consumes ? consumerPlan(java, place) : producerPlan(java, scenario, place),
  };
}

function producerPlan(
  java: readonly string[],
  { javaArgs }: ClientScenario,
  { bootstrap, topic }: ProgramPlace,
): ProgramPlan {
  const count = ['--num-records', `${RECORDS}`, '--warmup-records', `${WARMUP_RECORDS}`];
  const load = [...count, '--record-size', '100', '--throughput', '-1'];
  const properties = ['batch.size=16384', 'linger.ms=5', ...javaArgs!];
  const where = ['--topic', topic, '--bootstrap-server', bootstrap];
  const settings = properties.flatMap((each) => ['--command-property', each]);
  return {
    command: [...java, PRODUCER, ...where, ...load, ...settings],
    env: {},
    resultOf: (stdout) => {
      const found = RECORDS_SENT.exec(stdout.trim().split('\n').at(-1) ?? '');
      if (found === null) throw new Error(`${PRODUCER} printed no figures: ${stdout}`);
      return resultOf(Number(found[1]), Number(found[1]) / Number(found[2]), RECORDS);
    },
  };
}

function consumerPlan(
  java: readonly string[],
  { bootstrap, topic, records }: ProgramPlace,
): ProgramPlan {
  const where = ['--topic', topic, '--bootstrap-server', bootstrap];
  return {
    command: [...java, CONSUMER, ...where, '--num-records', `${records}`, '--timeout', '30000'],
    env: {},
    resultOf: (stdout) => {
      const fields = (stdout.trim().split('\n').at(-1) ?? '').split(',').map(Number);
      const seconds = fields[FETCH_MS]! / 1000;
      if (!(seconds > 0)) throw new Error(`${CONSUMER} printed no figures: ${stdout}`);
      return resultOf(fields[CONSUMED_RECORDS]!, seconds, records);
    },
  };
}

function resultOf(messages: number, seconds: number, total: number): ProgramResult {
  return { messages, seconds, cpuSeconds: 0, total };
}
