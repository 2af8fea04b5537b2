/**
 * Kills a broker in the middle of joins, syncs, commits and compaction, again and again, with
 * groups of both protocols and of both at once. After each start: committed offsets are where they were acknowledged
 * or further, never ahead of the data; compacted partitions have the newest value of every key,
 * and no segment is half swapped; groups come back by themselves, and those of the new protocol
 * go on with the members that they had. At no time has a partition two owners.
 */
import { mkdtemp, readdir, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { API } from '../../dist/protocol/index.js';
import { BrokerProcess } from './broker-process.mjs';
import { Committer } from './committer.mjs';
import { ConsumerGroup } from './consumer-group.mjs';
import { SESSION_TIMEOUT_MS } from './consumer-member.mjs';
import { seededRandom } from './crash-run.mjs';
import { GroupMember } from './group-member.mjs';
import { KafkaConnection } from './kafka-connection.mjs';
import { KeyedWriter } from './keyed-writer.mjs';
import { MixedGroup } from './mixed-group.mjs';
import { SharedTopic } from './shared-topic.mjs';

const TOPIC = 'keyed';
const PARTITIONS = 2;
const SIMPLE_GROUPS = 8;
const CLASSIC_GROUPS = 4;
const SHARED = 'shared';
const SHARED_PARTITIONS = 8;
const CONSUMER_GROUPS = 4;
const MIXED_GROUPS = 4;
const MEMBERS_EACH = 3;
const MIXED_MEMBERS_EACH = 4;
const LOAD_MS_MIN = 200;
const LOAD_MS_SPREAD = 1300;
const RETURN_LIMIT_MS = 10_000;
const OVERRIDES = [
  'group.initial.rebalance.delay.ms=0',
  'group.min.session.timeout.ms=1000',
  `group.consumer.min.session.timeout.ms=${SESSION_TIMEOUT_MS}`,
  `group.consumer.session.timeout.ms=${SESSION_TIMEOUT_MS}`,
  'group.consumer.min.heartbeat.interval.ms=100',
  'group.consumer.heartbeat.interval.ms=100',
  'group.consumer.assignment.interval.ms=100',
  'offsets.topic.num.partitions=4',
  'offsets.topic.segment.bytes=1048576',
  'log.cleaner.backoff.ms=50',
  'log.cleaner.min.cleanable.ratio=0.01',
  'log.segment.delete.delay.ms=200',
];

/** Each with how often it may be passed first. */
const FAIL_POINTS = [
  ['swap-before-rename', 6],
  ['swap-after-rename', 6],
  ['swap-after-delete', 6],
  ['swap-after-all', 6],
  ['append-before-copy', 3000],
  ['append-after-header', 3000],
  ['append-after-index', 3000],
  ['append-before-ack', 3000],
  ['roll-before-create', 20],
  ['roll-after-seal', 20],
];

async function createTopic(connection, name, numPartitions, configs) {
  const body = {
    topics: [{ name, numPartitions, replicationFactor: 1, configs, assignments: [] }],
    timeoutMs: 30_000,
    validateOnly: false,
  };
  const { topics } = await connection.send(API.CREATE_TOPICS, 5, body);
  // A kill may have taken the answer to an earlier creation.
  if (topics[0].errorCode !== 0 && topics[0].errorCode !== 36) {
    throw new Error(`create ${name}: error ${topics[0].errorCode}`);
  }
}

async function createTopics(connection) {
  await createTopic(connection, TOPIC, PARTITIONS, [
    { name: 'cleanup.policy', value: 'compact' },
    { name: 'internal.segment.bytes', value: '100000' },
  ]);
  await createTopic(connection, SHARED, SHARED_PARTITIONS, []);
}

export class GroupCrashRun {
  constructor({ rounds, seed, report, overrides = [] }) {
    this.rounds = rounds;
    this.random = seededRandom(seed);
    this.report = report;
    this.overrides = [...OVERRIDES, ...overrides];
    this.writers = Array.from({ length: PARTITIONS }, (_, partition) => {
      return new KeyedWriter(TOPIC, partition, this.random);
    });
    const committerOf = (groupId, i) => new Committer(groupId, this.writers[i % PARTITIONS]);
    this.simple = Array.from({ length: SIMPLE_GROUPS }, (_, i) => committerOf(`simple-${i}`, i));
    this.classic = Array.from({ length: CLASSIC_GROUPS }, (_, i) => committerOf(`classic-${i}`, i));
    const classic = this.classic.flatMap((committer) => {
      return Array.from({ length: MEMBERS_EACH }, () => {
        return new GroupMember(committer.groupId, committer, this.random);
      });
    });
    this.shared = new SharedTopic(SHARED, SHARED_PARTITIONS);
    this.consumer = Array.from({ length: CONSUMER_GROUPS }, (_, i) => {
      return new ConsumerGroup(`consumer-${i}`, this.shared, MEMBERS_EACH, this.random);
    });
    this.mixed = Array.from({ length: MIXED_GROUPS }, (_, i) => {
      return new MixedGroup(`mixed-${i}`, this.shared, MIXED_MEMBERS_EACH, this.random);
    });
    this.consumer.push(...this.mixed);
    this.consuming = this.consumer.flatMap(({ members }) => members);
    this.members = [...classic, ...this.consuming];
    this.committers = [this.simple, this.classic, ...this.consumer.map((one) => one.committers)];
    this.figures = { rounds: 0, failPoints: 0, hits: {} };
  }

  async run() {
    this.directory = await mkdtemp(join(tmpdir(), 'millrace-crash-'));
    try {
      for (let round = 0; round < this.rounds; round++) await this.#round(round);
      await this.#finish();
      return { ...this.figures, ...this.#totals() };
    } finally {
      if (this.broker !== undefined) this.broker.signal('SIGKILL');
      await rm(this.directory, { recursive: true, force: true });
    }
  }

  #totals() {
    const sum = (ones, of) => ones.reduce((total, one) => total + of(one), 0);
    return {
      records: sum(this.writers, ({ end }) => end) + sum(this.shared.partitions, ({ end }) => end),
      commits: sum(this.committers.flat(), ({ commits }) => commits),
      joins: sum(this.members, ({ stable }) => stable),
      moves: sum(this.consumer, ({ moves }) => moves),
      upgrades: sum(this.mixed, ({ upgrades }) => upgrades),
      downgrades: sum(this.mixed, ({ downgrades }) => downgrades),
      fenced: sum(this.consuming, ({ fenced }) => fenced),
    };
  }

  async #round(round) {
    const byPoint = round % 2 === 1;
    const [point, most] = FAIL_POINTS[Math.floor(this.random() * FAIL_POINTS.length)];
    const failPoint = byPoint ? `${point}:${1 + Math.floor(this.random() * most)}` : '';
    const { directory } = this;
    // The data serves a broker with worker threads and one without alike.
    const threads = Math.floor(this.random() * 3);
    const overrides = [...this.overrides, `num.io.threads=${threads}`];
    this.broker = undefined;
    try {
      this.broker = await BrokerProcess.start(directory, { failPoint, overrides });
    } catch (error) {
      // A start finishes what the last process had begun: the fail point may hit in it.
      if (!byPoint || error.how !== 'SIGKILL') throw error;
    }
    this.figures.rounds++;
    if (byPoint) this.figures.failPoints++;
    const loadMs = LOAD_MS_MIN + this.random() * LOAD_MS_SPREAD;
    if (this.broker !== undefined) await this.#life(byPoint ? loadMs * 3 : loadMs, point, byPoint);
    const totals = this.#totals();
    const how = failPoint || 'random';
    this.report(`round ${round + 1}: ${how}, ${threads} threads, ${JSON.stringify(totals)}`);
  }

  async #life(loadMs, point, byPoint) {
    const { broker } = this;
    let timer;
    try {
      const control = await KafkaConnection.open(broker.port);
      await createTopics(control);
      await this.#verify(control);
      const loads = await this.#load();
      timer = setTimeout(() => broker.signal('SIGKILL'), loadMs);
      const killed = Date.now() + loadMs;
      await Promise.all(loads);
      if (byPoint && Date.now() < killed - 5) {
        this.figures.hits[point] = (this.figures.hits[point] ?? 0) + 1;
      }
    } catch (error) {
      clearTimeout(timer);
      // A fail point may hit while the round is still being set up.
      if (!byPoint || !/connection closed|ECONN/.test(String(error))) throw error;
    }
    clearTimeout(timer);
    const how = await broker.ended();
    if (how !== 'SIGKILL') throw new Error(`the broker ended by itself: ${how}`);
  }

  async #load() {
    const open = () => KafkaConnection.open(this.broker.port);
    const loads = [];
    const { writers, shared, simple, members, mixed } = this;
    for (const load of [...writers, shared, ...simple, ...members, ...mixed]) {
      loads.push(load.run(await open()));
    }
    return loads;
  }

  async #verify(connection) {
    await this.#verifyFiles();
    for (const writer of this.writers) await writer.verify(connection);
    await this.shared.verify(connection);
    for (const committer of this.committers.flat()) await committer.verify(connection);
  }

  /** The logs were opened before clients were let in: nothing of a swap may be left. */
  async #verifyFiles() {
    for (const name of await readdir(this.directory)) {
      if (!/^(keyed|__consumer_offsets)-\d+$/.test(name)) continue;
      const files = await readdir(join(this.directory, name));
      const half = files.filter((file) => file.endsWith('.swap'));
      if (half.length > 0) throw new Error(`${name} was left half swapped: ${half}`);
    }
  }

  /** Every group stands again, what was acknowledged is there, and the stop is clean. */
  async #finish() {
    const { directory, overrides } = this;
    this.broker = await BrokerProcess.start(directory, { overrides });
    const control = await KafkaConnection.open(this.broker.port);
    await this.#verify(control);
    const fromMs = Date.now();
    const before = this.members.map((member) => member.stable);
    const late = () => Date.now() - fromMs > RETURN_LIMIT_MS;
    let isBack = false;
    const back = () => {
      isBack ||=
        this.members.every((member, i) => member.stable > before[i]) &&
        this.consumer.every(({ isSharedOut }) => isSharedOut);
      return isBack || late();
    };
    const connections = [];
    for (const _ of this.members) connections.push(await KafkaConnection.open(this.broker.port));
    await Promise.all(this.members.map((member, i) => member.run(connections[i], back)));
    if (!isBack) throw new Error(`a group did not come back within ${RETURN_LIMIT_MS} ms`);
    this.figures.returnMs = Date.now() - fromMs;
    for (const connection of [control, ...connections]) connection.close();
    this.broker.signal('SIGTERM');
    const how = await this.broker.ended();
    if (how !== 0) throw new Error(`the clean stop ended with ${how}`);
  }
}
