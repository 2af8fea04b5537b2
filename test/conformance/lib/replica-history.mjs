/**
 * What clients of a replicated topic saw, and the rules that it must keep: every acknowledged
 * record is there, at the offset that was told, once, in the order of its producer, and nothing
 * that was read ever changes.
 */

import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import { decodeRecords } from '#millrace/records/record-iterator';
import { fetchFrom, highWatermark, untilPartitions, withNode } from './replicas.mjs';
import { Verifiable } from './verifiable.mjs';

const PADDING = 'x'.repeat(300);
const DELIVERY_MS = 300_000;
/** A leader that stands still is given up after so long. */
const REQUEST_MS = 5_000;
const PAUSE_MS = 50;

/** A value names its writer and its number among that writer's records of the partition. */
const textOf = (writer, number) => `${writer}:${number}:${PADDING}`;
/** Kafka's VerifiableProducer writes `writer.number`. */
export function identityOf(value) {
  const end = value.lastIndexOf(':');
  return end < 0 ? value.replace('.', ':') : value.slice(0, end);
}

/** An idempotent producer of millrace/client that writes to all partitions at a rate. */
export class SteadyWriter {
  #client;
  #producer;
  #timer;
  #topic;
  #open = 0;
  #name;
  #generation = 0;
  #number = 0;
  isEnded = false;
  /** What was acknowledged: `{ partition, identity, offset }`. */
  acked = [];
  /** Times of acknowledgements, for each partition. */
  ackedAtMs;
  /** Refused for good: whether they are in the log is not known. */
  failures = [];

  /** `perSecond` records go to each partition. */
  static async start({ bootstrap, topic, name, partitions, perSecond = 50, most = 1_000 }) {
    const writer = new SteadyWriter();
    writer.#client = await import('#millrace/client/index');
    writer.#topic = writer.#client.topic(topic, { value: writer.#client.text });
    writer.#name = name;
    writer.bootstrap = bootstrap;
    writer.ackedAtMs = Array.from({ length: partitions }, () => []);
    writer.#connect();
    const turn = () => {
      if (writer.#open >= most) return;
      writer.#number += 1;
      for (let partition = 0; partition < partitions; partition += 1) writer.#send(partition);
    };
    writer.#timer = setInterval(turn, 1_000 / perSecond);
    return writer;
  }

  #connect() {
    const { Producer } = this.#client;
    this.#generation += 1;
    this.#producer = new Producer({
      bootstrapServers: this.bootstrap,
      clientId: this.writer,
      deliveryTimeoutMs: DELIVERY_MS,
      requestTimeoutMs: REQUEST_MS,
      onError: (error) => this.failures.push(error.message),
    });
  }

  /** Of the producer that it has now: one that failed for good is replaced. */
  get writer() {
    return `${this.#name}.${this.#generation}`;
  }

  #send(partition) {
    const identity = `${this.writer}:${this.#number}`;
    const value = textOf(this.writer, this.#number);
    this.#open += 1;
    const onAcked = ({ offset }) => {
      this.#open -= 1;
      this.acked.push({ partition, identity, offset });
      this.ackedAtMs[partition].push(performance.now());
    };
    const onFailed = (error) => {
      this.#open -= 1;
      this.failures.push(`${identity} to ${partition}: ${error.message}`);
      const { writer } = this;
      if (identity.startsWith(`${writer}:`) && !this.isEnded) this.#connect();
    };
    try {
      this.#producer.send(this.#topic, { value, partition }).then(onAcked, onFailed);
    } catch (error) {
      onFailed(error);
    }
  }

  /** Resolves once each partition has acknowledged a record that was sent after this call. */
  async untilAllGoOn(limitMs = 90_000) {
    const from = performance.now();
    const stands = () =>
      this.ackedAtMs.flatMap((times, partition) => {
        return (times.at(-1) ?? 0) > from + PAUSE_MS ? [] : [partition];
      });
    while (stands().length > 0) {
      if (performance.now() - from > limitMs) {
        const last = this.failures.at(-1) ?? 'no failure';
        throw new Error(`partitions ${stands()} take no records for ${limitMs} ms: ${last}`);
      }
      await pause(PAUSE_MS);
    }
  }

  /** The longest time without an acknowledgement from then on, over all partitions. */
  longestGapSince(fromMs) {
    let longest = 0;
    for (const times of this.ackedAtMs) {
      let lastMs = fromMs;
      for (const ms of times) {
        if (ms < fromMs) continue;
        longest = Math.max(longest, ms - lastMs);
        lastMs = ms;
      }
      longest = Math.max(longest, performance.now() - lastMs);
    }
    return Math.round(longest);
  }

  /** Waits for what was sent. */
  async end() {
    this.isEnded = true;
    clearInterval(this.#timer);
    await this.#producer.flush();
    await this.discard();
  }

  async discard() {
    this.isEnded = true;
    clearInterval(this.#timer);
    await this.#producer.close({ timeoutMs: 0 });
  }
}

/** Everything below the high watermark of a partition, by offset, from its leader. */
export async function readAll(cluster, topic, partition) {
  const end = await highWatermark(cluster, topic, partition);
  const partitions = await untilPartitions(cluster.brokers, topic, 'a leader', (all) => {
    return all[partition].leader >= 0;
  });
  const leader = cluster.broker(partitions[partition].leader);
  return withNode(leader, async (connection) => {
    const values = [];
    while (values.length < end) {
      const { errorCode, records } = await fetchFrom(connection, topic, partition, values.length);
      if (errorCode !== 0) throw new Error(`read of ${topic}-${partition}: error ${errorCode}`);
      const before = values.length;
      for (const { offset, value } of decodeRecords(records)) {
        if (offset === values.length) values.push(identityOf(value.toString()));
      }
      if (values.length === before) {
        throw new Error(`${topic}-${partition}: nothing at ${before}, but its end is ${end}`);
      }
    }
    return values;
  });
}

const JAVA_SETTINGS = {
  'enable.idempotence': 'true',
  retries: '2147483647',
  'delivery.timeout.ms': String(DELIVERY_MS),
  'request.timeout.ms': String(REQUEST_MS),
};

/** Kafka's VerifiableProducer as an idempotent producer that retries. */
export class JavaWriter {
  #program;
  #folder;

  /** `number` tells its records from those of others; `more` goes to the program. */
  static async start({ bootstrap, topic, number = 1, perSecond = 200, more = [] }) {
    const writer = new JavaWriter();
    writer.#folder = await mkdtemp(join(tmpdir(), 'millrace-java-writer-'));
    const file = join(writer.#folder, 'producer.properties');
    const lines = Object.entries(JAVA_SETTINGS).map(([name, value]) => `${name}=${value}\n`);
    await writeFile(file, lines.join(''));
    const rate = ['--throughput', String(perSecond), '--value-prefix', String(number)];
    const flags = ['--topic', topic, '--acks', '-1', ...rate, '--command-config', file, ...more];
    const broker = { bootstrap };
    writer.#program = await Verifiable.start('java', 'VerifiableProducer', broker, flags);
    return writer;
  }

  get acked() {
    return this.#program
      .named('producer_send_success')
      .map(({ value, partition, offset }) => ({ partition, offset, identity: identityOf(value) }));
  }

  /** Records that it gave up. */
  get failures() {
    return this.#program.named('producer_send_error').map(({ value, message }) => {
      return `${value}: ${message}`;
    });
  }

  /** Waits until so many more were acknowledged. */
  untilMore(count) {
    const wanted = this.#program.named('producer_send_success').length + count;
    return this.#program.until(`${count} more records`, (one) => {
      return one.named('producer_send_success').length >= wanted;
    });
  }

  async end() {
    await this.#program.stop();
    await this.discard();
  }

  async discard() {
    await this.#program.discard();
    await rm(this.#folder, { recursive: true, force: true });
  }
}

