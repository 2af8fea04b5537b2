import { every } from '../../../base/every.ts';
import { unref } from '../../../base/unref.ts';
import { KafkaError } from '../../errors/kafka-error.ts';

const TICK_MS_MAX = 500;
const TICKS_A_HEARTBEAT = 4;
/** So many heartbeats that could not leave are a likely reason for the loss of a membership. */
const HEARTBEATS_MISSED = 3;

/**
 * Notices that the event loop was blocked: a timer fires late. No heartbeat leaves meanwhile, and
 * the group takes the member for dead, which its errors would not say.
 */
export class StallWatch {
  readonly #heartbeatMs: number;
  readonly #sessionMs: number;
  readonly #now: () => number;
  #timer: NodeJS.Timeout | null = null;
  #tickMs = 0;
  #lastMs = 0;
  #longestMs = 0;
  #endedMs = 0;

  constructor(heartbeatMs: number, sessionMs: number, now: () => number = () => performance.now()) {
    this.#heartbeatMs = heartbeatMs;
    this.#sessionMs = sessionMs;
    this.#now = now;
  }

  start(): void {
    if (this.#timer !== null) return;
    this.#tickMs = Math.min(Math.ceil(this.#heartbeatMs / TICKS_A_HEARTBEAT), TICK_MS_MAX);
    this.#lastMs = this.#now();
    // Without its ticks the watch says nothing; that is all that could go wrong.
    const timer = every(
      this.#tickMs,
      () => this.tick(),
      () => this.stop(),
    );
    this.#timer = unref(timer);
  }

  stop(): void {
    if (this.#timer !== null) clearInterval(this.#timer);
    this.#timer = null;
  }

  tick(): void {
    const nowMs = this.#now();
    const stalledMs = nowMs - this.#lastMs - this.#tickMs;
    this.#lastMs = nowMs;
    if (stalledMs < HEARTBEATS_MISSED * this.#heartbeatMs) return;
    if (this.#isRecent(nowMs) && stalledMs < this.#longestMs) return;
    this.#longestMs = stalledMs;
    this.#endedMs = nowMs;
  }

  /** What may have ended the membership a moment ago; null where the loop has run. */
  get reason(): string | null {
    // The loss may be told in the turn that ends the stall, before the timer fires.
    this.tick();
    if (this.#longestMs === 0 || !this.#isRecent(this.#now())) return null;
    const blocked = `the event loop was blocked for ${Math.round(this.#longestMs)} ms`;
    const limits = `heartbeats are due every ${this.#heartbeatMs} ms`;
    const session = `the session ends after ${this.#sessionMs} ms without one`;
    return `${blocked}, so that no heartbeat could leave: ${limits}, and ${session}`;
  }

  /** The error with the reason behind it, where it says that the member is none any more. */
  explain(error: KafkaError): KafkaError {
    if (error.category !== 'application-recoverable') return error;
    const { reason } = this;
    if (reason === null) return error;
    const { code, category, topic, partition } = error;
    const details = { category, topic, partition, cause: error };
    return new KafkaError(code, `${error.message}; ${reason}`, details);
  }

  #isRecent(nowMs: number): boolean {
    return this.#endedMs > 0 && nowMs - this.#endedMs <= this.#sessionMs;
  }
}
