/**
 * Kills applications of millrace/streams, the broker, or both, again and again, at random moments
 * and at named places. The smoke topology's outputs must be exact for a reader of committed records;
 * at least once, none may be missing.
 */
import { spawn } from 'node:child_process';
import { existsSync, readFileSync } from 'node:fs';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { Admin } from '#millrace/client/admin/admin';
import { freePort } from '../conformance/lib/brokers.mjs';
import { BrokerProcess } from './broker-process.mjs';
import { seededRandom } from './crash-run.mjs';
import { StreamsJudge } from './streams-judge.mjs';
import { StreamsWriter } from './streams-writer.mjs';

const PROGRAM = fileURLToPath(new URL('./streams-app.mjs', import.meta.url));
const PARTITIONS = 2;
const TOPICS = [
  ...['data', 'echo', 'min', 'min-raw', 'min-suppressed', 'max', 'sum', 'cnt', 'dif', 'avg'],
  ...['sws-raw', 'sws-suppressed', 'tagg', 'ballast', 'ballast-out'],
];
const OVERRIDES = [
  'group.initial.rebalance.delay.ms=0',
  'group.streams.initial.rebalance.delay.ms=0',
  'group.streams.min.heartbeat.interval.ms=100',
  'group.streams.heartbeat.interval.ms=200',
  'group.streams.min.session.timeout.ms=6000',
  'group.streams.session.timeout.ms=6000',
  'offsets.topic.num.partitions=4',
  'offsets.topic.replication.factor=1',
  'transaction.state.log.num.partitions=4',
  'transaction.state.log.replication.factor=1',
  'transaction.state.log.min.isr=1',
];
const RUN_MS_MIN = 50;
const RUN_MS_SPREAD = 450;
const POINT_MS = 1_500;
const LOOK_EVERY = 10;

/** Each with how often it may be passed first, and what a round needs to come to it. */
export const FAIL_POINTS = [
  ['streams-before-end', 8],
  ['streams-after-end', 8],
  ['streams-before-local-log', 30],
  ['streams-after-local-log', 30],
  ['streams-snapshot-part', 3],
  ['streams-snapshot-named', 2],
  ['streams-restoring', 3, 'state'],
  ['streams-assigned', 2, 'rebalance'],
  ['streams-revoked', 1, 'rebalance'],
];

/** The most memory that a process has had; 0 where a fail point has just ended it. */
function peakMbOf(pid) {
  const file = `/proc/${pid}/status`;
  const status = existsSync(file) ? readFileSync(file, 'utf8') : '';
  return Math.round(Number(/VmHWM:\s+(\d+) kB/.exec(status)?.[1] ?? 0) / 1024);
}

/** One instance of the application, in a process and with a directory of its own. */
class Instance {
  #directory;
  #bootstrap;
  /** The guarantee and the protocol of the group. */
  #how;
  #child = null;
  #said = '';
  #ending = 'SIGKILL';
  peakMb = 0;

  constructor(directory, bootstrap, how) {
    this.#directory = directory;
    this.#bootstrap = bootstrap;
    this.#how = how;
  }

  get isUp() {
    return this.#child !== null;
  }