const FEW = 5;

/**
 * Throws with what is wrong; returns how many records are there twice where they may be.
 * @param {{
 *   logs: string[][],
 *   acked: { partition: number, identity: string, offset: number }[],
 *   tails?: { partition: number, values: string[], wrong: string[] }[],
 *   mayDouble?: (partition: number, offset: number) => boolean,
 * }} seen the records of each partition by offset, what all writers were told, what was read
 *   meanwhile, and which record may be the second one
 */
export function judge({ logs, acked, tails = [], mayDouble = () => false }) {
  const wrong = tails.flatMap((tail) => tail.wrong);
  const copies = new Set();
  const found = new Map();
  for (const [partition, values] of logs.entries()) {
    const last = new Map();
    for (const [offset, identity] of values.entries()) {
      const at = `${partition}/${identity}`;
      if (found.has(at) && mayDouble(partition, offset)) {
        copies.add(`${at}@${offset}`);
        continue;
      }
      if (found.has(at)) wrong.push(`doubled: ${at} at ${found.get(at)} and ${offset}`);
      else found.set(at, offset);
      const split = identity.lastIndexOf(':');
      const [writer, number] = [identity.slice(0, split), Number(identity.slice(split + 1))];
      if (number < (last.get(writer) ?? -1)) {
        wrong.push(`order: ${at} at ${offset} comes after ${last.get(writer)}`);
      }
      last.set(writer, number);
    }
  }
  for (const { partition, identity, offset } of acked) {
    const at = found.get(`${partition}/${identity}`);
    if (at === undefined) wrong.push(`lost: ${partition}/${identity}, acknowledged at ${offset}`);
    else if (offset >= 0 && at !== offset && !copies.has(`${partition}/${identity}@${offset}`)) {
      wrong.push(`moved: ${partition}/${identity} was acknowledged at ${offset} and is at ${at}`);
    }
  }
  for (const { partition, values } of tails) {
    const other = values.findIndex((value, offset) => value !== logs[partition][offset]);
    if (other < 0) continue;
    const now = logs[partition][other];
    wrong.push(`changed: ${partition} at ${other} was ${values[other]} and is ${now}`);
  }
  if (wrong.length === 0) return copies.size;
  throw new Error(`${wrong.length} wrong:\n${wrong.slice(0, FEW).join('\n')}`);
}
