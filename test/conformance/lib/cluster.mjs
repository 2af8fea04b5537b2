/** A cluster of Apache Kafka's controllers and of brokers, each a process of its own. */

import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { freePort } from './brokers.mjs';
import { FIRST_ID } from './cluster-casts.mjs';
import { imageAt } from './cluster-image.mjs';
import { KafkaNode, MillraceNode } from './cluster-nodes.mjs';
import { createTopics, tool } from './kafka-tools.mjs';
import { until } from './until.mjs';

const FENCE_LIMIT_MS = 30_000;
export const CLUSTER_ID = Buffer.from('millrace-cluster').toString('base64url');
/** What the names of their folders begin with. */
export const CLUSTER_FOLDER = 'millrace-cluster-';
export const LOOPBACK = () => ({ host: '127.0.0.1', under: [] });

/** Internal topics of one replica; a cluster with one broker needs them so. */
const BROKER_CONFIG = {
  'offsets.topic.replication.factor': '1',
  'offsets.topic.num.partitions': '5',
  'transaction.state.log.replication.factor': '1',
  'transaction.state.log.min.isr': '1',
  'share.coordinator.state.topic.replication.factor': '1',
  'share.coordinator.state.topic.min.isr': '1',
};

/**
 * Three controllers and some brokers: as many of Kafka as `brokers` says, or those of `cast`, which
 * names a kind for each. `config` is of all nodes, `brokerConfig` of brokers, `ownConfig(i, port)` of
 * the broker with that index. `controllerIds` and `brokerIds` are for those who want certain ids.
 * `placeOf(id)` says at which address a node listens and what starts it. `prepare` is called when all
 * are formatted. A broker has as many log directories as `brokerDirs` says.
 */
export class Cluster {
  #folder;
  #options;
  #logFile;
  controllers = [];
  brokers = [];

  static async start({ brokers = 1, cast = Array(brokers).fill('kafka'), ...options } = {}) {
    const cluster = new Cluster();
    const { config = {}, formatArgs = [], prepare, logFile, placeOf = LOOPBACK } = options;
    const { controllerIds: ids = [1, 2, 3], brokerIds = [] } = options;
    cluster.#options = { ...options, config, placeOf };
    cluster.#logFile = logFile;
    cluster.#folder = await mkdtemp(join(tmpdir(), CLUSTER_FOLDER));
    const ports = await Promise.all(ids.map(() => freePort()));
    const at = ids.map((id, i) => `${placeOf(id).host}:${ports[i]}`);
    cluster.bootstrapControllers = at.join(',');
    const shared = {
      'controller.quorum.voters': at.map((address, i) => `${ids[i]}@${address}`).join(','),
      'controller.listener.names': 'CONTROLLER',
      'listener.security.protocol.map': 'CONTROLLER:PLAINTEXT,PLAINTEXT:PLAINTEXT',
      ...config,
    };
    for (const [i, id] of ids.entries()) {
      cluster.controllers.push(cluster.#node(KafkaNode, id, 'controller', ports[i], shared));
    }
    for (const [i, kind] of cast.entries()) {
      const id = brokerIds[i] ?? FIRST_ID[kind] + i;
      cluster.brokers.push(await cluster.#broker(kind, id, i, shared));
    }
    const nodes = [...cluster.controllers, ...cluster.brokers];
    for (const node of nodes) await node.format(CLUSTER_ID, formatArgs);
    await prepare?.(cluster);
    try {
      for (const node of nodes) await node.start();
      await Promise.all(cluster.brokers.map((node) => node.ready()));
    } catch (thrown) {
      await cluster.discard();
      throw thrown;
    }
    return cluster;
  }

  async #broker(kind, id, index, shared) {
    const { config, brokerConfig, ownConfig } = this.#options;
    const port = await freePort();
    const own = { ...brokerConfig, ...ownConfig?.(index, port) };
    if (kind === 'kafka') {
      const all = { ...BROKER_CONFIG, ...shared, ...own };
      return this.#node(KafkaNode, id, 'broker', port, all);
    }
    return this.#node(MillraceNode, id, 'broker', port, {
      ...BROKER_CONFIG,
      'controller.quorum.bootstrap.servers': this.bootstrapControllers,
      'millrace.insecure': 'true',
      ...config,
      ...own,
    });
  }

  #node(Node, id, role, port, config) {
    const name = role === 'controller' ? 'CONTROLLER' : 'PLAINTEXT';
    const { host, under } = this.#options.placeOf(id);
    const properties = {
      'process.roles': role,
      'node.id': String(id),
      'log.dirs': this.#logDirs(role, id),
      listeners: `${name}://${host}:${port}`,
      ...config,
    };
    const where = { id, role, host, port, under, folder: this.#folder };
    return new Node({ ...where, logFile: this.#logFile, properties });
  }

  #logDirs(role, id) {
    const folder = join(this.#folder, `${role}-${id}`);
    const { brokerDirs = 1 } = this.#options;
    if (role !== 'broker' || brokerDirs === 1) return folder;
    return Array.from({ length: brokerDirs }, (_, i) => `${folder}-disk-${i + 1}`).join(',');
  }

  /** Through Kafka's tool, one program for all. */
  async createTopics(names) {
    await createTopics({ bootstrap: this.bootstrap }, names);
  }

  broker(id) {
    return this.brokers.find((node) => node.id === id);
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
    const isFenced = async () => {
      return !(await imageAt(asked)).brokers.some((broker) => broker.port === port);
    };
    await until('the broker is fenced', isFenced, FENCE_LIMIT_MS);
  }

  /** Of the brokers that are there. */
  get bootstrap() {
    return this.brokers.map(({ bootstrap }) => bootstrap).join(',');
  }

  async discard() {
    await Promise.all([...this.brokers, ...this.controllers].map((node) => node.kill()));
    await rm(this.#folder, { recursive: true, force: true });
  }
}
