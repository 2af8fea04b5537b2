/**
 * Producers that write to several partitions in each transaction, and what they were told of each:
 * `{ id, places, outcome }` with the partition of each record. An outcome is `committed`,
 * `aborted`, also for what was never to be committed, or `unknown`.
 */

import { setTimeout as pause } from 'node:timers/promises';
import { launch } from './process.mjs';
import { java } from './toolchains.mjs';
import { Verifiable } from './verifiable.mjs';

/** How long the coordinator lets a transaction be open. */
export const TRANSACTION_MS = 10_000;
const BLOCK_MS = 120_000;
const REQUEST_MS = 5_000;
const PAUSE_MS = 100;
const MOST_RECORDS = 8;
const ABORT_CHANCE = 0.15;
const PADDING = 'x'.repeat(200);
/** How often somebody leaves a transaction open, and until when its producer is kept. */
const LEAVES_MS = 6_000;
const KEPT_MS = TRANSACTION_MS + 20_000;
/** What a producer is told whose transaction the coordinator has ended. */
const ENDED_FOR_IT = ['PRODUCER_FENCED', 'INVALID_PRODUCER_EPOCH'];

function openProducer(client, bootstrap, transactionalId) {
  return new client.Producer({
    bootstrapServers: bootstrap,
    clientId: transactionalId,
    transactionalId,
    transactionTimeoutMs: TRANSACTION_MS,
    maxBlockMs: BLOCK_MS,
    deliveryTimeoutMs: BLOCK_MS,
    requestTimeoutMs: REQUEST_MS,
    // Each transaction tells of its failures.
    onError: () => {},
  });
}

/** Draws partitions, with at least two records. */
function drawPlaces(random, partitions) {
  const count = 2 + Math.floor(random() * (MOST_RECORDS - 1));
  return Array.from({ length: count }, () => Math.floor(random() * partitions));
}

/** What is common to those on millrace's client: a producer, a topic and transactions on it. */
class Client {
  told = [];

  static async open(Kind, { bootstrap, topic, partitions, random, name }) {
    const writer = new Kind();
    const client = await import('#millrace/client/index');
    const to = client.topic(topic, { value: client.text });
    return Object.assign(writer, { client, bootstrap, to, partitions, random, name });
  }

  /** Sends the records of a transaction that is open; resolves once all have their outcome. */
  write(producer, { id, places }) {
    const sent = places.map((partition, i) => {
      return producer.send(this.to, { value: `${id}:${i}:${PADDING}`, partition });
    });
    return Promise.allSettled(sent);
  }
}

/** One transaction after the other. */
export class TransactionalWriter extends Client {
  #producer;
  #isOver = false;
  #work;
  /** Transactions that ended before their time-out, and why. */
  endedEarly = [];

  static async start(options) {
    const writer = await Client.open(TransactionalWriter, options);
    writer.#work = writer.#run();
    return writer;
  }

  async #run() {
    this.#connect();
    for (let number = 1; !this.#isOver; number += 1) {
      const places = drawPlaces(this.random, this.partitions);
      const transaction = { id: `${this.name}:${number}`, places, outcome: 'unknown' };
      this.told.push(transaction);
      transaction.outcome = await this.#one(transaction);
      await pause(PAUSE_MS);
    }
  }

  #connect() {
    this.#producer = openProducer(this.client, this.bootstrap, this.name);
  }

  /** Resolves with the outcome. */
  async #one(transaction) {
    const commits = this.random() >= ABORT_CHANCE;
    const producer = this.#producer;
    let beganMs = performance.now();
    let isAsked = false;
    try {
      await producer.beginTransaction();
      beganMs = performance.now();
      const written = this.write(producer, transaction);
      isAsked = commits;
      if (commits) await producer.commitTransaction();
      else await producer.abortTransaction();
      await written;
      return commits ? 'committed' : 'aborted';
    } catch (error) {
      this.#judge(transaction, error, performance.now() - beganMs);
      return this.#takenBack(isAsked);
    }
  }

  #judge({ id }, { code, message }, ageMs) {
    const isEnded = ENDED_FOR_IT.includes(code) || message.includes('has aborted it');
    if (isEnded && ageMs < TRANSACTION_MS) {
      this.endedEarly.push(`${id} was ended after ${Math.round(ageMs)} ms: ${message}`);
    }
  }

  /** Aborts; where that fails another producer ends what is open. */
  async #takenBack(isAsked) {
    try {
      await this.#producer.abortTransaction();
      return 'aborted';
    } catch (error) {
      if (error.message.includes('its commit was given up, but has happened')) return 'committed';
      this.lastError = error;
    }
    await this.#producer.close({ timeoutMs: 0 });
    this.#connect();
    return isAsked ? 'unknown' : 'aborted';
  }

  /** Resolves when so many more were committed. */
  async untilMore(count, limitMs = 60_000) {
    const committed = () => this.told.filter(({ outcome }) => outcome === 'committed').length;
    const wanted = committed() + count;
    const untilMs = performance.now() + limitMs;
    while (committed() < wanted) {
      if (performance.now() > untilMs) throw new Error(`no ${count} more transactions`);
      await pause(PAUSE_MS);
    }
  }

  /** Ends the transaction that is open. */
  async end() {
    this.#isOver = true;
    await this.#work;
    await this.#producer.close({ timeoutMs: 0 });
  }

  discard() {
    this.#isOver = true;
    return this.#producer.close({ timeoutMs: 0 });
  }
}

