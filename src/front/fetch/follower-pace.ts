/** Of a busy producer: the time from one answer with records to the next. */
const GATHER_MS = 2;
/** So much is worth an answer of its own. */
const ENOUGH_BYTES = 256 * 1024;
/** For so many fetches more are gathered after one that found records. */
const GATHERED_FETCHES = 8;
const NEVER = -1;

/**
 * When the next fetch of a follower is answered. Each answer costs six system calls and two wakes,
 * so what a producer sends while the one before is on its way goes into one answer. A producer
 * that waits for each acknowledgement sends nothing meanwhile, and waits for nothing here.
 */
export class FollowerPace {
  #answeredMs = NEVER;
  #gathered = 0;

  /** For how long a fetch is to wait that finds so many bytes behind its offsets. */
  restMs(availableBytes: number, nowMs: number): number {
    if (this.#answeredMs === NEVER) return 0;
    if (availableBytes > 0) this.#gathered = GATHERED_FETCHES;
    else if (this.#gathered > 0) this.#gathered--;
    if (this.#gathered === 0 || availableBytes >= ENOUGH_BYTES) return 0;
    return Math.max(0, this.#answeredMs + GATHER_MS - nowMs);
  }

  /** It has got records. */
  answered(nowMs: number): void {
    this.#answeredMs = nowMs;
  }
}
