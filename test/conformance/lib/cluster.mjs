/** A cluster of Apache Kafka's controllers and brokers, each a process of its own, on loopback. */

import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { freePort, launchLogged, untilServing } from './brokers.mjs';
import { imageAt } from './cluster-image.mjs';
import { createTopics, tool } from './kafka-tools.mjs';
import { endGroup, mustExecute, signalGroup } from './process.mjs';
import { java } from './toolchains.mjs';

const STOP_LIMIT_MS = 30_000;
const FENCE_LIMIT_MS = 30_000;
export const CLUSTER_ID = Buffer.from('millrace-cluster').toString('base64url');
const HEAP = { controller: '-Xmx96m', broker: '-Xmx384m' };
const FLAGS = ['-XX:+UseSerialGC', '-XX:TieredStopAtLevel=1'];
const QUIET = '-Dorg.slf4j.simpleLogger.defaultLogLevel=warn';

/** Internal topics of one replica; a cluster with one broker needs them so. */
const BROKER_CONFIG = {
  'offsets.topic.replication.factor': '1',
  'offsets.topic.num.partitions': '5',
  'transaction.state.log.replication.factor': '1',
  'transaction.state.log.min.isr': '1',
  'share.coordinator.state.topic.replication.factor': '1',
  'share.coordinator.state.topic.min.isr': '1',
};

/** One process of the cluster. It keeps its port and its data over restarts. */
class Node {
  child = null;

  constructor(id, role, port, folder, logFile, properties) {
    Object.assign(this, { id, role, port, folder, logFile, properties });
    this.file = join(folder, `${role}-${id}.properties`);
  }

  /** `more`: arguments of the tool beside the id and the file. */
  async format(more = []) {
    const { classPath } = await java();
    const lines = Object.entries(this.properties).map(([name, value]) => `${name}=${value}`);
    await writeFile(this.file, `${lines.join('\n')}\n`);
    const format = ['-cp', classPath, 'kafka.tools.StorageTool', 'format', '-t', CLUSTER_ID];
    const args = this.role === 'controller' ? more : [];
    await mustExecute('java', [...FLAGS, ...format, '-c', this.file, ...args]);
  }

  async start() {
    const { classPath } = await java();
    const args = [HEAP[this.role], ...FLAGS, QUIET, '-cp', classPath, 'kafka.Kafka', this.file];
    this.child = launchLogged('java', args, this.logFile);
  }

  /** Resolves once it is gone. */
  async kill() {
    const { child } = this;
    const gone = new Promise((resolve) => child.once('exit', resolve));
    signalGroup(child, 'SIGKILL');
    await gone;
  }

  async stop() {
    if (this.child !== null) await endGroup(this.child, STOP_LIMIT_MS);
  }
}

/** Three controllers and some brokers. `prepare` is called when all are formatted. */
export class Cluster {
  #folder;
  controllers = [];
  brokers = [];

  static async start({ brokers = 1, config = {}, formatArgs = [], prepare, logFile } = {}) {
    const cluster = new Cluster();
    cluster.#folder = await mkdtemp(join(tmpdir(), 'millrace-cluster-'));
    const ports = await Promise.all([1, 2, 3].map(() => freePort()));
    cluster.bootstrapControllers = ports.map((port) => `127.0.0.1:${port}`).join(',');
    const shared = {
      'controller.quorum.voters': ports.map((port, i) => `${i + 1}@127.0.0.1:${port}`).join(','),
      'controller.listener.names': 'CONTROLLER',
      'listener.security.protocol.map': 'CONTROLLER:PLAINTEXT,PLAINTEXT:PLAINTEXT',
      ...config,
    };
    for (const [i, port] of ports.entries()) {
      cluster.controllers.push(cluster.#node(i + 1, 'controller', port, logFile, shared));
    }
    for (let i = 0; i < brokers; i++) {
      const port = await freePort();
      const all = { ...BROKER_CONFIG, ...shared };
      cluster.brokers.push(cluster.#node(11 + i, 'broker', port, logFile, all));
    }
    const nodes = [...cluster.controllers, ...cluster.brokers];
    for (const node of nodes) await node.format(formatArgs);
    await prepare?.(cluster);
    for (const node of nodes) await node.start();
    for (const { child, port } of cluster.brokers) await untilServing(child, '127.0.0.1', port);
    return cluster;
  }

  #node(id, role, port, logFile, config) {
    const name = role === 'controller' ? 'CONTROLLER' : 'PLAINTEXT';
    const properties = {
      'process.roles': role,
      'node.id': String(id),
      'log.dirs': join(this.#folder, `${role}-${id}`),
      listeners: `${name}://127.0.0.1:${port}`,
      ...config,
    };
    return new Node(id, role, port, this.#folder, logFile, properties);
  }

  /** Through Kafka's tool, one program for all. */
  async createTopics(names) {
    await createTopics({ bootstrap: this.bootstrap }, names);
  }

  /** The node of the controller that leads, as Kafka's tool names it. */
  async leadingController() {
    const at = ['--bootstrap-server', this.bootstrap];
    const status = await tool('MetadataQuorumCommand', [...at, 'describe', '--status']);
    const id = Number(/LeaderId:\s+(\d+)/.exec(status)[1]);
    return this.controllers.find((node) => node.id === id);
  }

  /** Resolves once the controllers have noticed that the broker is gone. */
  async untilFenced({ port }) {
    const { port: asked } = this.brokers.find((node) => node.port !== port);
    const deadline = Date.now() + FENCE_LIMIT_MS;
    while ((await imageAt(asked)).brokers.some((broker) => broker.port === port)) {
      if (Date.now() > deadline) throw new Error('the broker was not fenced in time');
      await new Promise((resolve) => setTimeout(resolve, 200));
    }
  }

  /** Of the brokers. */
  get bootstrap() {
    return this.brokers.map(({ port }) => `127.0.0.1:${port}`).join(',');
  }

  async discard() {
    // The brokers first: without controllers they would wait for their leave.
    await Promise.all(this.brokers.map((node) => node.stop()));
    await Promise.all(this.controllers.map((node) => node.stop()));
    await rm(this.#folder, { recursive: true, force: true });
  }
}
