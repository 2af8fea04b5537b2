import { execFile } from 'node:child_process';
import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { MillraceError } from '../../base/errors.ts';
import { type Logger, silentLogger } from '../../base/logger.ts';
import { Admin } from '../../client/admin/admin.ts';
import { required } from '../../client/admin/outcome.ts';
import { CLI_PROGRAM } from '../cli-program.ts';
import { ClusterBroker } from './cluster-broker.ts';
import { kafkaClassPath } from './kafka-jars.ts';
import { NodeProcess } from './node-process.ts';
import { PeerGate } from './peer-gate.ts';

/** Properties by Kafka's names. */
export type ClusterConfig = Readonly<Record<string, string | number | boolean>>;

/** How to start a cluster. Nothing of it is needed. */
export interface StartClusterOptions {
  /** How many brokers; 3 by default. */
  readonly brokers?: number;
  /** How many of Apache Kafka's controllers; 1 by default, and 3 where one of them may die. */
  readonly controllers?: number;
  /** How many log directories a broker has; 1 by default. */
  readonly logDirs?: number;
  /** Properties of every broker. */
  readonly config?: ClusterConfig;
  /** Takes what the processes write. By default nobody does. */
  readonly logger?: Logger;
}

/** What a topic of a cluster has besides its name. */
export interface ClusterTopicOptions {
  /** How many; 1 by default. */
  readonly partitions?: number;
  /** How many brokers have each partition; by default all, but 3 at most. */
  readonly replicas?: number;
  /** Configs of the topic under Kafka's names, such as `min.insync.replicas`. */
  readonly config?: Readonly<Record<string, string>>;
}

const CLUSTER_ID = Buffer.from('millrace-embedded').toString('base64url').slice(0, 22);
const FIRST_BROKER_ID = 11;
const JVM = ['-Xmx96m', '-XX:+UseSerialGC', '-XX:TieredStopAtLevel=1'];
/** Faults are noticed in seconds: a test does not wait for what an operator would. */
const SESSION = { 'broker.session.timeout.ms': 3000, 'broker.heartbeat.interval.ms': 500 };
const LAG = { 'replica.lag.time.max.ms': 4000 };
const REPLICAS_MAX = 3;
const run = promisify(execFile);

/**
 * Brokers of millrace beside controllers of Apache Kafka, each a process of its own on the loopback
 * address. `await using cluster = await startCluster()` ends them all.
 */
export class EmbeddedCluster {
  /** In the order of their ids. */
  readonly brokers: readonly ClusterBroker[];
  readonly #controllers: readonly NodeProcess[];
  readonly #folder: string;
  /** By the id of the broker to which they lead. */
  readonly #gates = new Map<number, PeerGate>();

  private constructor(
    folder: string,
    controllers: readonly NodeProcess[],
    brokers: readonly ClusterBroker[],
  ) {
    this.#folder = folder;
    this.#controllers = controllers;
    this.brokers = brokers;
  }

  /** What `startCluster` calls. */
  static async start(options: StartClusterOptions): Promise<EmbeddedCluster> {
    const { brokers: count = 3, controllers: voters = 1, logger = silentLogger } = options;
    const classPath = await kafkaClassPath();
    const folder = await mkdtemp(join(tmpdir(), 'millrace-cluster-'));
    const ports = await freePorts(voters);
    const at = ports.map((port) => `127.0.0.1:${port}`);
    const quorum = at.map((address, i) => `${i + 1}@${address}`).join(',');
    const controllers: NodeProcess[] = [];
    const brokers: ClusterBroker[] = [];
    const cluster = new EmbeddedCluster(folder, controllers, brokers);
    try {
      for (const [i, address] of at.entries()) {
        const file = await formatted({ classPath, folder, id: i + 1, address, quorum });
        const args = [...JVM, '-cp', classPath, 'kafka.Kafka', file];
        const program = { name: `controller ${i + 1}`, command: 'java', args, readyLine: null };
        controllers.push(new NodeProcess(program, logger));
      }
      for (let i = 0; i < count; i++) {
        const [clientPort, peerPort] = await freePorts(2);
        const gate = await PeerGate.open(peerPort!);
        const id = FIRST_BROKER_ID + i;
        cluster.#gates.set(id, gate);
        brokers.push(
          new ClusterBroker({
            id,
            folder,
            logDirs: options.logDirs ?? 1,
            clientPort: clientPort!,
            peerPort: peerPort!,
            gatePort: gate.port,
            program: CLI_PROGRAM,
            config: { ...internalTopics(count), ...SESSION, ...LAG, ...options.config },
            controllers: at.join(','),
            logger,
          }),
        );
      }
      await Promise.all(controllers.map((node) => node.start()));
      await Promise.all(brokers.map((broker) => broker.start()));
      return cluster;
    } catch (thrown) {
      await cluster.close();
      throw thrown;
    }
  }

