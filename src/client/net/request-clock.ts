import { every } from '../../base/every.ts';
import { unref } from '../../base/unref.ts';

const TICK_MS = 50;

/** What has deadlines. */
export interface Timed {
  /** Called every tick with the monotonic time. False takes it from the clock. */
  onTick(nowMs: number): boolean;
}

/** One timer for all deadlines of a client, which runs only while there are any. */
export class RequestClock {
  readonly #timed = new Set<Timed>();
  readonly #onFailure: (thrown: unknown) => void;
  #timer: NodeJS.Timeout | null = null;

  constructor(onFailure: (thrown: unknown) => void) {
    this.#onFailure = onFailure;
  }

  add(timed: Timed): void {
    this.#timed.add(timed);
    // Sockets keep a process alive that waits for an answer; the timer need not.
    this.#timer ??= unref(every(TICK_MS, () => this.#tick(), this.#onFailure));
  }

  remove(timed: Timed): void {
    this.#timed.delete(timed);
    if (this.#timed.size === 0) this.#stop();
  }

  #tick(): void {
    const nowMs = performance.now();
    for (const timed of this.#timed) if (!timed.onTick(nowMs)) this.#timed.delete(timed);
    if (this.#timed.size === 0) this.#stop();
  }

  #stop(): void {
    if (this.#timer !== null) clearInterval(this.#timer);
    this.#timer = null;
  }
}
