/**
 * Kills the broker and its clients in the middle of transactions, again and again. Transfers read,
 * transform, write to three partitions and commit their offsets in the same transaction: for a
 * reader of committed records every input has exactly one output, and no transaction stays open
 * longer than its time-out.
 */
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { API, ERROR } from '../../dist/protocol/index.js';
import { endOf } from '../support/committed-reader.mjs';
import { TransactionalClient } from '../support/transactional-client.mjs';
import { BrokerProcess } from './broker-process.mjs';
import { committedOffset } from './committed-offset.mjs';
import { seededRandom } from './crash-run.mjs';
import { KafkaConnection } from './kafka-connection.mjs';
import { heldPartitions, openTransactions } from './open-transactions.mjs';
import { Transfer } from './transfer.mjs';
import { writeInputs } from './transfer-inputs.mjs';
import { TransferOutputs } from './transfer-outputs.mjs';

const INPUT = 'inputs';
const OUTPUT = 'outputs';
const TRANSFERS = 3;
const OUTPUTS = 3;
const AHEAD = 1000;
const TIMEOUT_MS = 1000;
/** Of the look for transactions that are late, of the markers, and of a busy machine. */
const SLACK_MS = 6000;
const LOAD_MS_MIN = 100;
const LOAD_MS_SPREAD = 600;
const DRAIN_LIMIT_MS = 60_000;
const OVERRIDES = [
  'transaction.abort.timed.out.transaction.cleanup.interval.ms=100',
  'transaction.state.log.num.partitions=4',
  'transaction.state.log.replication.factor=1',
  'transaction.state.log.min.isr=1',
  'transaction.state.log.segment.bytes=1048576',
  'offsets.topic.num.partitions=4',
  'offsets.topic.replication.factor=1',
  'log.cleaner.backoff.ms=100',
  'log.cleaner.min.cleanable.ratio=0.01',
];

/** Each with how often it may be passed first. */
export const FAIL_POINTS = [
  ['append-before-copy', 500],
  ['append-after-header', 500],
  ['append-after-index', 500],
  ['append-before-ack', 500],
  ['roll-before-create', 3],
  ['roll-after-seal', 3],
  ['swap-after-rename', 2],
  ['replace-before-rename', 8],
  ['decision-before-write', 40],
  ['decision-after-write', 40],
  ['marker-after-append', 80],
  ['offsets-marker-after-append', 40],
  ['txn-index-before-write', 12],
  ['txn-index-after-write', 12],
];

/** Where the broker is: clients wait here while there is none. */
class Whereabouts {
  #port;
  #tell;

  constructor() {
    this.isDown();
  }

  port() {
    return this.#port;
  }

  isUp(port) {
    this.#tell(port);
  }

  isDown() {
    this.#port = new Promise((resolve) => {
      this.#tell = resolve;
    });
  }
}

async function createTopic(link, name, numPartitions) {
  const configs = [{ name: 'segment.bytes', value: '1048576' }];
  const body = {
    topics: [{ name, numPartitions, replicationFactor: 1, configs, assignments: [] }],
    timeoutMs: 30_000,
    validateOnly: false,
  };
  const { topics } = await link.send(API.CREATE_TOPICS, 5, body);
  const { errorCode } = topics[0];
  // A kill may have taken the answer to an earlier creation.
  if (errorCode !== ERROR.NONE && errorCode !== ERROR.TOPIC_ALREADY_EXISTS) {
    throw new Error(`create ${name}: error ${errorCode}`);
  }
}

