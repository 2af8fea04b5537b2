/**
 * The event loop of a simulated run. It takes the place of the process's timers, immediates, clocks
 * and randomness, as fake timers do in unit tests, so that the broker runs unchanged. Time stands
 * still while something is due and then jumps to the next timer. One call of `step` runs one
 * callback and all promises and ticks that follow from it.
 */
import { createRequire, syncBuiltinESMExports } from 'node:module';
import { SimulatedProcess } from './process.mjs';

const crypto = createRequire(import.meta.url)('node:crypto');

const START_WALL_MS = Date.UTC(2026, 0, 1);
/** Reading the clock takes time, or code that works until a point in time would never meet it. */
const CLOCK_READ_MS = 0.0005;

const real = {
  setTimeout: globalThis.setTimeout,
  clearTimeout: globalThis.clearTimeout,
  setInterval: globalThis.setInterval,
  clearInterval: globalThis.clearInterval,
  setImmediate: globalThis.setImmediate,
  clearImmediate: globalThis.clearImmediate,
  now: Date.now,
  random: Math.random,
  randomUUID: crypto.randomUUID,
  randomBytes: crypto.randomBytes,
};

/**
 * Runs ticks and promises until there are none. Node calls it after each callback of its own; it
 * must not be called from a promise.
 */
const settle = process._tickCallback.bind(process);

class Timer {
  isImmediate = false;

  constructor(loop, callback, dueMs, order, owner, everyMs) {
    Object.assign(this, { loop, callback, dueMs, order, owner, everyMs });
    this.delayMs = dueMs - loop.nowMs;
    this.isLive = true;
    this.successor = null;
  }

  unref() {
    return this;
  }

  ref() {
    return this;
  }

  hasRef() {
    return true;
  }

  /** The old place in the queue stays empty; another timer takes over. */
  refresh() {
    if (this.successor !== null) {
      this.successor.refresh();
    } else if (this.isLive) {
      this.isLive = false;
      this.successor = this.loop.start(this.callback, this.delayMs, this.owner);
    }
    return this;
  }

  end() {
    this.isLive = false;
    this.successor?.end();
  }
}

export class EventLoop {
  nowMs = 0;
  wallOffsetMs = START_WALL_MS;
  steps = 0;
  #random;
  #world = new SimulatedProcess();
  /** Whose callback runs. The timers that it starts are its own. */
  #current = this.#world;
  #order = 0;
  #timers = [];
  #immediates = [];
  #turnLeft = 0;
  #isRunning = false;

  constructor(random) {
    this.#random = random;
  }

