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
import { startOffset, verify } from '../crash/reader.mjs';
import { TopicChurn } from '../crash/topic-churn.mjs';
import { PartitionWriter } from '../crash/writer.mjs';
import { PartitionConsumer } from './consumer.mjs';
import { FlakyNetwork } from './flaky-network.mjs';
import { sample, slope } from './sampler.mjs';
import { Tab } from './tab.mjs';

const TOPIC = 'soak';
const PARTITIONS = 4;
const STEP_MS_MIN = 3000;
const STEP_MS_SPREAD = 7000;
const SETTLE_MS = 30_000;
const RETRY_MS = 50;
/** In `quiet` nobody writes: what never settles shows there. */
const STEPS = ['stop', 'drop', 'cut', 'stall', 'quiet'];
/** Lives last from so long to a part of the whole soak, shorter ones more often. */
const LIFE_MS_MIN = 15_000;
const LONGEST_LIFE = 1 / 4;
/** Retention is at work from the first minutes on; readers are never so far behind. */
const TOPIC_CONFIGS = [
  { name: 'internal.segment.bytes', value: '4000000' },
  { name: 'retention.bytes', value: '200000000' },
];

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
    gaps: 0,
    worstStartMs: 0,
    unseen: -1,
  };
  #isLifeOver = false;
  #finding = null;

  constructor({ minutes, random, report }) {
    this.startMs = Date.now();
    this.endMs = this.startMs + minutes * 60_000;
    this.random = random;
    this.report = report;
    this.writers = Array.from({ length: PARTITIONS }, (_, partition) => {
      return new PartitionWriter(TOPIC, partition, random);
    });
    this.consumers = this.writers.map(({ partition }) => {
      return new PartitionConsumer(TOPIC, partition, () => this.network.port);
    });
    this.tab = new Tab(TOPIC, PARTITIONS);
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
      const reading = [...this.consumers.map((each) => each.run()), this.tab.run(this.httpPort)];
      const consuming = reading.map((each) => each.catch((error) => this.#fail(error)));
      const sampling = setInterval(() => this.#sample(), 1000);
      while (Date.now() < this.endMs && this.#finding === null) await this.#life();
      await this.#settle();
      clearInterval(sampling);
      for (const consumer of this.consumers) consumer.stop();
      this.tab.stop();
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
      overrides: [
        `millrace.http.listener=127.0.0.1:${this.httpPort}`,
        'log.retention.check.interval.ms=5000',
      ],
    });
    this.figures.worstStartMs = Math.max(this.figures.worstStartMs, this.broker.readyMs);
    this.bornSecond = this.#second;
  }

  async #createTopic() {
    const control = await KafkaConnection.open(this.broker.port);
    const topic = { name: TOPIC, numPartitions: PARTITIONS, replicationFactor: 1 };
    const answer = await control.send(API.CREATE_TOPICS, 5, {
      topics: [{ ...topic, assignments: [], configs: TOPIC_CONFIGS }],
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
      const { partition, acknowledged } = writer;
      const start = await startOffset(control, TOPIC, partition);
      const from = Math.max(start, acknowledged - 1000);
      const end = await verify(control, TOPIC, partition, from);
      if (end < acknowledged) throw new Error(`partition ${partition} lost records`);
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
    const longestMs = (this.endMs - this.startMs) * LONGEST_LIFE;
    const deathMs = Date.now() + LIFE_MS_MIN + this.random() ** 2 * longestMs;
    for (;;) {
      await sleep(STEP_MS_MIN + this.random() * STEP_MS_SPREAD);
      const nowMs = Date.now();
      const isOver = nowMs >= deathMs || nowMs >= this.endMs || this.#finding !== null;
      const step = isOver ? 'kill' : STEPS[Math.floor(this.random() * STEPS.length)];
      this.events.push({ second: this.#second, kind: step });
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
      if (step === 'quiet') await this.#beQuiet();
    }
  }

  async #beQuiet() {
    this.figures.gaps++;
    const pause = sleep(STEP_MS_MIN + this.random() * STEP_MS_SPREAD);
    for (const writer of this.writers) writer.pause = pause;
    await pause;
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
    let unseen = 0;
    for (const { partition, acknowledged } of this.writers) {
      unseen += Math.max(0, acknowledged - this.consumers[partition].position);
      unseen += Math.max(0, acknowledged - this.tab.positionIn(partition));
    }
    return unseen;
  }

  async #finish() {
    const control = await KafkaConnection.open(this.broker.port);
    for (const { partition, acknowledged } of this.writers) {
      const start = await startOffset(control, TOPIC, partition);
      const end = await verify(control, TOPIC, partition, start);
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