  /** Resolves when it runs, or has ended. */
  async start(failPoint = '') {
    const args = [PROGRAM, this.#bootstrap, this.#directory, ...this.#how];
    const child = spawn(process.execPath, args, {
      env: { ...process.env, MILLRACE_FAIL_POINT: failPoint },
      stdio: ['ignore', 'pipe', 'pipe'],
    });
    this.#child = child;
    this.#said = '';
    child.stderr.on('data', (chunk) => {
      this.#said = (this.#said + chunk).slice(-4_000);
    });
    this.ended = new Promise((resolve) => {
      child.once('exit', (code, signal) => {
        this.#child = null;
        this.#ending = signal ?? code;
        resolve(this.#ending);
      });
    });
    const running = new Promise((resolve) => child.stdout.once('data', resolve));
    await Promise.race([running, this.ended]);
  }

  async kill() {
    this.#look();
    this.#child?.kill('SIGKILL');
    await this.ended;
  }

  /** A clean stop, which must be one. */
  async stop() {
    this.#look();
    this.#child?.kill('SIGTERM');
    await this.ended;
    this.requireSound();
  }

  /** It may be killed or stopped; what it throws itself is a finding. */
  requireSound() {
    if (this.#ending === 'SIGKILL' || this.#ending === 0) return;
    throw new Error(`an instance ended by itself (${this.#ending}): ${this.#said}`);
  }

  async loseState() {
    await rm(this.#directory, { recursive: true, force: true });
  }

  #look() {
    if (this.#child === null) return;
    this.peakMb = Math.max(this.peakMb, peakMbOf(this.#child.pid));
  }
}

export class StreamsCrashRun {
  constructor({ rounds, seed, report, overrides = [], guarantee, protocol }) {
    Object.assign(this, { rounds, report, guarantee, protocol });
    this.random = seededRandom(seed);
    this.overrides = [...OVERRIDES, ...overrides];
    this.figures = { rounds: 0, kills: {}, hits: {} };
  }

  async run() {
    this.directory = await mkdtemp(join(tmpdir(), 'millrace-crash-'));
    this.port = await freePort();
    const bootstrap = `127.0.0.1:${this.port}`;
    this.instances = ['one', 'other'].map((name) => {
      return new Instance(join(this.directory, name), bootstrap, [this.guarantee, this.protocol]);
    });
    this.judge = new StreamsJudge(bootstrap, PARTITIONS, this.guarantee === 'exactly_once_v2');
    try {
      await this.#startBroker();
      await this.#createTopics(bootstrap);
      this.writer = new StreamsWriter(bootstrap, this.random);
      this.writer.start();
      for (let round = 0; round < this.rounds; round++) await this.#round(round);
      await this.#finish();
      const peakMb = Math.max(...this.instances.map((each) => each.peakMb));
      const { inputs, outputs } = this.judge;
      return { ...this.figures, inputs, outputs, peakMb };
    } finally {
      for (const instance of this.instances) await instance.kill();
      await this.writer?.close();
      this.broker?.signal('SIGKILL');
      await this.broker?.ended();
      await rm(this.directory, { recursive: true, force: true });
    }
  }

  async #startBroker() {
    const listener = `listeners=PLAINTEXT://127.0.0.1:${this.port}`;
    const overrides = [listener, ...this.overrides];
    this.broker = await BrokerProcess.start(join(this.directory, 'broker'), { overrides });
  }

  async #createTopics(bootstrapServers) {
    const admin = new Admin({ bootstrapServers });
    const wanted = TOPICS.map((name) => ({ name, partitions: PARTITIONS }));
    const outcomes = await admin.topics.create(wanted);
    await admin.close();
    for (const outcome of outcomes.values()) if (outcome instanceof Error) throw outcome;
  }

  #draw(...choices) {
    return choices[Math.floor(this.random() * choices.length)];
  }

  /** A kill at a named place every second time, else at a random moment. */
  async #round(round) {
    this.figures.rounds++;
    const kind = round % 2 === 0 ? this.#draw('app', 'app', 'broker', 'both') : 'point';
    if (kind === 'point') await this.#atPoint();
    else await this.#atRandom(kind);
    this.figures.kills[kind] = (this.figures.kills[kind] ?? 0) + 1;
    for (const instance of this.instances) instance.requireSound();
    if (round % LOOK_EVERY === LOOK_EVERY - 1) await this.judge.look();
    this.report(`round ${round + 1}: ${kind}, ${JSON.stringify(this.figures)}`);
  }

  async #atRandom(kind) {
    const [one, other] = this.instances;
    if (!one.isUp) await one.start();
    if (!other.isUp && this.random() < 0.3) await other.start();
    await this.#pause(RUN_MS_MIN + this.random() * RUN_MS_SPREAD);
    const victims = kind === 'broker' ? [] : this.instances.filter(() => this.random() < 0.7);
    if (kind !== 'app') this.broker.signal('SIGKILL');
    for (const victim of victims) await victim.kill();
    if (kind === 'app') return;
    await this.broker.ended();
    await this.#startBroker();
  }

  async #atPoint() {
    const [point, most, need] = this.#draw(...FAIL_POINTS);
    const failPoint = `${point}:${1 + Math.floor(this.random() * most)}`;
    const [one, other] = this.random() < 0.5 ? this.instances : this.instances.toReversed();
    await one.kill();
    if (need === 'state') await one.loseState();
    if (need === 'rebalance') await other.kill();
    await one.start(failPoint);
    // The one that is armed gives tasks up, or gets them back.
    if (need === 'rebalance' && one.isUp) {
      await other.start();
      if (one.isUp && point === 'streams-assigned') await other.stop();
    }
    const hit = await Promise.race([one.ended, this.#pause(POINT_MS)]);
    if (hit === 'SIGKILL') {
      this.figures.hits[point] = (this.figures.hits[point] ?? 0) + 1;
    } else await one.kill();
  }

  async #pause(ms) {
    await new Promise((resolve) => setTimeout(resolve, ms));
  }

  /** All inputs have their outputs, and the application stops cleanly. */
  async #finish() {
    await this.writer.stop();
    for (const instance of this.instances) if (!instance.isUp) await instance.start();
    await this.writer.flush(PARTITIONS);
    await this.judge.untilDone();
    for (const instance of this.instances) await instance.stop();
    await this.judge.look(true);
  }
}