  install() {
    globalThis.setTimeout = (callback, ms, ...words) =>
      this.brokerAfter(delayOf(ms), () => callback(...words));
    globalThis.setInterval = (callback, ms, ...words) =>
      this.start(() => callback(...words), delayOf(ms), this.#current, delayOf(ms));
    globalThis.setImmediate = (callback, ...words) => this.immediate(() => callback(...words));
    globalThis.clearTimeout = endTimer;
    globalThis.clearInterval = endTimer;
    globalThis.clearImmediate = endTimer;
    Date.now = () => Math.floor(this.nowMs + this.wallOffsetMs + this.#current.wallOffsetMs);
    performance.now = () => {
      this.nowMs += CLOCK_READ_MS;
      return this.nowMs;
    };
    Math.random = () => this.#random.next();
    crypto.randomBytes = (length) => this.#random.bytes(length);
    crypto.randomUUID = () => uuidOf(this.#random.bytes(16));
    syncBuiltinESMExports();
  }

  uninstall() {
    const { now, random, randomUUID, randomBytes, ...timers } = real;
    Object.assign(globalThis, timers);
    Date.now = now;
    delete performance.now;
    Math.random = random;
    Object.assign(crypto, { randomUUID, randomBytes });
    syncBuiltinESMExports();
  }

  #add(timer) {
    timer.order = this.#order++;
    const timers = this.#timers;
    let at = timers.length;
    timers.push(timer);
    while (at > 0) {
      const parent = (at - 1) >> 1;
      if (!isBefore(timer, timers[parent])) break;
      timers[at] = timers[parent];
      at = parent;
    }
    timers[at] = timer;
    return timer;
  }

  #take() {
    const timers = this.#timers;
    const first = timers[0];
    const last = timers.pop();
    if (timers.length === 0) return first;
    let at = 0;
    for (;;) {
      let child = 2 * at + 1;
      if (child >= timers.length) break;
      if (child + 1 < timers.length && isBefore(timers[child + 1], timers[child])) child++;
      if (!isBefore(timers[child], last)) break;
      timers[at] = timers[child];
      at = child;
    }
    timers[at] = last;
    return first;
  }

  /** For the world around the brokers. */
  after(ms, callback) {
    return this.start(callback, ms, this.#world);
  }

  /** For the machine below the broker that runs: ends with it. */
  brokerAfter(ms, callback) {
    return this.start(callback, ms, this.#current);
  }

  /** A call into a process from outside of it. */
  enter(process, callback) {
    return this.start(callback, 0, process);
  }

  start(callback, ms, owner, everyMs = 0) {
    return this.#add(new Timer(this, callback, this.nowMs + ms, 0, owner, everyMs));
  }

  sleep(ms) {
    return new Promise((resolve) => this.after(ms, resolve));
  }

  immediate(callback) {
    const timer = new Timer(this, callback, 0, this.#order++, this.#current, 0);
    timer.isImmediate = true;
    this.#immediates.push(timer);
    return timer;
  }

  /** A stopped process goes on: what came due meanwhile is due at once, in its order. */
  resume(process) {
    process.isStopped = false;
    for (const timer of process.held.splice(0)) {
      if (timer.isImmediate) this.#immediates.push(timer);
      else this.#add(timer);
    }
  }

  /** Runs what follows from a call that was made outside of a step. */
  settle() {
    settle();
  }

  /** False when nothing is left to be done. */
  step() {
    if (this.#isRunning) throw new Error('a step in a step');
    const timer = this.#next();
    if (timer === null) return false;
    this.#isRunning = true;
    this.#current = timer.owner;
    this.steps++;
    try {
      timer.callback();
      settle();
    } finally {
      this.#current = this.#world;
      this.#isRunning = false;
    }
    return true;
  }

  /** As libuv has it: what is due, then the immediates that were there when the turn began. */
  #next() {
    for (;;) {
      while (this.#turnLeft > 0) {
        this.#turnLeft--;
        const immediate = this.#immediates.shift();
        if (isDue(immediate)) return immediate;
      }
      const timers = this.#timers;
      while (timers.length > 0 && !isPending(timers[0])) this.#take();
      if (timers.length > 0 && timers[0].dueMs <= this.nowMs) {
        if (isDue(timers[0])) return this.#expire();
        this.#take();
        continue;
      }
      if (this.#immediates.length > 0) {
        this.#turnLeft = this.#immediates.length;
        this.nowMs += CLOCK_READ_MS;
      } else if (timers.length === 0) {
        return null;
      } else {
        this.nowMs = timers[0].dueMs;
      }
    }
  }

  #expire() {
    const timer = this.#take();
    if (timer.everyMs > 0) {
      timer.dueMs = this.nowMs + timer.everyMs;
      this.#add(timer);
    } else {
      timer.isLive = false;
    }
    return timer;
  }
}

function isPending({ isLive, owner }) {
  return isLive && owner.isLive;
}

/** What a stopped process would do now waits with it. */
function isDue(timer) {
  if (!isPending(timer)) return false;
  if (timer.owner.isStopped) timer.owner.held.push(timer);
  return !timer.owner.isStopped;
}

function endTimer(timer) {
  timer?.end();
}

function delayOf(ms) {
  return Number(ms) >= 1 ? Number(ms) : 1;
}

function isBefore(one, other) {
  return one.dueMs < other.dueMs || (one.dueMs === other.dueMs && one.order < other.order);
}

function uuidOf(bytes) {
  bytes[6] = (bytes[6] & 0x0f) | 0x40;
  bytes[8] = (bytes[8] & 0x3f) | 0x80;
  const hex = bytes.toString('hex');
  const parts = [hex.slice(0, 8), hex.slice(8, 12), hex.slice(12, 16), hex.slice(16, 20)];
  return `${parts.join('-')}-${hex.slice(20)}`;
}
