/**
 * Moves the records of one partition to three others, each with its offset in one transaction:
 * exactly once, whatever becomes of it and of the broker. It is killed now and then, or replaced
 * while it goes on, as by an orchestrator that takes a slow process for a dead one.
 */
import { ERROR } from '../../dist/protocol/index.js';
import { decodeRecords } from '../../dist/records/record-iterator.js';
import { fetchPartition } from '../support/committed-reader.mjs';
import {
  FENCED,
  NEWER,
  OLDER,
  Refused,
  TransactionalClient,
} from '../support/transactional-client.mjs';
import { committedOffset } from './committed-offset.mjs';
import { ClientKilled, PatientLink } from './patient-link.mjs';

const RECORDS_MAX = 12;
const IDLE_MS = 10;
const ABORT_CHANCE = 0.15;
const KILL_CHANCE = 0.02;
const REPLACE_CHANCE = 0.02;

/** One process that transfers, from its start to its end. */
class Process {
  #transfer;
  #random;
  #client;
  link;
  isReplaced = false;
  #ended = 0;
  #beganMs = 0;

  constructor(transfer, number) {
    this.#transfer = transfer;
    this.#random = transfer.random;
    this.number = number;
    this.link = new PatientLink(transfer.brokers);
    const protocol = this.#random() < 0.5 ? OLDER : NEWER;
    const { transactionalId, timeoutMs } = transfer;
    this.#client = new TransactionalClient(this.link, transactionalId, {
      protocol,
      timeoutMs,
    });
  }

  /** How it ended: 'killed', 'fenced' or 'stopped'. */
  async run() {
    const { groupId, topic, partition } = this.#transfer;
    try {
      await this.#client.init();
      let position = await committedOffset(this.link, groupId, topic, partition, true);
      while (!this.#transfer.isStopped) {
        const moved = await this.#move(position);
        position += moved;
      }
      return 'stopped';
    } catch (error) {
      if (error instanceof ClientKilled) return 'killed';
      if (!(error instanceof Refused) || !FENCED.has(error.errorCode)) throw error;
      this.#judgeFence(error);
      return 'fenced';
    }
  }

  /** Nobody but its successor and the time-out of a transaction takes its place. */
  #judgeFence(error) {
    const { figures, timeoutMs } = this.#transfer;
    figures.refused[error.errorCode] = (figures.refused[error.errorCode] ?? 0) + 1;
    const ageMs = performance.now() - this.#beganMs;
    if (this.isReplaced || this.#ended === 0 || ageMs > timeoutMs / 2) return;
    throw new Error(`${error.message}, ${ageMs.toFixed(0)} ms into a transaction`);
  }

  async #read(position) {
    const { topic, partition } = this.#transfer;
    const result = await fetchPartition(this.link, topic, partition, position);
    if (result.errorCode !== ERROR.NONE) return [];
    const offsets = [...decodeRecords(result.records)].map(({ offset }) => offset);
    return offsets.filter((offset) => offset >= position).slice(0, this.#amount());
  }

  #amount() {
    return 1 + Math.floor(this.#random() * RECORDS_MAX);
  }

  /** One transaction; how far the position moves. */
  async #move(position) {
    const inputs = await this.#read(position);
    if (inputs.length === 0) {
      await new Promise((resolve) => setTimeout(resolve, IDLE_MS));
      return 0;
    }
    const steps = this.#transfer.share(inputs, this.number).map(([partition, values]) => {
      return () => this.#client.produce(this.#transfer.output, partition, values);
    });
    const { groupId, topic, partition } = this.#transfer;
    const offset = position + inputs.length;
    steps.splice(Math.floor(this.#random() * (steps.length + 1)), 0, () => {
      return this.#client.commitOffset(groupId, topic, partition, offset);
    });
    const commits = this.#random() >= ABORT_CHANCE;
    steps.push(() => this.#client.end(commits));
    this.#beganMs = performance.now();
    for (const step of steps) {
      this.#fate();
      await step();
    }
    this.#ended++;
    this.#transfer.ended(commits, this.#client.protocol);
    return commits ? inputs.length : 0;
  }

  /** Now and then it is killed in the next step, or goes on while another one takes its place. */
  #fate() {
    const drawn = this.#random();
    if (drawn < KILL_CHANCE) setTimeout(() => this.link.kill(), this.#random() * 3);
    else if (drawn < KILL_CHANCE + REPLACE_CHANCE) this.#transfer.replace(this);
  }
}

export class Transfer {
  isStopped = false;
  figures = {
    committed: 0,
    aborted: 0,
    killed: 0,
    fenced: 0,
    replaced: 0,
    repeats: 0,
    refused: {},
  };
  #number = 0;
  #running = new Set();
  #current = null;
  /** What ended a process and is neither a kill nor a fence. */
  failure = null;

  constructor({ brokers, random, topic, partition, output, timeoutMs }) {
    Object.assign(this, {
      brokers,
      random,
      topic,
      partition,
      output,
      timeoutMs,
    });
    this.transactionalId = `transfer-${partition}`;
    this.groupId = `transfer-${partition}`;
  }

  /** By partition of the output: the values that go there. */
  share(inputs, processNumber) {
    const shares = new Map();
    for (const number of inputs) {
      const to = (number + this.partition) % 3;
      const values = shares.get(to) ?? [];
      values.push(`${this.partition}/${number}/${processNumber}`);
      shares.set(to, values);
    }
    return [...shares];
  }

  /** One that waited for the broker goes on; else another one begins. */
  start() {
    this.isStopped = false;
    if (this.#current === null || this.#current.link.isKilled) this.#begin();
  }

  #begin() {
    const process = new Process(this, this.#number++);
    this.#current = process;
    this.#running.add(process);
    process.run().then(
      (how) => this.#over(process, how),
      (error) => {
        this.failure ??= error;
        this.#running.delete(process);
      },
    );
  }

  #over(process, how) {
    this.#running.delete(process);
    this.figures.repeats += process.link.repeats;
    if (how !== 'stopped') this.figures[how]++;
    process.link.kill();
    if (process === this.#current && !this.isStopped) this.#begin();
  }

  /** Another process takes the place of one that does not know it yet. */
  replace(process) {
    if (process !== this.#current || this.isStopped) return;
    this.figures.replaced++;
    process.isReplaced = true;
    this.#begin();
  }

  ended(commits, protocol) {
    this.figures[commits ? 'committed' : 'aborted']++;
    this.figures[protocol.name] = (this.figures[protocol.name] ?? 0) + 1;
  }

  /** Kills what runs: the next process begins with the next start. */
  kill() {
    this.isStopped = true;
    for (const process of this.#running) process.link.kill();
  }

  /** Each transaction that is under way comes to its end. */
  async stop() {
    this.isStopped = true;
    while (this.#running.size > 0) await new Promise((resolve) => setTimeout(resolve, IDLE_MS));
  }
}
