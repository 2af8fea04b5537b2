/** What all simulated clients have in common: a connection that is made anew, and patience. */
import { ConnectionLost } from './client-connection.mjs';

const RETRY_MS_MAX = 40;
const LATENCY_MS_MAX = 3;
/** Of all requests some are given up by a client that lost its patience or its network. */
const GIVE_UP_CHANCE = 0.004;
const GIVE_UP_MS_MAX = 40;

export class Client {
  world;
  random;
  /** The partition that it is about; null where there is none. */
  place = null;
  isStopped = false;
  #connection = null;

  constructor(world) {
    this.world = world;
    this.random = world.random.fork();
  }

  /** For messages. */
  get label() {
    return this.constructor.name;
  }

  get history() {
    return this.world.history;
  }

  async connection() {
    for (;;) {
      if (this.#connection?.isOpen) return this.#connection;
      const machine = await this.world.machineFor(this);
      this.#connection = this.connect(machine);
      if (this.#connection !== null) return this.#connection;
      await this.pause();
    }
  }

  /** Null where there is nobody to connect to. */
  connect(machine) {
    return machine.connect(this.random, LATENCY_MS_MAX, this.world.rules.patienceMs);
  }

  /** After it was refused, or got no answer. In a cluster another broker may know better. */
  pause() {
    if (this.random.chance(this.world.rules.goesElsewhere)) {
      this.#connection?.close();
      this.#connection = null;
    }
    return this.world.loop.sleep(1 + this.random.below(RETRY_MS_MAX));
  }

  /** The answer's body, or null where none came. */
  async request(apiKey, version, body) {
    const connection = await this.connection();
    if (!this.world.isCalm && this.random.chance(GIVE_UP_CHANCE)) {
      this.world.loop.after(this.random.below(GIVE_UP_MS_MAX), () => connection.close());
    }
    try {
      return await connection.request(apiKey, version, body);
    } catch (thrown) {
      if (!(thrown instanceof ConnectionLost)) throw thrown;
      return null;
    }
  }

  /** Asks until there is an answer. */
  async ask(apiKey, version, body) {
    for (;;) {
      const answer = await this.request(apiKey, version, body);
      if (answer !== null) return answer;
      await this.pause();
    }
  }

  /** A client's own failure is the run's. */
  run() {
    this.isRunning = true;
    this.live().then(
      () => {
        this.isRunning = false;
      },
      (thrown) => {
        this.world.history.failure ??= thrown.stack;
      },
    );
    return this;
  }
}
