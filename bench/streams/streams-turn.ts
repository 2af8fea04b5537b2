/** One turn of one row: topics, an application on the filled input, and what its output holds. */
import { rm } from 'node:fs/promises';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import type { BrokerProcess } from '../brokers/broker-process.ts';
import type { Figures } from '../figures.ts';
import { createTopic, deleteTopic, endOffsetOf } from '../load/admin.ts';
import { ControlClient } from '../load/control-client.ts';
import { ApplicationProcess } from './application-process.ts';
import type { ApplicationCommand } from './application-programs.ts';
import type { ApplicationSetup } from './application-setup.ts';
import { latencyTurn } from './latency-turn.ts';
import { restoreTurn } from './restore-turn.ts';
import type { StreamsSuiteOptions } from './streams-options.ts';
import type { StreamsScenario, StreamsTopologyName } from './streams-scenarios.ts';

/** The filled topics that all turns read. */
export interface FilledInput {
  readonly input: string;
  readonly table: string;
  readonly records: number;
}

/** No row is faster, so that the input lasts. */
const MOST_PER_SECOND = 1_500_000;
/** It works for so long before it is ended: a commit lies within. */
const WORKS_MS = 1_500;
/** The stores with a changelog of their own. */
const STORES: Readonly<Record<StreamsTopologyName, readonly string[]>> = {
  'filter-map': [],
  count: ['counts'],
  'window-count': ['counts'],
  join: ['rows'],
  async: [],
  rows: ['rows'],
};

let turns = 0;

export async function fillTopics(
  broker: BrokerProcess,
  { warmupSeconds, seconds }: StreamsSuiteOptions,
): Promise<FilledInput> {
  const control = await ControlClient.connect(broker.host, broker.port);
  const records = Math.ceil(MOST_PER_SECOND * (warmupSeconds + seconds));
  const filled = { input: 'streams-input', table: 'streams-table', records };
  try {
    for (const name of [filled.input, filled.table]) await newTopic(control, name);
    await new ApplicationProcess({ ...blank(broker), ...filled, load: 'fill' }).ended();
    const held = await endOffsetOf(control, filled.input, 0);
    if (held !== records) throw new Error(`the input holds ${held} records, not ${records}`);
    return filled;
  } finally {
    control.close();
  }
}

/** Without anything that differs from row to row. */
function blank(broker: BrokerProcess): ApplicationSetup {
  return {
    load: '',
    bootstrap: broker.address,
    topology: 'count',
    guarantee: 'at_least_once',
    application: '',
    stateDir: '',
    input: '',
    table: '',
    output: '',
    records: 0,
    warmupMs: 0,
    measureMs: 0,
  };
}

function newTopic(control: ControlClient, name: string): Promise<void> {
  return createTopic(control, { name, partitions: 1, configs: {} });
}

export async function streamsTurn(
  scenario: StreamsScenario,
  broker: BrokerProcess,
  filled: FilledInput,
  options: StreamsSuiteOptions,
  folder: string,
  command: ApplicationCommand,
): Promise<Figures> {
  const application = `streams-${process.pid}-${turns++}`;
  const setup: ApplicationSetup = {
    ...blank(broker),
    ...filled,
    topology: scenario.topology,
    guarantee: scenario.guarantee,
    application,
    stateDir: join(folder, application),
    output: `${application}-output`,
    warmupMs: options.warmupSeconds * 1000,
    measureMs: options.seconds * 1000,
  };
  if (scenario.kind === 'driver') return drive({ ...setup, load: 'driver' });
  const control = await ControlClient.connect(broker.host, broker.port);
  try {
    await newTopic(control, setup.output);
    const figures = await measured(scenario, setup, command, control);
    const changelogs = STORES[scenario.topology].map((store) => changelogOf(application, store));
    for (const name of [setup.output, ...changelogs]) await deleteTopic(control, name);
    return figures;
  } finally {
    control.close();
    await rm(setup.stateDir, { recursive: true, force: true });
  }
}

async function measured(
  { kind }: StreamsScenario,
  setup: ApplicationSetup,
  command: ApplicationCommand,
  control: ControlClient,
): Promise<Figures> {
  switch (kind) {
    case 'restart':
      return restart({ ...setup, load: 'first' });
    case 'latency':
      return latencyTurn(setup, control);
    case 'restore':
      return restoreTurn(setup, control);
    default:
      return flow({ ...setup, load: 'flow' }, command, control);
  }
}

function changelogOf(application: string, store: string): string {
  return `${application}-${store}-changelog`;
}

async function drive(setup: ApplicationSetup): Promise<Figures> {
  return await new ApplicationProcess(setup).line;
}

/** Each record that came in must have led to one in the output; markers take offsets, too. */
async function flow(
  setup: ApplicationSetup,
  command: ApplicationCommand,
  control: ControlClient,
): Promise<Figures> {
  const app = new ApplicationProcess(setup, command);
  const { messages, seconds, cpuSeconds, total, rssMib } = await app.line;
  await app.ended();
  const held = await endOffsetOf(control, setup.output, 0);
  const isRight = setup.guarantee === 'at_least_once' ? held === total : held >= total!;
  if (!isRight) throw new Error(`the output holds ${held} records of ${total} that came in`);
  return {
    messagesPerSecond: messages! / seconds!,
    clientCpuUs: (cpuSeconds! / messages!) * 1e6,
    clientRssMib: rssMib!,
  };
}

async function restart(setup: ApplicationSetup): Promise<Figures> {
  const first = new ApplicationProcess(setup);
  await working(first);
  await first.close();
  const second = new ApplicationProcess(setup);
  const startMs = await working(second);
  await second.kill();
  const third = new ApplicationProcess(setup);
  const killedStartMs = await working(third);
  await third.close();
  return { startMs, killedStartMs };
}

/** From the start of its process to its first record. */
async function working(app: ApplicationProcess): Promise<number> {
  const { firstMs } = await app.line;
  await sleep(WORKS_MS);
  return firstMs!;
}