export class TransactionCrashRun {
  constructor({ rounds, seed, report, overrides = [], Broker = BrokerProcess }) {
    Object.assign(this, { rounds, report, Broker });
    this.random = seededRandom(seed);
    this.overrides = [...OVERRIDES, ...overrides];
    this.outputs = new TransferOutputs(OUTPUT, OUTPUTS, this.random);
    this.brokers = new Whereabouts();
    const { brokers, random } = this;
    this.transfers = Array.from({ length: TRANSFERS }, (_, partition) => {
      const place = {
        topic: INPUT,
        partition,
        output: OUTPUT,
        timeoutMs: TIMEOUT_MS,
      };
      return new Transfer({ brokers, random, ...place });
    });
    this.figures = { rounds: 0, failPoints: 0, stableMs: 0, hits: {} };
  }

  async run() {
    this.directory = await mkdtemp(join(tmpdir(), 'millrace-crash-'));
    try {
      for (let round = 0; round < this.rounds; round++) await this.#round(round);
      await this.#finish();
      return { ...this.figures, ...this.#totals() };
    } catch (error) {
      await this.#tellOpen().catch((failure) => this.report(`nothing is told: ${failure.message}`));
      throw error;
    } finally {
      this.broker?.signal('SIGKILL');
      for (const transfer of this.transfers) transfer.kill();
      await rm(this.directory, { recursive: true, force: true });
    }
  }

  #totals() {
    const totals = { outputs: this.outputs.count };
    for (const { figures } of this.transfers) {
      const { refused, ...counts } = figures;
      for (const [name, count] of Object.entries(counts))
        totals[name] = (totals[name] ?? 0) + count;
      for (const [code, count] of Object.entries(refused)) {
        totals[`refused ${code}`] = (totals[`refused ${code}`] ?? 0) + count;
      }
    }
    return totals;
  }

