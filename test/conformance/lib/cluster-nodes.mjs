/** The processes of a cluster: Apache Kafka's controllers and brokers, and brokers of millrace. */

import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { launchLogged, launchMillrace, readyMillrace, untilServing } from './brokers.mjs';
import { endGroup, mustExecute, signalGroup } from './process.mjs';
import { java } from './toolchains.mjs';

const STOP_LIMIT_MS = 30_000;
const HEAP = { controller: '-Xmx96m', broker: '-Xmx384m' };
const FLAGS = ['-XX:+UseSerialGC', '-XX:TieredStopAtLevel=1'];
const QUIET = '-Dorg.slf4j.simpleLogger.defaultLogLevel=warn';

/** One process. It keeps its port and its data over restarts. */
class ClusterNode {
  child = null;
  isPaused = false;
  /** By kill -9, at any time since the cluster was made. */
  wasKilled = false;

  /** `under`: a program, with its arguments, that starts the node's own in the end. */
  constructor({ id, role, host, port, folder, logFile, properties, under = [] }) {
    Object.assign(this, { id, role, host, port, folder, logFile, properties, under });
  }

  /** The first one, or the only one. */
  get dataDir() {
    return this.dataDirs[0];
  }

  get dataDirs() {
    return this.properties['log.dirs'].split(',');
  }

  get bootstrap() {
    return `${this.host}:${this.port}`;
  }

  /** False for one that stands still. */
  get isUp() {
    const { child, isPaused } = this;
    return child !== null && child.exitCode === null && child.signalCode === null && !isPaused;
  }

  pause() {
    this.isPaused = true;
    signalGroup(this.child, 'SIGSTOP');
  }

  resume() {
    signalGroup(this.child, 'SIGCONT');
    this.isPaused = false;
  }

  /** Resolves once it is gone. */
  async kill() {
    const { child } = this;
    this.isPaused = false;
    if (child === null || child.exitCode !== null || child.signalCode !== null) return;
    const gone = new Promise((resolve) => child.once('exit', resolve));
    this.wasKilled = true;
    signalGroup(child, 'SIGKILL');
    await gone;
  }

  /** As its operator stops it. */
  async stop() {
    if (this.child !== null) await endGroup(this.child, STOP_LIMIT_MS);
  }
}

export class KafkaNode extends ClusterNode {
  kind = 'kafka';

  /** `more`: arguments of the tool for a controller. Directories that are formatted stay so. */
  async format(clusterId, more = []) {
    const { classPath } = await java();
    const lines = Object.entries(this.properties).map(([name, value]) => `${name}=${value}`);
    await writeFile(this.#file, `${lines.join('\n')}\n`);
    const format = ['-cp', classPath, 'kafka.tools.StorageTool', 'format', '-t', clusterId];
    const args = this.role === 'controller' ? more : ['--ignore-formatted'];
    await mustExecute('java', [...FLAGS, ...format, '-c', this.#file, ...args]);
  }

  get #file() {
    return join(this.folder, `${this.role}-${this.id}.properties`);
  }

  async start() {
    const { classPath } = await java();
    const own = [HEAP[this.role], ...FLAGS, QUIET, '-cp', classPath, 'kafka.Kafka', this.#file];
    const [program, ...args] = [...this.under, 'java', ...own];
    this.child = launchLogged(program, args, this.logFile);
  }

  /** Resolves once it answers. */
  ready() {
    return untilServing(this.child, this.host, this.port);
  }
}

export class MillraceNode extends ClusterNode {
  kind = 'millrace';

  /** An empty directory needs none. */
  async format() {}

  async start() {
    this.child = launchMillrace(this.folder, this.properties, this.logFile, this.under).child;
  }

  async ready() {
    const { http } = await readyMillrace(this.child);
    this.http = http;
  }
}
