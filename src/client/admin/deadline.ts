import { KafkaError, throwIfAborted } from '../errors/kafka-error.ts';
import { abortable } from '../net/abortable.ts';
import { pause } from '../net/pause.ts';
import type { CallOptions } from './call-options.ts';

/** How long one call of the application may still go on. */
export class Deadline {
  readonly #what: string;
  readonly #limitMs: number;
  readonly #endMs: number;
  readonly #signal: AbortSignal | undefined;

  constructor(what: string, options: CallOptions, defaultMs: number) {
    this.#what = what;
    this.#limitMs = options.timeoutMs ?? defaultMs;
    this.#endMs = performance.now() + this.#limitMs;
    this.#signal = options.signal;
    throwIfAborted(this.#signal, what);
  }

  get leftMs(): number {
    return Math.max(this.#endMs - performance.now(), 0);
  }

  /** False where the time would be over behind the pause. Throws where the signal fires in it. */
  async pause(ms: number): Promise<boolean> {
    if (ms >= this.leftMs) return false;
    await pause(ms, this.#signal);
    throwIfAborted(this.#signal, this.#what);
    return true;
  }

  /** Waits for the work, at most until the time is over or the signal fires. */
  async bound<Value>(work: Promise<Value>): Promise<Value> {
    let timer: ReturnType<typeof setTimeout> | undefined;
    const late = new Promise<never>((_, reject) => {
      timer = setTimeout(() => reject(this.#overdue()), this.leftMs);
    });
    try {
      return await abortable(Promise.race([work, late]), this.#signal, this.#what);
    } finally {
      clearTimeout(timer);
    }
  }

  #overdue(): KafkaError {
    const text = `${this.#what}: no answer within ${this.#limitMs} ms`;
    return new KafkaError('REQUEST_TIMED_OUT', text);
  }
}
