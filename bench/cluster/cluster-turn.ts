/** One turn: a cluster of its own, its topic, the producer's process, and the end of all of it. */
import { execFile } from 'node:child_process';
import { rm } from 'node:fs/promises';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { until } from '../brokers/broker-process.ts';
import type { Figures } from '../figures.ts';
import { deleteTopic, makeTopic } from '../load/admin.ts';
import { ControlClient } from '../load/control-client.ts';
import { anonymousBytesOf } from '../load/process-stats.ts';
import { repositoryPath } from '../repository-path.ts';
import { type BrokerKind, ClusterNodes } from './cluster-nodes.ts';
import type { ClusterSuiteOptions } from './cluster-options.ts';
import { PARTITIONS, REPLICAS } from './cluster-scenario.ts';
import type { ProducePlan } from './produce-to-leaders.ts';
import { leadersOf } from './topic-leaders.ts';

const TOPIC = 'bench';
const IN_SYNC_LIMIT_MS = 60_000;
const RETRY_MS = 50;
const PRODUCE_LIMIT_MS = 1_800_000;
const MIB = 1024 * 1024;
const execute = promisify(execFile);

export interface TurnPlace {
  readonly folder: string;
  readonly classPath: string;
}

export async function clusterTurn(
  kind: BrokerKind,
  options: ClusterSuiteOptions,
  place: TurnPlace,
): Promise<Figures> {
  const folder = join(place.folder, kind);
  const nodes = await ClusterNodes.start(kind, { ...place, folder });
  try {
    return await nodes.explaining(measured(nodes, options));
  } finally {
    await nodes.kill();
    await rm(folder, { recursive: true, force: true });
  }
}

async function measured(nodes: ClusterNodes, options: ClusterSuiteOptions): Promise<Figures> {
  const [first] = nodes.brokers;
  const control = await ControlClient.connect(first!.host, first!.port);
  try {
    const configs = { 'min.insync.replicas': '2' };
    const shape = { partitions: PARTITIONS, replicas: REPLICAS };
    await makeTopic(control, { name: TOPIC, ...shape, configs });
    const leaders = await until(IN_SYNC_LIMIT_MS, RETRY_MS, () => leadersOf(control, TOPIC, shape));
    const { connections, inFlight, warmupRecords, records } = options;
    const brokerPids = nodes.brokers.map(({ pid }) => pid);
    const figures = await produced({
      topic: TOPIC,
      leaders,
      connections,
      inFlight,
      warmupRecords,
      records,
      brokerPids,
      controllerPids: nodes.controllers.map(({ pid }) => pid),
    });
    const anonymous = brokerPids.reduce((total, pid) => total + anonymousBytesOf(pid), 0);
    await deleteTopic(control, TOPIC);
    return { ...figures, brokersAnonMib: anonymous / MIB };
  } finally {
    control.close();
  }
}

async function produced(plan: ProducePlan): Promise<Figures> {
  const program = repositoryPath('bench/dist/cluster/main.js');
  const args = [program, JSON.stringify(plan)];
  const { stdout } = await execute(process.execPath, args, { timeout: PRODUCE_LIMIT_MS });
  return JSON.parse(stdout);
}
