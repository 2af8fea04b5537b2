/**
 * Mixed load on one broker that is killed, stopped and left alone by turns. Writers know what was
 * acknowledged, consumers read along and notice what is lost, doubled or out of order.
 */
import { mkdtemp, rm } from 'node:fs/promises';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { API } from '../../dist/protocol/index.js';
import { BrokerProcess } from '../crash/broker-process.mjs';
import { KafkaConnection } from '../crash/kafka-connection.mjs';
import { newProducerId } from '../crash/producer-id.mjs';
import { verify } from '../crash/reader.mjs';
import { TopicChurn } from '../crash/topic-churn.mjs';
import { PartitionWriter } from '../crash/writer.mjs';
import { PartitionConsumer } from './consumer.mjs';
import { FlakyNetwork } from './flaky-network.mjs';
import { sample, slope } from './sampler.mjs';

const TOPIC = 'soak';
const PARTITIONS = 4;
const STEP_MS_MIN = 3000;
const STEP_MS_SPREAD = 7000;
const SETTLE_MS = 30_000;
const RETRY_MS = 50;
/** One step in six does nothing at all: what never settles shows there. */
const STEPS = ['kill', 'stop', 'drop', 'cut', 'stall', 'quiet'];

const sleep = (ms) => new Promise((resolve) => setTimeout(resolve, ms));

export class Soak {
  samples = [];
  events = [];
  figures = {
    records: 0,
    kills: 0,
    stops: 0,
    drops: 0,
    cuts: 0,
    stalls: 0,
    worstStartMs: 0,
    unseen: -1,
  };
  #isLifeOver = false;
  #finding = null;

  constructor({ minutes, random, report }) {
    this.endMs = Date.now() + minutes * 60_000;
    this.startMs = Date.now();
    this.random = random;
    this.report = report;
    this.writers = Array.from({ length: PARTITIONS }, (_, partition) => {
      return new PartitionWriter(TOPIC, partition, random);
    });
    this.consumers = this.writers.map(({ partition }) => {
      return new PartitionConsumer(TOPIC, partition, () => this.network.port);
    });
    this.churn = new TopicChurn(random);
  }