  /** What Kafka clients take as bootstrap.servers. */
  get bootstrapServers(): string {
    return this.brokers.map(({ address }) => address).join(',');
  }

  /** Resolves once the controllers have made the topic. */
  async createTopic(name: string, options: ClusterTopicOptions = {}): Promise<void> {
    const { partitions = 1, config: configs = {} } = options;
    const replicationFactor = options.replicas ?? Math.min(this.brokers.length, REPLICAS_MAX);
    await using admin = new Admin({ bootstrapServers: this.bootstrapServers });
    const made = await admin.topics.create([{ name, partitions, replicationFactor, configs }]);
    required(made.get(name));
  }

  /**
   * Cuts what two brokers say to each other; clients and controllers still reach both. Their
   * connections stay open and silent, until `heal`.
   */
  partition(one: ClusterBroker, other: ClusterBroker): void {
    this.#gates.get(one.id)?.shutOut(other.id);
    this.#gates.get(other.id)?.shutOut(one.id);
  }

  /** All brokers reach each other again. */
  heal(): void {
    for (const gate of this.#gates.values()) {
      for (const { id } of this.brokers) gate.letIn(id);
    }
  }

  /** Ends all processes and removes their data. */
  async close(): Promise<void> {
    // Brokers first: without controllers they would wait for their leave.
    await Promise.all(this.brokers.map((broker) => broker.kill()));
    await Promise.all(this.#controllers.map((node) => node.kill()));
    for (const gate of this.#gates.values()) gate.close();
    await rm(this.#folder, { recursive: true, force: true });
  }

  [Symbol.asyncDispose](): Promise<void> {
    return this.close();
  }
}

/** As many replicas as there are brokers, up to three, so that one broker may die. */
function internalTopics(brokers: number): ClusterConfig {
  const replicas = Math.min(brokers, REPLICAS_MAX);
  return {
    'offsets.topic.replication.factor': replicas,
    'offsets.topic.num.partitions': 5,
    'transaction.state.log.replication.factor': replicas,
    'transaction.state.log.min.isr': Math.min(replicas, 2),
    'transaction.state.log.num.partitions': 5,
    'group.initial.rebalance.delay.ms': 0,
  };
}

interface ControllerPlan {
  readonly classPath: string;
  readonly folder: string;
  readonly id: number;
  readonly address: string;
  readonly quorum: string;
}

/** Writes the controller's properties and formats its directory. Returns the file. */
async function formatted(plan: ControllerPlan): Promise<string> {
  const { classPath, folder, id, address, quorum } = plan;
  const logDirs = join(folder, `controller-${id}`);
  await mkdir(logDirs);
  const properties = {
    'process.roles': 'controller',
    'node.id': id,
    'controller.quorum.voters': quorum,
    'controller.listener.names': 'CONTROLLER',
    'listener.security.protocol.map': 'CONTROLLER:PLAINTEXT',
    listeners: `CONTROLLER://${address}`,
    'log.dirs': logDirs,
    ...SESSION,
  };
  const file = join(folder, `controller-${id}.properties`);
  const lines = Object.entries(properties).map(([name, value]) => `${name}=${value}`);
  await writeFile(file, `${lines.join('\n')}\n`);
  const tool = [...JVM, '-cp', classPath, 'kafka.tools.StorageTool', 'format', '-t', CLUSTER_ID];
  try {
    // What millrace does not serve must be off, or the controllers take no broker without it.
    await run('java', [...tool, '-c', file, '--feature', 'share.version=0']);
  } catch (thrown) {
    const message = `the directory of controller ${id} cannot be formatted`;
    throw new MillraceError('MILLRACE_REQUEST_FAILED', message, thrown);
  }
  return file;
}

/** Different ones, which are free now. */
async function freePorts(count: number): Promise<number[]> {
  const servers = Array.from({ length: count }, () => createServer());
  const ports: number[] = [];
  for (const server of servers) {
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
    const address = server.address();
    ports.push(typeof address === 'object' ? address!.port : 0);
  }
  await Promise.all(servers.map((server) => new Promise((done) => server.close(done))));
  return ports;
}
