/**
 * Kills a broker under load again and again, and after each start holds what it serves against what
 * it acknowledged: all there, in order, once, offsets dense; topics as their creation or deletion
 * was answered.
 */
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { API } from '../../dist/protocol/index.js';
import { BrokerProcess } from './broker-process.mjs';
import { KafkaConnection } from './kafka-connection.mjs';
import { newProducerId } from './producer-id.mjs';
import { startOffset, verify } from './reader.mjs';
import { TopicChurn } from './topic-churn.mjs';
import { PartitionWriter } from './writer.mjs';

const TOPIC = 'crash';
const PARTITIONS = 4;
const SEGMENT_BYTES = 300_000;
/** A topic of one partition that retention is always at. */
const EXPIRING = 'expiring';
const RETENTION_BYTES = 700_000;
/** So that retention and snapshots of the metadata come often enough to be killed in. */
const OVERRIDES = [
  'log.retention.check.interval.ms=100',
  'metadata.log.max.record.bytes.between.snapshots=2000',
];
const LOAD_MS_MIN = 100;
const LOAD_MS_SPREAD = 900;
const START_MS_BOUND = 15_000;

export const FAIL_POINTS = [
  'append-after-claim',
  'append-before-copy',
  'append-after-header',
  'append-between-batches',
  'append-before-index',
  'append-after-index',
  'append-before-ack',
  'roll-before-create',
  'roll-before-seal',
  'roll-after-seal',
  'retention-before-rename',
  'create-after-directory',
  'delete-before-rename',
  'delete-after-rename',
  'metadata-before-write',
  'metadata-before-sync',
  'metadata-after-sync',
  'snapshot-before-rename',
];

/** A small seeded generator: the same seed gives the same run, but for the machine's timing. */
export function seededRandom(seed) {
  let state = seed >>> 0;
  return () => {
    state = (state + 0x6d2b79f5) >>> 0;
    let mixed = Math.imul(state ^ (state >>> 15), state | 1);
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61);
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32;
  };
}

async function createTopic(connection, name, numPartitions, configs) {
  const answer = await connection.send(API.CREATE_TOPICS, 5, {
    topics: [
      {
        name,
        numPartitions,
        replicationFactor: 1,
        assignments: [],
        configs: Object.entries(configs).map(([key, value]) => ({ name: key, value })),
      },
    ],
    timeoutMs: 30_000,
    validateOnly: false,
  });
  const { errorCode, errorMessage } = answer.topics[0];
  if (errorCode !== 0) throw new Error(`create ${name}: ${errorCode} ${errorMessage}`);
}

async function createTopics(connection) {
  const small = { 'internal.segment.bytes': String(SEGMENT_BYTES) };
  await createTopic(connection, TOPIC, PARTITIONS, small);
  const expiring = { ...small, 'retention.bytes': String(RETENTION_BYTES) };
  await createTopic(connection, EXPIRING, 1, expiring);
}

export class CrashRun {
  constructor({ rounds, seed, report, overrides = [] }) {
    this.rounds = rounds;
    this.random = seededRandom(seed);
    this.report = report;
    this.overrides = [...OVERRIDES, ...overrides];
    this.writers = Array.from({ length: PARTITIONS }, (_, partition) => {
      return new PartitionWriter(TOPIC, partition, this.random);
    });
    this.writers.push(new PartitionWriter(EXPIRING, 0, this.random));
    this.verified = this.writers.map(() => 0);
    this.churn = new TopicChurn(this.random);
    this.figures = { rounds: 0, records: 0, failPoints: 0, worstStartMs: 0, cutTails: 0 };
    /** How often the process ended at each of them, and not by the clock. */
    this.figures.reached = {};
  }

  async run() {
    this.directory = await mkdtemp(join(tmpdir(), 'millrace-crash-'));
    try {
      for (let round = 0; round < this.rounds; round++) await this.#round(round);
      await this.#finish();
      return this.figures;
    } finally {
      if (this.broker !== undefined) this.broker.signal('SIGKILL');
      await rm(this.directory, { recursive: true, force: true });
    }
  }

