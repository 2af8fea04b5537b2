/**
 * A rebalance storm: a member of a group joins or leaves every 200 ms, for a minute, beside steady
 * writing. At no time may a partition have two owners or a committed offset go back, and when it is
 * over everything must be owned, read and committed.
 */
import { spawn } from 'node:child_process';
import { createInterface } from 'node:readline';
import { seededRandom } from '../crash/crash-run.mjs';
import { OffsetsWatch } from './offsets-watch.mjs';
import { Ownership } from './ownership.mjs';

const PARTITIONS = 40;
const SETTLE_LIMIT_MS = 30_000;
const LOOK_EVERY_MS = 100;

const sleep = (ms) => new Promise((resolve) => setTimeout(resolve, ms));

async function until(condition, limitMs) {
  const deadline = Date.now() + limitMs;
  while (!(await condition())) {
    if (Date.now() > deadline) return false;
    await sleep(LOOK_EVERY_MS);
  }
  return true;
}

export class Storm {
  #child;
  #present = [];
  #next = 0;

  /** `command`: the program of a client, which gets bootstrap, topic, group and protocol. */
  constructor({ command, port, name, protocol, seconds, members, everyMs, seed }) {
    Object.assign(this, { command, port, name, protocol, seconds, members, everyMs });
    this.random = seededRandom(seed);
    this.ownership = new Ownership();
    this.watch = new OffsetsWatch({ topic: name, group: name, partitions: PARTITIONS });
  }

  /** Resolves to figures; rejects with all that was found wrong. */
  async run() {
    await this.watch.open(this.port);
    const [program, ...first] = this.command;
    const args = [...first, `127.0.0.1:${this.port}`, this.name, this.name, this.protocol];
    this.#child = spawn(program, args, { stdio: ['pipe', 'pipe', 'inherit'] });
    this.#child.on('error', (error) => this.ownership.findings.push(error.message));
    const ended = new Promise((resolve) => this.#child.once('close', resolve));
    createInterface({ input: this.#child.stdout }).on('line', (line) => {
      this.ownership.take(JSON.parse(line));
    });
    try {
      this.watch.start();
      for (let i = 0; i < this.members / 2; i++) this.#join();
      await this.#blow();
      const settleMs = await this.#settle();
      this.#child.stdin.end();
      await ended;
      return { ...this.#verdict(), settleMs };
    } finally {
      this.#child.kill('SIGKILL');
      this.watch.close();
    }
  }

  async #blow() {
    const end = Date.now() + this.seconds * 1000;
    while (Date.now() < end) {
      const { length } = this.#present;
      const joins = length < 2 || (length < this.members && this.random() < 0.5);
      if (joins) this.#join();
      else this.#leave();
      await sleep(this.everyMs);
    }
  }

  #join() {
    const member = `m${this.#next++}`;
    this.#present.push(member);
    this.#child.stdin.write(`join ${member}\n`);
  }

  #leave() {
    const at = Math.floor(this.random() * this.#present.length);
    const [member] = this.#present.splice(at, 1);
    this.#child.stdin.write(`leave ${member}\n`);
  }

  async #settle() {
    const fromMs = Date.now();
    const { ownership, watch } = this;
    if (!(await until(() => ownership.isSharedOut(PARTITIONS), SETTLE_LIMIT_MS))) {
      ownership.findings.push(`not shared out after the storm: ${ownership.describe()}`);
    }
    const settleMs = Date.now() - fromMs;
    await watch.stop();
    const caughtUp = async () => {
      await watch.look();
      return watch.isCaughtUp;
    };
    if (!(await until(caughtUp, SETTLE_LIMIT_MS))) {
      ownership.findings.push(`committed ${watch.committed}, the ends are ${watch.ends}`);
    }
    return settleMs;
  }

  #verdict() {
    const { ownership, watch } = this;
    for (const [partition, end] of watch.ends.entries()) {
      const read = ownership.firstUnread(partition);
      if (read < end) ownership.findings.push(`${partition}: nobody was given ${read} of ${end}`);
    }
    const findings = [...ownership.findings, ...watch.findings];
    const written = watch.ends.reduce((sum, end) => sum + end, 0);
    const figures = { ...ownership.figures, written, looks: watch.looks };
    const errors = [...ownership.errors].map(([error, count]) => `${count} x ${error}`);
    if (findings.length === 0) return errors.length === 0 ? figures : { ...figures, told: errors };
    const text = [...findings.slice(0, 20), ...errors].join('\n');
    throw new Error(`${findings.length} findings, ${JSON.stringify(figures)}\n${text}`);
  }
}
