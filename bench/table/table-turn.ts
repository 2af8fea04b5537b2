/** One turn: a topic, a process of the client, and whether the topic holds what it was told. */
import { execFile } from 'node:child_process';
import { promisify } from 'node:util';
import type { BrokerProcess } from '../brokers/broker-process.ts';
import { createTopic, deleteTopic, endOffsetOf } from '../load/admin.ts';
import { ControlClient } from '../load/control-client.ts';
import { repositoryPath } from '../repository-path.ts';
import type { TableScenario } from '../scenarios/table-scenario.ts';
import type { TableResult } from './table-result.ts';
import type { TableSetup } from './table-setup.ts';

const SETUP_LIMIT_MS = 60_000;
let turns = 0;

export interface TurnSettings {
  readonly recordBytes: number;
  readonly rate: number;
  readonly warmupMs: number;
  readonly measureMs: number;
}

export async function tableTurn(
  scenario: TableScenario,
  broker: BrokerProcess,
  settings: TurnSettings,
): Promise<TableResult> {
  const control = await ControlClient.connect(broker.host, broker.port);
  const topic = `table-${process.pid}-${turns++}`;
  const { partitions } = scenario;
  await createTopic(control, { name: topic, partitions, configs: {} });
  try {
    const at = { bootstrap: broker.address, brokerPid: broker.pid, topic };
    const result = await runClient({ scenario, ...at, ...settings });
    let holds = 0;
    for (let i = 0; i < partitions; i++) holds += await endOffsetOf(control, topic, i);
    if (holds === result.held) return result;
    throw new Error(`the topic holds ${holds} records, acknowledged: ${result.held}`);
  } finally {
    await deleteTopic(control, topic);
    control.close();
  }
}

async function runClient(setup: TableSetup): Promise<TableResult> {
  const program = repositoryPath('bench/dist/table/main.js');
  const timeout = SETUP_LIMIT_MS + 2 * (setup.warmupMs + setup.measureMs);
  const args = [program, JSON.stringify(setup)];
  const { stdout } = await promisify(execFile)(process.execPath, args, {
    cwd: repositoryPath(''),
    timeout,
  });
  return JSON.parse(stdout) as TableResult;
}
