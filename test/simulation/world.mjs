/** One run: machines, the clients around them, and what goes wrong, all from one seed. */
import { Disks } from './disks.mjs';
import { EventLoop } from './event-loop.mjs';
import { History, Violation } from './history.mjs';
import { Random } from './random.mjs';

/** Simulated time and steps after which whoever is not done counts as stuck. */
const RUN_MS_MAX = 120_000;
const STEPS_MAX = 200_000;

export class World {
  random;
  loop;
  history;
  machines = [];
  /** Set by `begin`: looks after each step. */
  chaos = null;
  /** Set by `begin`: who decides when all is done. */
  director = null;
  /** Nothing goes wrong any more. */
  isCalm = false;
  isVerified = false;
  #disks = null;
  #clients = [];
  #sabotage;
  #mend = () => {};

  /** `sabotage` breaks what runs, and returns what mends it. */
  constructor(seed, isVerbose, sabotage) {
    this.random = new Random(seed);
    this.loop = new EventLoop(this.random.fork());
    this.history = new History(this.loop, isVerbose);
    this.#sabotage = sabotage;
  }

  take(machines) {
    this.machines = machines;
    this.#disks = new Disks(machines.map(({ disk }) => disk));
  }

  /** Runs to the end, in one call from outside of any promise. */
  run() {
    this.loop.install();
    this.#disks.install();
    const rejected = (reason) => {
      // A process that has died throws at every call.
      if (this.machines.some(({ isDead }) => isDead)) return;
      this.history.failure ??= `unhandled: ${reason?.stack ?? reason}`;
    };
    process.on('unhandledRejection', rejected);
    try {
      this.#runAll();
    } catch (thrown) {
      this.history.failure ??= thrown.stack;
    } finally {
      for (const machine of this.machines) machine.kill();
      this.#mend();
      this.#disks.uninstall();
      this.loop.uninstall();
      process.off('unhandledRejection', rejected);
    }
    const { failure, counts, lines } = this.history;
    return { failure, counts, lines, hash: this.history.digest(), steps: this.loop.steps };
  }

  /** The sound parts are installed, and broken again where they are to be. */
  breakAnew() {
    this.#mend();
    this.#disks.installFiles();
    this.#mend = this.#sabotage?.(this.random) ?? (() => {});
  }

  #runAll() {
    this.begin();
    this.loop.settle();
    while (!this.isVerified && this.history.failure === null) {
      if (!this.loop.step()) throw new Violation('nothing is left to be done, and all is not done');
      this.chaos.look();
      if (this.loop.nowMs > RUN_MS_MAX || this.loop.steps > STEPS_MAX) {
        const waiting = [this.director, ...this.running].map(({ label }) => label);
        this.history.fail(`stuck: ${waiting.join(', ')}`);
      }
    }
  }

  add(client) {
    this.#clients.push(client);
    return client.run();
  }

  get running() {
    return this.#clients.filter((client) => client.isRunning);
  }

  stopReaders() {
    for (const client of this.#clients) client.isStopped = true;
  }
}
