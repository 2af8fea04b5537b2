/** Three of Kafka's controllers and three brokers of either kind, each a process of its own. */
import { execFile } from 'node:child_process';
import { mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { BrokerProcess, freePort, until } from '../brokers/broker-process.ts';
import { KAFKA_JVM_FLAGS } from '../brokers/kafka.ts';
import { ControlClient } from '../load/control-client.ts';
import { repositoryPath } from '../repository-path.ts';
import { REPLICAS } from './cluster-scenario.ts';
import { brokerCountOf } from './topic-leaders.ts';

export type BrokerKind = 'millrace' | 'kafka';

const CONTROLLERS = 3;
const FIRST_BROKER_ID = 11;
const CLUSTER_ID = Buffer.from('millrace-bench-1').toString('base64url');
const CONTROLLER_JVM = ['-Xmx96m', '-XX:+UseSerialGC', '-XX:TieredStopAtLevel=1'];
const BROKER_HEAP = ['-Xmx384m', '-Xms384m'];
const START_LIMIT_MS = 120_000;
const RETRY_MS = 100;
const PROTOCOLS = { 'listener.security.protocol.map': 'PLAINTEXT:PLAINTEXT,CONTROLLER:PLAINTEXT' };
const execute = promisify(execFile);

interface Plan {
  readonly folder: string;
  readonly classPath: string;
}

interface Quorum {
  /** `controller.quorum.voters`. */
  readonly voters: string;
  /** `controller.quorum.bootstrap.servers`. */
  readonly bootstrap: string;
}

type Properties = Readonly<Record<string, string | number>>;

export class ClusterNodes {
  readonly controllers: BrokerProcess[] = [];
  readonly brokers: BrokerProcess[] = [];

  /** Resolves once all three brokers know each other. */
  static async start(kind: BrokerKind, plan: Plan): Promise<ClusterNodes> {
    const nodes = new ClusterNodes();
    try {
      await mkdir(plan.folder, { recursive: true });
      const quorum = await nodes.#startControllers(plan);
      const ids = Array.from({ length: REPLICAS }, (_, index) => FIRST_BROKER_ID + index);
      const start = kind === 'kafka' ? startKafkaBroker : startMillraceBroker;
      await Promise.all(
        ids.map(async (id) => nodes.brokers.push(await start(plan, quorum, id, await freePort()))),
      );
      return nodes;
    } catch (thrown) {
      await nodes.kill();
      throw thrown;
    }
  }

  async #startControllers(plan: Plan): Promise<Quorum> {
    const ports: number[] = [];
    while (ports.length < CONTROLLERS) ports.push(await freePort());
    const at = ports.map((port) => `127.0.0.1:${port}`);
    const voters = at.map((address, index) => `${index + 1}@${address}`).join(',');
    for (const [index, port] of ports.entries()) {
      const id = index + 1;
      const file = await formatted(plan, id, {
        ...PROTOCOLS,
        'process.roles': 'controller',
        'controller.quorum.voters': voters,
        'controller.listener.names': 'CONTROLLER',
        listeners: `CONTROLLER://127.0.0.1:${port}`,
      });
      const jvm = [...CONTROLLER_JVM, '-cp', plan.classPath, 'kafka.Kafka', file];
      // Brokers wait for them.
      const node = { name: `controller ${id}`, program: 'java', args: jvm, ready: async () => {} };
      this.controllers.push(await started(plan, node, port));
    }
    return { voters, bootstrap: at.join(',') };
  }

  /** Where a broker has ended, its log says why. */
  async explaining<T>(work: Promise<T>): Promise<T> {
    try {
      return await work;
    } catch (thrown) {
      const ended = [...this.brokers, ...this.controllers].find(({ isRunning }) => !isRunning);
      throw ended === undefined ? thrown : await ended.explain(thrown);
    }
  }

  /** At once: what they hold is thrown away. Brokers first, which would wait for controllers. */
  async kill(): Promise<void> {
    await Promise.all(this.brokers.map((broker) => broker.kill()));
    await Promise.all(this.controllers.map((controller) => controller.kill()));
  }
}

interface Node {
  readonly name: string;
  readonly program: string;
  readonly args: readonly string[];
  readonly ready: (host: string, port: number) => Promise<void>;
}

function started({ folder }: Plan, node: Node, port: number): Promise<BrokerProcess> {
  const logFile = join(folder, `${node.name}.log`);
  return BrokerProcess.start({ ...node, host: '127.0.0.1', port, logFile });
}

/** What both kinds of brokers are told. */
function brokerProperties({ folder }: Plan, id: number, port: number): Properties {
  return {
    'process.roles': 'broker',
    'node.id': id,
    listeners: `PLAINTEXT://127.0.0.1:${port}`,
    'log.dirs': join(folder, `node-${id}`),
    'log.segment.delete.delay.ms': 1000,
  };
}

function startMillraceBroker(plan: Plan, quorum: Quorum, id: number, port: number) {
  const settings = {
    ...brokerProperties(plan, id, port),
    'controller.quorum.bootstrap.servers': quorum.bootstrap,
    'millrace.http.listener': 'none',
  };
  const overrides = Object.entries(settings).flatMap(([name, value]) => [
    '--override',
    `${name}=${value}`,
  ]);
  const args = [repositoryPath('dist/bundle/cli/main.js'), 'serve', ...overrides];
  const node = { name: `millrace ${id}`, program: process.execPath, args, ready: allRegistered };
  return started(plan, node, port);
}

async function startKafkaBroker(plan: Plan, quorum: Quorum, id: number, port: number) {
  const file = await formatted(plan, id, {
    ...brokerProperties(plan, id, port),
    ...PROTOCOLS,
    'controller.quorum.voters': quorum.voters,
    'controller.listener.names': 'CONTROLLER',
  });
  const jvm = [...BROKER_HEAP, ...KAFKA_JVM_FLAGS, '-cp', plan.classPath, 'kafka.Kafka', file];
  const node = { name: `kafka ${id}`, program: 'java', args: jvm, ready: allRegistered };
  return started(plan, node, port);
}

/** Writes the node's properties and formats its directory. Resolves to the file. */
async function formatted(plan: Plan, id: number, properties: Properties): Promise<string> {
  const file = join(plan.folder, `node-${id}.properties`);
  const all = { ...properties, 'node.id': id, 'log.dirs': join(plan.folder, `node-${id}`) };
  const lines = Object.entries(all).map(([name, value]) => `${name}=${value}\n`);
  await writeFile(file, lines.join(''));
  const tool = [...CONTROLLER_JVM, '-cp', plan.classPath, 'kafka.tools.StorageTool', 'format'];
  // The controllers take no broker of millrace while a feature is on that it does not serve.
  const feature = ['--feature', 'share.version=0'];
  await execute('java', [...tool, '-t', CLUSTER_ID, '-c', file, ...feature]);
  return file;
}

async function allRegistered(host: string, port: number): Promise<void> {
  await until(START_LIMIT_MS, RETRY_MS, async () => {
    const control = await ControlClient.connect(host, port);
    try {
      const count = await brokerCountOf(control);
      if (count < REPLICAS) throw new Error(`${count} of ${REPLICAS} brokers are there`);
    } finally {
      control.close();
    }
  });
}
