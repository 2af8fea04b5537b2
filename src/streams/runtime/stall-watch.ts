import { KafkaError } from '../../client/errors/kafka-error.ts';

const FIRST_MS_MAX = 30_000;
const MS_PER_SECOND = 1_000;
const FEW_MS = 10_000;

/** Something that has no time-out of its own and is waited for. */
export interface Wait {
  /** Since when nothing has moved, by `Date.now()`. */
  readonly sinceMs: number;
  /** What is waited for, the same at each look: it is told with the time. */
  readonly what: string;
}

/** When waits are told of, and to whom. */
export interface StallSettings {
  readonly taskTimeoutMs: number;
  readonly onError: (error: KafkaError) => void;
}

/**
 * Tells of what waits for long: first after 30 s, or after `task.timeout.ms` where that is less,
 * and again whenever the time has doubled. Nothing is ended by it.
 */
export class StallWatch {
  readonly #firstMs: number;
  readonly #onError: (error: KafkaError) => void;
  /** By what is waited for: since when, and after how long it is told next. */
  readonly #waits = new Map<string, { readonly sinceMs: number; dueMs: number }>();

  constructor({ taskTimeoutMs, onError }: StallSettings) {
    this.#firstMs = Math.max(Math.min(FIRST_MS_MAX, taskTimeoutMs), 1);
    this.#onError = onError;
  }

  /** Called now and then with all that is waited for. */
  look(waits: Iterable<Wait>, nowMs = Date.now()): void {
    const open = new Set<string>();
    for (const { what, sinceMs } of waits) {
      open.add(what);
      let known = this.#waits.get(what);
      if (known?.sinceMs !== sinceMs) {
        known = { sinceMs, dueMs: this.#firstMs };
        this.#waits.set(what, known);
      }
      const waitedMs = nowMs - sinceMs;
      if (waitedMs < known.dueMs) continue;
      while (known.dueMs <= waitedMs) known.dueMs *= 2;
      const seconds = (waitedMs / MS_PER_SECOND).toFixed(waitedMs < FEW_MS ? 1 : 0);
      this.#onError(new KafkaError('REQUEST_TIMED_OUT', `for ${seconds} s, ${what}`));
    }
    for (const what of this.#waits.keys()) if (!open.has(what)) this.#waits.delete(what);
  }
}
