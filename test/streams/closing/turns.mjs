const RSS_EVERY_MS = 20;
const MIB = 2 ** 20;

/**
 * Watches the turns of this process's event loop. The processor time of a turn is that of all
 * threads, V8's helpers too, so that it is an upper bound; its time by the clock grows with whatever
 * else the machine does.
 */
export class Turns {
  #atMs = performance.now();
  #cpu = process.cpuUsage();
  #lookedMs = 0;
  #longestMs = 0;
  #longestCpuMs = 0;
  #firstMib = process.memoryUsage.rss() / MIB;
  #mostMib = this.#firstMib;

  constructor() {
    setImmediate(() => this.#turn());
  }

  /** The figures since the last call. */
  take() {
    const figures = {
      longestTurnMs: Math.round(this.#longestMs),
      longestTurnCpuMs: Math.round(this.#longestCpuMs),
      mibBefore: Math.round(this.#firstMib),
      mibAtMost: Math.round(this.#mostMib),
    };
    this.#longestMs = 0;
    this.#longestCpuMs = 0;
    this.#firstMib = process.memoryUsage.rss() / MIB;
    this.#mostMib = this.#firstMib;
    return figures;
  }

  #turn() {
    const nowMs = performance.now();
    const { user, system } = process.cpuUsage(this.#cpu);
    this.#longestMs = Math.max(this.#longestMs, nowMs - this.#atMs);
    this.#longestCpuMs = Math.max(this.#longestCpuMs, (user + system) / 1_000);
    if (nowMs - this.#lookedMs > RSS_EVERY_MS) {
      this.#lookedMs = nowMs;
      this.#mostMib = Math.max(this.#mostMib, process.memoryUsage.rss() / MIB);
    }
    this.#atMs = performance.now();
    this.#cpu = process.cpuUsage();
    setImmediate(() => this.#turn());
  }
}
