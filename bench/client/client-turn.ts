/** One turn of one client in one scenario: a topic, a program, and what the topic holds then. */
import { execFile } from 'node:child_process';
import { promisify } from 'node:util';
import type { BrokerProcess } from '../brokers/broker-process.ts';
import type { Figures } from '../figures.ts';
import { runLoadProcess } from '../harness/load-process.ts';
import { createTopic, deleteTopic, endOffsetOf } from '../load/admin.ts';
import { ControlClient } from '../load/control-client.ts';
import { repositoryPath } from '../repository-path.ts';
import type { ClientProgram } from './client-programs.ts';
import type { ClientScenario } from './client-scenarios.ts';
import type { ProgramResult } from './program-setup.ts';

export interface ClientTiming {
  readonly warmupSeconds: number;
  readonly seconds: number;
}

const FILL = ['fill', '--preload-bytes', '600000000', '--keep-topics'];
const SETUP_LIMIT_MS = 120_000;

let turns = 0;

export async function clientTurn(
  scenario: ClientScenario,
  program: ClientProgram,
  broker: BrokerProcess,
  timing: ClientTiming,
): Promise<Figures> {
  const control = await ControlClient.connect(broker.host, broker.port);
  const topic = scenario.consumes
    ? await filledTopic(broker)
    : await newTopic(control, scenario.partitions);
  try {
    const records = await endOffsetsOf(control, topic, scenario.partitions);
    const result = await run(program, scenario, broker, topic, records, timing);
    const held = await endOffsetsOf(control, topic, scenario.partitions);
    const told = result.total + (result.markers ?? 0);
    if (held !== told) throw new Error(`the topic holds ${held} records, acknowledged: ${told}`);
    return figuresOf(result);
  } finally {
    await deleteTopic(control, topic);
    control.close();
  }
}

/** The same topic serves all clients of a scenario that consumes. */
async function filledTopic(broker: BrokerProcess): Promise<string> {
  return (await runLoadProcess(broker, FILL, 0, 0)).topics[0]!;
}

async function newTopic(control: ControlClient, partitions: number): Promise<string> {
  const name = `client-${process.pid}-${turns++}`;
  await createTopic(control, { name, partitions, configs: {} });
  return name;
}

async function endOffsetsOf(control: ControlClient, topic: string, partitions: number) {
  let sum = 0;
  for (let partition = 0; partition < partitions; partition++) {
    sum += await endOffsetOf(control, topic, partition);
  }
  return sum;
}

async function run(
  program: ClientProgram,
  scenario: ClientScenario,
  broker: BrokerProcess,
  topic: string,
  records: number,
  timing: ClientTiming,
): Promise<ProgramResult> {
  const seconds = scenario.seconds ?? timing.seconds;
  const { warmupSeconds } = timing;
  const at = { bootstrap: broker.address, topic, records, warmupSeconds, seconds };
  const { command, env, resultOf } = program.plan(scenario, at);
  const [file, ...args] = command;
  const timeout = SETUP_LIMIT_MS + 3 * (warmupSeconds + seconds) * 1000;
  const { stdout } = await promisify(execFile)(file!, args, {
    cwd: repositoryPath(''),
    env: { ...process.env, ...env },
    timeout,
    maxBuffer: 64 * 1024 * 1024,
  });
  return resultOf(stdout);
}

function figuresOf(result: ProgramResult): Figures {
  const { messages, seconds, cpuSeconds } = result;
  const figures: Record<string, number> = { messagesPerSecond: messages / seconds };
  // A JVM that compiles takes more than its client does: of Java only the rate is told.
  if (cpuSeconds > 0) figures.clientCpuUs = (cpuSeconds / messages) * 1e6;
  const { p50Ms, p99Ms, rssMib, heapKibPerSecond, bufferMib } = result;
  const rest = { p50Ms, p99Ms, clientRssMib: rssMib, heapKibPerSecond, clientBufferMib: bufferMib };
  for (const [name, value] of Object.entries(rest)) if (value !== undefined) figures[name] = value;
  return figures;
}
