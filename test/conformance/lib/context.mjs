/** What a check gets: the shared broker, brokers of its own, and a book of its steps. */

import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { Broker } from './brokers.mjs';
import { CACHE, Unavailable } from './cache.mjs';

const ERROR_LIMIT = 1_500;

export class Context {
  #shared;
  #own = [];
  #logFile;
  entries = new Map();

  constructor(kind, shared, name) {
    this.#shared = shared;
    this.#logFile = join(CACHE, 'logs', `${kind}-${name}.log`);
    this.kind = kind;
    this.logFile = this.#logFile;
  }

  /** The broker that checks share; started again where an earlier check brought it down. */
  broker() {
    return this.#shared.get();
  }

  /** A broker of this check's own, with its own configuration; discarded when the check ends. */
  async ownBroker(options = {}) {
    const broker = await Broker.start(this.kind, { logFile: this.#logFile, ...options });
    this.#own.push(broker);
    return broker;
  }

  /** A name that no other run has used. */
  unique(prefix) {
    return `${prefix}-${Date.now().toString(36)}`;
  }

  /** Runs one step and writes down how it ended; answers whether it passed. */
  async step(name, work) {
    try {
      await work();
      this.#write(name, 'pass');
      return true;
    } catch (error) {
      if (error instanceof Unavailable) throw error;
      this.#write(name, 'fail', error.message);
      await this.#revive(name);
      return false;
    }
  }

  /** A broker that died is started again, so that one crash does not hide what comes after it. */
  async #revive(name) {
    for (const broker of [...this.#own, ...this.#shared.started]) {
      if (broker.sound) continue;
      this.#write(`${name} (the broker stays up)`, 'fail', await broker.revive());
    }
  }

  /** Brokers that died without a step noticing are written down too. */
  async lookAfterBrokers() {
    await this.#revive('(at the end)');
  }

  /** Whether the check's own brokers have written this. */
  async logged(text) {
    return (await readFile(this.#logFile, 'utf8')).includes(text);
  }

  /** Writes down steps that already ran: an error text each, or null. */
  steps(items, nameOf, errors) {
    for (const [i, item] of items.entries()) {
      this.#write(nameOf(item), errors[i] === null ? 'pass' : 'fail', errors[i] ?? undefined);
    }
  }

  /** Writes down a published suite's own tests: `{ name, outcome, error? }`. */
  suite(tests) {
    for (const { name, outcome, error } of tests) this.#write(name, outcome, error);
  }

  #write(name, outcome, error) {
    const entry = { outcome };
    if (error !== undefined) entry.error = error.trim().slice(0, ERROR_LIMIT);
    this.entries.set(name, entry);
  }

  get results() {
    return Object.fromEntries(this.entries);
  }

  async close() {
    for (const broker of this.#own) await broker.discard();
  }
}

/** One broker for many checks. */
export class SharedBroker {
  #kind;
  #broker;

  constructor(kind) {
    this.#kind = kind;
  }

  async get() {
    const logFile = join(CACHE, 'logs', `${this.#kind}-shared.log`);
    this.#broker ??= await Broker.start(this.#kind, { logFile });
    return this.#broker;
  }

  get started() {
    return this.#broker === undefined ? [] : [this.#broker];
  }

  async close() {
    await this.#broker?.discard();
  }
}