/** Leaves transactions open, as a client that dies does: only the time-out ends them. */
export class Leaver extends Client {
  #timer;
  #number = 0;
  #kept = new Set();

  static async start(options) {
    const leaver = await Client.open(Leaver, options);
    leaver.#timer = setInterval(() => leaver.#leave(), LEAVES_MS);
    return leaver;
  }

  #leave() {
    this.#number += 1;
    const places = drawPlaces(this.random, this.partitions);
    const id = `${this.name}.${this.#number}`;
    const producer = openProducer(this.client, this.bootstrap, id);
    const left = { id: `${id}:1`, producer, name: id };
    this.told.push({ id: left.id, places, outcome: 'aborted' });
    left.work = this.#open(producer, { id: left.id, places }).catch((error) => error);
    this.#kept.add(left);
    setTimeout(() => this.#forget(left), KEPT_MS).unref();
  }

  async #open(producer, transaction) {
    await producer.beginTransaction();
    await this.write(producer, transaction);
  }

  async #forget(left) {
    if (this.#kept.delete(left)) await left.producer.close({ timeoutMs: 0 });
  }

  /** Another producer of each transactional id ends what is left open. */
  async endAll() {
    for (const left of this.#kept) {
      const other = openProducer(this.client, this.bootstrap, left.name);
      await other.beginTransaction();
      await other.abortTransaction();
      await other.close({ timeoutMs: 0 });
      await this.#forget(left);
    }
  }

  async end() {
    clearInterval(this.#timer);
    for (const { work } of this.#kept) await work;
  }

  async discard() {
    clearInterval(this.#timer);
    for (const left of this.#kept) await this.#forget(left);
  }
}

const JAVA_FLAGS = ['-XX:TieredStopAtLevel=1', '-XX:+UseSerialGC', '-Xmx128m'];
const QUIET = '-Dorg.slf4j.simpleLogger.defaultLogLevel=off';

/** Kafka's producer: clients/java/Transactions. */
export class JavaTransactions {
  #program;
  #name;

  static async start({ bootstrap, topic, partitions, name }) {
    const writer = new JavaTransactions();
    writer.#name = name;
    const { clientPath } = await java();
    const main = [...JAVA_FLAGS, QUIET, '-cp', clientPath, 'Transactions'];
    const numbers = [TRANSACTION_MS, PAUSE_MS].map(String);
    const args = [...main, bootstrap, topic, String(partitions), name, ...numbers];
    const child = launch('java', args, { stdio: ['ignore', 'pipe', 'pipe'] });
    writer.#program = new Verifiable(child);
    writer.#program.maker = 'java';
    return writer;
  }

  get told() {
    const ended = this.#program.named('ended');
    const outcomes = new Map(ended.map(({ number, outcome }) => [number, outcome]));
    return this.#program.named('begun').map(({ number, places }) => {
      const id = `${this.#name}:${number}`;
      return { id, places, outcome: outcomes.get(number) ?? 'unknown' };
    });
  }

  untilMore(count) {
    const committed = ({ events }) => events.filter(({ outcome }) => outcome === 'committed');
    const wanted = committed(this.#program).length + count;
    return this.#program.until(`${count} more transactions`, (one) => {
      return committed(one).length >= wanted;
    });
  }

  /** Ends the transaction that is open. */
  end() {
    return this.#program.stop();
  }

  discard() {
    return this.#program.discard();
  }
}
