/**
 * What all rounds of streams have in common: a broker, a writer, instances of the smoke topology that
 * are disturbed in each round, and the judge. Its outputs must be exact for a reader of committed
 * records; at least once, none may be missing.
 */
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Admin } from '#millrace/client/admin/admin';
import { allRequired } from '#millrace/client/admin/outcome';
import { BrokerProcess } from './broker-process.mjs';
import { seededRandom } from './crash-run.mjs';
import { StreamsInstance } from './streams-instance.mjs';
import { StreamsJudge } from './streams-judge.mjs';
import { streamsStanding } from './streams-standing.mjs';
import { StreamsWriter } from './streams-writer.mjs';

const PARTITIONS = 2;
const APPLICATION = 'smoke';
const TOPICS = [
  ...['data', 'echo', 'min', 'min-raw', 'min-suppressed', 'max', 'sum', 'cnt', 'dif', 'avg'],
  ...['sws-raw', 'sws-suppressed', 'tagg', 'ballast', 'ballast-out'],
];
const LOOK_EVERY = 10;

function overridesFor(sessionMs) {
  return [
    'group.initial.rebalance.delay.ms=0',
    `group.min.session.timeout.ms=${sessionMs}`,
    'group.streams.initial.rebalance.delay.ms=0',
    'group.streams.min.heartbeat.interval.ms=100',
    'group.streams.heartbeat.interval.ms=200',
    `group.streams.min.session.timeout.ms=${sessionMs}`,
    `group.streams.session.timeout.ms=${sessionMs}`,
    'offsets.topic.num.partitions=4',
    'offsets.topic.replication.factor=1',
    'transaction.state.log.num.partitions=4',
    'transaction.state.log.replication.factor=1',
    'transaction.state.log.min.isr=1',
    'transaction.abort.timed.out.transaction.cleanup.interval.ms=500',
  ];
}

/** Each kind of rounds says how many instances there are, and disturbs them in `round`. */
export class StreamsRun {
  static instances = ['one', 'other'];
  static sessionMs = 6_000;
  #port = 0;
  #underWay = new Set();
  #failure = null;

  constructor({ rounds, seed, report, overrides = [], guarantee, protocol, Broker }) {
    const { sessionMs } = this.constructor;
    Object.assign(this, { rounds, seed, report, guarantee, protocol });
    this.Broker = Broker ?? BrokerProcess;
    this.random = seededRandom(seed);
    this.overrides = [...overridesFor(sessionMs), ...overrides];
    this.figures = { rounds: 0 };
  }

  async run() {
    const { guarantee, protocol } = this;
    const { instances, sessionMs } = this.constructor;
    this.directory = await mkdtemp(join(tmpdir(), 'millrace-crash-'));
    this.instances = [];
    try {
      await this.startBroker();
      this.#port = this.broker.port;
      this.bootstrap = `127.0.0.1:${this.#port}`;
      await this.#createTopics();
      const how = [guarantee, protocol, sessionMs];
      for (const name of instances) {
        const directory = join(this.directory, name);
        this.instances.push(new StreamsInstance(directory, this.bootstrap, how));
      }
      this.judge = new StreamsJudge(this.bootstrap, PARTITIONS, guarantee === 'exactly_once_v2');
      this.writer = new StreamsWriter(this.bootstrap, seededRandom(this.seed + 1));
      this.writer.start();
      for (let round = 0; round < this.rounds; round++) await this.#round(round);
      await this.#finish();
      const peakMb = Math.max(...this.instances.map((each) => each.peakMb));
      const { inputs, outputs } = this.judge;
      return { ...this.figures, inputs, outputs, peakMb };
    } catch (error) {
      for (const { errors } of this.instances) this.report(`an instance said: ${errors}`);
      this.report(await this.#standing());
      throw error;
    } finally {
      for (const instance of this.instances) await instance.kill();
      await this.writer?.close();
      await this.broker?.discard();
      await rm(this.directory, { recursive: true, force: true });
    }
  }

  async startBroker() {
    // Clients find it where it was.
    const listener = this.#port > 0 ? [`listeners=PLAINTEXT://127.0.0.1:${this.#port}`] : [];
    const overrides = [...listener, ...this.overrides];
    this.broker = await this.Broker.start(join(this.directory, 'broker'), { overrides });
  }

  /** What a round began and does not wait for. What goes wrong there ends the run. */
  inBackground(work) {
    const noticed = work
      .catch((error) => {
        this.#failure ??= error;
      })
      .finally(() => this.#underWay.delete(noticed));
    this.#underWay.add(noticed);
  }

  draw(...choices) {
    return choices[Math.floor(this.random() * choices.length)];
  }

  async pause(ms) {
    await new Promise((resolve) => setTimeout(resolve, ms));
  }

  async #createTopics() {
    const admin = new Admin({ bootstrapServers: this.bootstrap });
    try {
      const wanted = TOPICS.map((name) => ({ name, partitions: PARTITIONS }));
      allRequired(await admin.topics.create(wanted));
    } finally {
      await admin.close();
    }
  }

  async #round(round) {
    this.figures.rounds++;
    const what = await this.round(round);
    this.#throwFailure();
    for (const instance of this.instances) instance.requireSound();
    if (round % LOOK_EVERY === LOOK_EVERY - 1) await this.judge.look();
    this.report(`round ${round + 1}: ${what}, ${JSON.stringify(this.figures)}`);
  }

  #throwFailure() {
    if (this.#failure !== null) throw this.#failure;
  }

  /** All inputs have their outputs, and the application stops cleanly. */
  async #finish() {
    await this.writer.stop();
    await Promise.all(this.#underWay);
    this.#throwFailure();
    for (const instance of this.instances) if (!instance.isUp) await instance.start();
    await this.writer.flush(PARTITIONS);
    await this.judge.untilDone(() => this.#standing());
    for (const instance of this.instances) await instance.stop();
    await this.judge.look(true);
  }

  async #standing() {
    const told = await Promise.all(this.instances.map((each) => each.standing()));
    const lines = told.map((line, i) => `instance ${this.constructor.instances[i]}: ${line}`);
    return [...lines, await streamsStanding(this.bootstrap, APPLICATION)].join('\n');
  }
}