  async #start(failPoint) {
    const { directory, figures } = this;
    // The data serves a broker with worker threads and one without alike.
    const threads = Math.floor(this.random() * 3);
    const overrides = [...this.overrides, `num.io.threads=${threads}`];
    this.broker = await BrokerProcess.start(directory, { failPoint, overrides });
    figures.worstStartMs = Math.max(figures.worstStartMs, this.broker.readyMs);
    if (this.broker.readyMs > START_MS_BOUND) {
      throw new Error(`the start took ${this.broker.readyMs} ms, over ${START_MS_BOUND}`);
    }
    return this.broker;
  }

  async #round(round) {
    const byPoint = round % 2 === 1;
    const point = FAIL_POINTS[Math.floor(this.random() * FAIL_POINTS.length)];
    const isRare = !point.startsWith('append');
    const hits = 1 + Math.floor(this.random() * (isRare ? 3 : 500));
    const broker = await this.#start(byPoint ? `${point}:${hits}` : '').catch((error) => {
      // A start writes metadata too: the fail point may hit before it is over.
      if (byPoint && error.how === 'SIGKILL') return this.#reach(point);
      throw error;
    });
    this.figures.rounds++;
    if (byPoint) this.figures.failPoints++;
    if (broker === null) return;
    const control = await KafkaConnection.open(broker.port);
    let isOver = false;
    try {
      if (round === 0) await createTopics(control);
      await this.#verifyAll(control);
      for (const writer of this.writers) await writer.repeatLast(control);
      const connections = await this.#load(broker, control);
      const loadMs = LOAD_MS_MIN + this.random() * LOAD_MS_SPREAD;
      const end = () => {
        isOver = true;
        broker.signal('SIGKILL');
      };
      const timer = setTimeout(end, byPoint ? loadMs * 3 : loadMs);
      await Promise.all(connections);
      clearTimeout(timer);
    } catch (error) {
      // A fail point may hit while the round is still being set up.
      if (!control.failed) throw error;
    }
    const how = await broker.ended();
    if (how !== 'SIGKILL') throw new Error(`the broker ended by itself: ${how}`);
    if (byPoint && !isOver) this.#reach(point);
    this.figures.cutTails += broker.lines.filter((line) => /dropped|cut/.test(line)).length;
    this.report(`round ${round + 1}: ${byPoint ? `${point}:${hits}` : 'random'}, ${this.#ends()}`);
  }

  #reach(point) {
    const { reached } = this.figures;
    reached[point] = (reached[point] ?? 0) + 1;
    return null;
  }

  #ends() {
    return `acknowledged ${this.writers.map((writer) => writer.acknowledged).join(' ')}`;
  }

  async #load(broker, control) {
    const loads = [this.churn.run(control)];
    for (const writer of this.writers) {
      const connection = await KafkaConnection.open(broker.port);
      const verified = this.verified[this.writers.indexOf(writer)];
      writer.resumeAt(verified, await newProducerId(control));
      loads.push(writer.run(connection));
    }
    return loads;
  }

  async #verifyAll(connection) {
    for (const [index, writer] of this.writers.entries()) {
      const { topic, partition, acknowledged } = writer;
      const start = await startOffset(connection, topic, partition);
      if (start > 0 && topic !== EXPIRING)
        throw new Error(`${topic}-${partition} begins at ${start}`);
      const from = this.random() < 0.1 ? 0 : this.verified[index];
      const end = await verify(connection, topic, partition, Math.max(start, from));
      if (end < acknowledged) {
        throw new Error(`${topic}-${partition} ends at ${end}, acknowledged ${acknowledged}`);
      }
      this.verified[index] = end;
    }
    await this.churn.check(connection);
  }

  /** Everything once more from the beginning, then a clean stop. */
  async #finish() {
    const broker = await this.#start('');
    const connection = await KafkaConnection.open(broker.port);
    this.verified.fill(0);
    await this.#verifyAll(connection);
    this.figures.records = this.verified.reduce((sum, end) => sum + end, 0);
    connection.close();
    broker.signal('SIGTERM');
    const how = await broker.ended();
    if (how !== 0) throw new Error(`the clean stop ended with ${how}`);
  }
}
