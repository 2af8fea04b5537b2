/** The verifiable producers and consumers of kafkatest, Java's and millrace's, driven alike, and a consumer on librdkafka. */

import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { HERE } from './cache.mjs';
import { millraceCommand } from './millrace-command.mjs';
import { endGroup, launch, signalGroup } from './process.mjs';
import { java, python } from './toolchains.mjs';

const LIMIT_MS = 60_000;

/** The command of each maker's `VerifiableProducer` and `VerifiableConsumer`. */
const PROGRAMS = {
  async java(name, jvm) {
    const { classPath } = await java();
    const quiet = '-Dorg.slf4j.simpleLogger.defaultLogLevel=error';
    const flags = ['-XX:TieredStopAtLevel=1', '-XX:+UseSerialGC', '-Xmx256m', quiet, ...jvm];
    return ['java', ...flags, '-cp', classPath, `org.apache.kafka.tools.${name}`];
  },
  async millrace(name) {
    return millraceCommand(name.replace('Verifiable', 'verifiable-').toLowerCase());
  },
  /** Consumers only; the one in librdkafka's Python package is of Python 2. */
  async librdkafka() {
    const installed = await python();
    return [installed.python, join(HERE, 'clients', 'python', 'verifiable_consumer.py')];
  },
};

/** Those with programs of both kinds. */
export const MAKERS = ['java', 'millrace'];
export const CONSUMER_MAKERS = Object.keys(PROGRAMS);

export class Verifiable {
  events = [];
  errors = '';
  #child;
  #ended;
  #listeners = new Set();

  /** `jvm` are flags of Java's own. */
  static async start(maker, name, broker, flags, { jvm = [] } = {}) {
    const [program, ...args] = await PROGRAMS[maker](name, jvm);
    const all = [...args, '--bootstrap-server', broker.bootstrap, ...flags];
    const started = new Verifiable(launch(program, all, { stdio: ['ignore', 'pipe', 'pipe'] }));
    started.maker = maker;
    return started;
  }

  constructor(child) {
    this.#child = child;
    child.stderr.setEncoding('utf8').on('data', (text) => {
      this.errors += text;
    });
    createInterface({ input: child.stdout }).on('line', (line) => {
      if (!line.startsWith('{')) return;
      this.events.push(JSON.parse(line));
      for (const listener of this.#listeners) listener();
    });
    this.#ended = new Promise((resolve) => child.once('close', (code) => resolve(code)));
  }

  named(name) {
    return this.events.filter((event) => event.name === name);
  }

  /** The partitions that the member has now, by what it said of them. */
  get owned() {
    const owned = new Set();
    for (const { name, partitions } of this.events) {
      for (const { partition } of partitions ?? []) {
        if (name === 'partitions_assigned') owned.add(partition);
        if (name === 'partitions_revoked') owned.delete(partition);
      }
    }
    return owned;
  }

  until(what, isSo) {
    return new Promise((resolve, reject) => {
      const done = (error) => {
        clearTimeout(timer);
        this.#listeners.delete(look);
        if (error === undefined) resolve();
        else reject(error);
      };
      const look = () => {
        if (isSo(this)) done();
      };
      const said = () => `${this.errors.slice(-600)} ${JSON.stringify(this.events.slice(-3))}`;
      const timer = setTimeout(() => {
        done(new Error(`${this.maker}: did not happen: ${what}: ${said()}`));
      }, LIMIT_MS);
      this.#listeners.add(look);
      look();
    });
  }

  /** Resolves with the exit status. */
  async ended() {
    let timer;
    const late = new Promise((_, reject) => {
      const error = new Error(`${this.maker}: it does not end: ${this.errors.slice(-600)}`);
      timer = setTimeout(() => reject(error), LIMIT_MS);
    });
    try {
      return await Promise.race([this.#ended, late]);
    } finally {
      clearTimeout(timer);
    }
  }

  stop() {
    signalGroup(this.#child, 'SIGTERM');
    return this.ended();
  }

  kill() {
    signalGroup(this.#child, 'SIGKILL');
    return this.ended();
  }

  discard() {
    return endGroup(this.#child);
  }
}
