const NS_PER_MS = 1e6;
/** The share is that of at least so long. */
const WINDOW_MS = 30_000;

interface Look {
  readonly atMs: number;
  readonly idleMs: number;
}

/**
 * For how long the event loop has waited: it is the thread that serves the sockets of a client. NaN
 * where the runtime does not tell, as in browsers.
 */
export class LoopWait {
  readonly #first: Look;
  #before: Look;
  #last: Look;

  constructor(nowMs: number) {
    this.#first = look(nowMs);
    this.#before = this.#first;
    this.#last = this.#first;
  }

  get totalNs(): number {
    return (idleMs() - this.#first.idleMs) * NS_PER_MS;
  }

  /** Since the last look that is old enough, or else since the start. */
  ratio(nowMs: number): number {
    const now = look(nowMs);
    if (nowMs - this.#last.atMs >= WINDOW_MS) {
      this.#before = this.#last;
      this.#last = now;
    }
    const elapsedMs = now.atMs - this.#before.atMs;
    return elapsedMs <= 0 ? Number.NaN : (now.idleMs - this.#before.idleMs) / elapsedMs;
  }
}

function look(atMs: number): Look {
  return { atMs, idleMs: idleMs() };
}

function idleMs(): number {
  const { eventLoopUtilization } = performance as Partial<typeof performance>;
  return eventLoopUtilization === undefined ? Number.NaN : eventLoopUtilization().idle;
}