  async #start(failPoint) {
    const { directory, overrides } = this;
    // The data serves a broker with worker threads and one without alike.
    const threads = Math.floor(this.random() * 3);
    const settings = [
      ...overrides,
      `num.io.threads=${Math.max(threads, this.Broker.leastThreads)}`,
    ];
    this.broker = await this.Broker.start(directory, {
      failPoint,
      overrides: settings,
    });
  }

  async #round(round) {
    const byPoint = round % 2 === 1 && this.Broker.hasFailPoints;
    const [point, most] = FAIL_POINTS[Math.floor(this.random() * FAIL_POINTS.length)];
    const failPoint = byPoint ? `${point}:${1 + Math.floor(this.random() * most)}` : '';
    this.figures.rounds++;
    if (byPoint) this.figures.failPoints++;
    const isStarted = await this.#start(failPoint).then(
      () => true,
      (error) => {
        // A start ends what the last process had begun: the fail point may hit in it.
        if (byPoint && error.how === 'SIGKILL') return false;
        throw error;
      },
    );
    if (isStarted) await this.#life(byPoint, point);
    const how = failPoint || 'random';
    this.report(`round ${round + 1}: ${how}, ${JSON.stringify(this.#totals())}`);
  }

  async #life(byPoint, point) {
    const { broker, brokers } = this;
    const isReady = await this.#look(broker).catch((error) => {
      if (byPoint && /connection closed|ECONN/.test(String(error))) return false;
      throw error;
    });
    let isOver = false;
    const loadMs = (LOAD_MS_MIN + this.random() * LOAD_MS_SPREAD) * this.Broker.slowness;
    const end = () => {
      isOver = true;
      broker.signal('SIGKILL');
    };
    const timer = setTimeout(end, byPoint ? loadMs * 3 : loadMs);
    if (isReady) {
      brokers.isUp(broker.port);
      for (const transfer of this.transfers) transfer.start();
    }
    const how = await broker.ended();
    clearTimeout(timer);
    if (isReady) brokers.isDown();
    if (how !== 'SIGKILL') throw new Error(`the broker ended by itself: ${how}`);
    if (!isOver) this.figures.hits[point] = (this.figures.hits[point] ?? 0) + 1;
    for (const { failure } of this.transfers) if (failure !== null) throw failure;
    // Clients die with the broker, or wait for the next one with what they had under way.
    for (const transfer of this.transfers) if (this.random() < 0.5) transfer.kill();
  }

  /** Before the clients of this round: what the last one left, at once or once it timed out. */
  async #look(broker) {
    const control = await KafkaConnection.open(broker.port);
    await createTopic(control, INPUT, TRANSFERS);
    await createTopic(control, OUTPUT, OUTPUTS);
    await this.#untilServed(control);
    for (const { groupId, transactionalId } of this.transfers) {
      await new TransactionalClient(control, transactionalId).findCoordinators([groupId]);
    }
    if (this.random() < 0.4) await this.#settle(control);
    else await this.outputs.read(control);
    for (const { groupId, partition } of this.transfers) {
      const committed = await committedOffset(control, groupId, INPUT, partition, false);
      await writeInputs(control, INPUT, partition, committed + AHEAD);
    }
    control.close();
    return true;
  }

  async #untilServed(control) {
    const untilMs = performance.now() + SLACK_MS;
    for (const [topic, partitions] of [
      [INPUT, TRANSFERS],
      [OUTPUT, OUTPUTS],
    ]) {
      for (let partition = 0; partition < partitions; ) {
        const isServed = await endOf(control, topic, partition, true).then(
          () => true,
          (error) => {
            if (control.failed || performance.now() > untilMs) throw error;
            return false;
          },
        );
        if (isServed) partition++;
        else await new Promise((resolve) => setTimeout(resolve, 20));
      }
    }
  }

  /** With nobody there, open transactions time out, and outputs and offsets say the same. */
  async #settle(control) {
    const fromMs = performance.now();
    await this.outputs.untilStable(control, TIMEOUT_MS + SLACK_MS);
    this.figures.stableMs = Math.max(this.figures.stableMs, Math.round(performance.now() - fromMs));
    await this.outputs.read(control);
    const held = await heldPartitions(control, OUTPUT, OUTPUTS);
    if (held.length > 0) throw new Error(`partitions are held: ${JSON.stringify(held)}`);
    for (const { groupId, partition } of this.transfers) {
      const committed = await committedOffset(control, groupId, INPUT, partition, true);
      this.outputs.hold(partition, committed);
    }
  }

  /** Each input has its output, nothing is open, everything reads the same again; a clean stop. */
  async #finish() {
    await this.#start('');
    const { broker, brokers } = this;
    await this.#look(broker);
    brokers.isUp(broker.port);
    const control = await KafkaConnection.open(broker.port);
    const fromMs = performance.now();
    for (const transfer of this.transfers) transfer.start();
    for (const transfer of this.transfers) {
      const { groupId, partition } = transfer;
      const end = await endOf(control, INPUT, partition, true);
      while ((await committedOffset(control, groupId, INPUT, partition, false)) < end) {
        if (transfer.failure !== null) throw transfer.failure;
        if (performance.now() - fromMs > DRAIN_LIMIT_MS) throw new Error(`${groupId} stands still`);
        await new Promise((resolve) => setTimeout(resolve, 20));
      }
      await transfer.stop();
    }
    await this.#settle(control);
    await this.outputs.read(control, true);
    const open = await openTransactions(control);
    if (open.length > 0) throw new Error(`transactions are open: ${JSON.stringify(open)}`);
    control.close();
    broker.signal('SIGTERM');
    const how = await broker.ended();
    if (how !== 0 && this.Broker.hasFailPoints) throw new Error(`the clean stop ended with ${how}`);
  }

  /** For who looks into a failure. */
  async #tellOpen() {
    const control = await KafkaConnection.open(this.broker.port);
    for (const [topic, partitions] of [
      [OUTPUT, OUTPUTS],
      ['__consumer_offsets', 4],
    ]) {
      const held = await heldPartitions(control, topic, partitions);
      for (const each of held) this.report(`held: ${JSON.stringify(each)}`);
    }
    for (const each of await openTransactions(control))
      this.report(`open: ${JSON.stringify(each)}`);
    control.close();
  }
}
