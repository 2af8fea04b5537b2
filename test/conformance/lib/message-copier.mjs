/** Kafka's TransactionalMessageCopier as kafkatest drives it: what it says of itself, and restarts. */

import { createInterface } from 'node:readline';
import { endGroup, launch, signalGroup } from './process.mjs';
import { java } from './toolchains.mjs';

const MAIN = 'org.apache.kafka.tools.TransactionalMessageCopier';
const FLAGS = ['-XX:TieredStopAtLevel=1', '-XX:+UseSerialGC', '-Xmx256m'];
const QUIET = '-Dorg.slf4j.simpleLogger.defaultLogLevel=error';
const TRANSACTION_TIMEOUT_MS = 40_000;
const LAST_WORDS = 800;

export class MessageCopier {
  #child;
  #ended;
  #args;
  #errors = '';
  /** What it said last: `{ consumed, remaining, stage }`. */
  status = null;

  /** `partition` is the one that it copies; without one it is a member of the group. */
  static async start({ bootstrap, input, output, group, name, size, partition }) {
    const copier = new MessageCopier();
    const { classPath } = await java();
    const of = ['--input-topic', input, '--output-topic', output, '--broker-list', bootstrap];
    const who = ['--consumer-group', group, '--transactional-id', name, '--use-group-metadata'];
    const how = ['--transaction-size', `${size}`, '--enable-random-aborts'];
    const times = ['--transaction-timeout', `${TRANSACTION_TIMEOUT_MS}`];
    const what = ['--input-partition', `${partition ?? -1}`];
    const shared = partition === undefined ? ['--group-mode'] : [];
    const words = [...of, ...who, ...how, ...times, ...what, ...shared];
    copier.#args = [...FLAGS, QUIET, '-cp', classPath, MAIN, ...words];
    copier.#launch();
    return copier;
  }

  #launch() {
    this.status = null;
    const child = launch('java', this.#args, { stdio: ['ignore', 'pipe', 'pipe'] });
    createInterface({ input: child.stdout }).on('line', (line) => {
      if (line.startsWith('{') && child === this.#child) this.status = JSON.parse(line);
    });
    child.stderr.setEncoding('utf8').on('data', (text) => {
      this.#errors = `${this.#errors}${text}`.slice(-LAST_WORDS);
    });
    this.#ended = new Promise((resolve) => child.once('close', resolve));
    this.#child = child;
  }

  /** Of what was there when it began, or when the group last changed. */
  get progress() {
    if (this.status === null || this.isOver) return this.isOver ? 1 : 0;
    const { consumed, remaining } = this.status;
    return consumed / Math.max(1, consumed + remaining);
  }

  get isOver() {
    return this.#child.exitCode !== null || this.#child.signalCode !== null;
  }

  /** Starts it again, after it was stopped or killed. */
  async restart(isClean) {
    signalGroup(this.#child, isClean ? 'SIGTERM' : 'SIGKILL');
    await this.#ended;
    this.#launch();
  }

  /** Resolves once it has copied all; throws where it gave up. */
  async done() {
    const code = await this.#ended;
    if (code !== 0) throw new Error(`the copier ended with ${code}: ${this.#errors}`);
  }

  discard() {
    return endGroup(this.#child);
  }
}
