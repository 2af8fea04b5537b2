import { setTimeout as sleep } from 'node:timers/promises';
import { isResponseError } from './response-error.ts';

const FIRST_PAUSE_MS = 50;
const PAUSE_MS_MAX = 1_000;

export interface RetryOptions {
  /** The wire errors that another attempt may overcome. */
  readonly codes: readonly number[];
  /** How long to go on; the last error is thrown after it. */
  readonly limitMs: number;
}

/** Repeats work that failed with one of these wire errors, with growing pauses. */
export async function withRetries<T>(options: RetryOptions, attempt: () => Promise<T>): Promise<T> {
  const startMs = performance.now();
  let pauseMs = FIRST_PAUSE_MS;
  for (;;) {
    try {
      return await attempt();
    } catch (thrown) {
      const elapsedMs = performance.now() - startMs;
      if (!isResponseError(thrown, ...options.codes)) throw thrown;
      if (elapsedMs + pauseMs > options.limitMs) throw thrown;
    }
    await sleep(pauseMs);
    pauseMs = Math.min(2 * pauseMs, PAUSE_MS_MAX);
  }
}