  get #second() {
    return (Date.now() - this.startMs) / 1000;
  }

  async run() {
    this.directory = await mkdtemp(join(tmpdir(), 'millrace-soak-'));
    this.httpPort = await freePort();
    this.network = await FlakyNetwork.open(() => this.broker.port);
    try {
      await this.#start();
      await this.#createTopic();
      const consuming = this.consumers.map((each) =>
        each.run().catch((error) => this.#fail(error)),
      );
      const sampling = setInterval(() => this.#sample(), 1000);
      while (Date.now() < this.endMs && this.#finding === null) await this.#life();
      await this.#settle();
      clearInterval(sampling);
      for (const consumer of this.consumers) consumer.stop();
      await Promise.all(consuming);
      if (this.#finding !== null) throw this.#finding;
      await this.#finish();
      return this.figures;
    } finally {
      this.broker?.signal('SIGKILL');
      this.network.close();
      await rm(this.directory, { recursive: true, force: true });
    }
  }

  #fail(error) {
    this.#finding ??= error;
  }

  async #start() {
    this.broker = await BrokerProcess.start(this.directory, {
      overrides: [`millrace.http.listener=127.0.0.1:${this.httpPort}`, 'log.retention.bytes=-1'],
    });
    this.figures.worstStartMs = Math.max(this.figures.worstStartMs, this.broker.readyMs);
    this.bornSecond = this.#second;
  }

  async #createTopic() {
    const control = await KafkaConnection.open(this.broker.port);
    const configs = [{ name: 'internal.segment.bytes', value: '4000000' }];
    const topic = { name: TOPIC, numPartitions: PARTITIONS, replicationFactor: 1, configs };
    const answer = await control.send(API.CREATE_TOPICS, 5, {
      topics: [{ ...topic, assignments: [] }],
      timeoutMs: 30_000,
      validateOnly: false,
    });
    control.close();
    if (answer.topics[0].errorCode !== 0) throw new Error(`create: ${answer.topics[0].errorCode}`);
  }

  /** From a start of the broker to its end, with what happens in between. */
  async #life() {
    const control = await KafkaConnection.open(this.broker.port);
    for (const writer of this.writers) {
      const from = Math.max(0, writer.acknowledged - 1000);
      const end = await verify(control, TOPIC, writer.partition, from);
      if (end < writer.acknowledged) throw new Error(`partition ${writer.partition} lost records`);
      await writer.repeatLast(control);
      writer.resumeAt(end, await newProducerId(control));
    }
    await this.churn.check(control);
    this.#isLifeOver = false;
    const loads = [this.churn.run(control), ...this.writers.map((each) => this.#write(each))];
    const working = Promise.all(loads).catch((error) => this.#fail(error));
    await this.#steps();
    await working;
    if (this.#finding !== null) return;
    await this.broker.ended();
    await this.#start();
  }

  /** Over a network that breaks now and then: the same producer goes on where it was. */
  async #write(writer) {
    while (!this.#isLifeOver) {
      try {
        await writer.run(await KafkaConnection.open(this.network.port));
      } catch (error) {
        if (error.code === undefined) throw error;
      }
      await sleep(RETRY_MS);
    }
  }

  /** Ends with a kill -9, or with the end of the soak, which is one too. */
  async #steps() {
    for (;;) {
      await sleep(STEP_MS_MIN + this.random() * STEP_MS_SPREAD);
      const isOver = Date.now() >= this.endMs || this.#finding !== null;
      const step = isOver ? 'kill' : STEPS[Math.floor(this.random() * STEPS.length)];
      if (step !== 'quiet') this.events.push({ second: this.#second, kind: step });
      this.report(`${this.#second.toFixed(0)} s: ${step}`);
      if (step === 'kill') {
        this.figures.kills++;
        this.#isLifeOver = true;
        this.broker.signal('SIGKILL');
        return;
      }
      if (step === 'stop') await this.#stopForAWhile();
      if (step === 'drop') this.#dropConsumers();
      if (step === 'cut') this.#cut();
      if (step === 'stall') await this.#stall();
    }
  }

  async #stopForAWhile() {
    this.figures.stops++;
    this.broker.signal('SIGSTOP');
    await sleep(500 + this.random() * 4000);
    this.broker.signal('SIGCONT');
  }

  #cut() {
    this.figures.cuts++;
    this.network.cut();
  }

  async #stall() {
    this.figures.stalls++;
    this.network.stall();
    await sleep(500 + this.random() * 4000);
    this.network.resume();
  }

  #dropConsumers() {
    this.figures.drops++;
    for (const { connection } of this.consumers) connection?.close();
  }

  async #sample() {
    const { pid } = this.broker;
    try {
      this.samples.push({
        second: this.#second,
        life: this.bornSecond,
        ...(await sample(pid, this.httpPort)),
      });
    } catch {
      // Killed or standing still just now: the curve has a gap there.
    }
  }

  /** Without faults, what was acknowledged is seen by every consumer before long. */
  async #settle() {
    const endMs = Date.now() + SETTLE_MS;
    while (Date.now() < endMs && this.#unseen() > 0) await sleep(100);
    this.figures.unseen = this.#unseen();
    if (this.figures.unseen > 0) this.#fail(new Error(`${this.figures.unseen} records unseen`));
  }

  #unseen() {
    return this.writers.reduce(
      (sum, writer, i) => sum + Math.max(0, writer.acknowledged - this.consumers[i].position),
      0,
    );
  }

  async #finish() {
    const control = await KafkaConnection.open(this.broker.port);
    for (const { partition, acknowledged } of this.writers) {
      const end = await verify(control, TOPIC, partition, 0);
      if (end < acknowledged) throw new Error(`partition ${partition} lost records`);
      this.figures.records += end;
    }
    control.close();
    this.broker.signal('SIGTERM');
    const how = await this.broker.ended();
    if (how !== 0) throw new Error(`the clean stop ended with ${how}`);
    this.#slopes();
  }

  /** Of the longest life: a start warms up, so its first quarter does not count. */
  #slopes() {
    const lives = Map.groupBy?.(this.samples, (each) => each.life) ?? groupByLife(this.samples);
    const longest = [...lives.values()].sort((a, b) => b.length - a.length)[0] ?? [];
    const steady = longest.slice(Math.floor(longest.length / 4));
    for (const field of ['memoryMb', 'descriptors', 'loopMs']) {
      this.figures[`${field}PerMinute`] = Number(slope(steady, field).toFixed(3));
      this.figures[`${field}Max`] = Number(
        Math.max(...this.samples.map((each) => each[field])).toFixed(1),
      );
    }
    this.figures.longestLifeSeconds = longest.length;
  }
}

function groupByLife(samples) {
  const lives = new Map();
  for (const each of samples) {
    if (!lives.has(each.life)) lives.set(each.life, []);
    lives.get(each.life).push(each);
  }
  return lives;
}

function freePort() {
  return new Promise((resolve, reject) => {
    const server = createServer();
    server.on('error', reject);
    server.listen(0, '127.0.0.1', () => {
      const { port } = server.address();
      server.close(() => resolve(port));
    });
  });
}
