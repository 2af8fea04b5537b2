import { pause } from '../net/pause.ts';
import { KafkaJSNonRetriableError, KafkaJSNumberOfRetriesExceeded } from './errors.ts';
import type { RetryOptions } from './types.ts';

export const RETRY_DEFAULTS = {
  maxRetryTime: 30_000,
  initialRetryTime: 300,
  factor: 0.2,
  multiplier: 2,
  retries: 5,
} as const;

/** Mistakes of the program, which no other attempt mends. */
const UNRECOVERABLE = ['RangeError', 'ReferenceError', 'SyntaxError', 'TypeError'];

function isRetriable(thrown: unknown): boolean {
  const { retriable, name } = thrown as { retriable?: boolean; name?: string };
  return retriable !== false && !UNRECOVERABLE.includes(name ?? '');
}

function causeOf(thrown: unknown): unknown {
  return (thrown as { cause?: unknown }).cause ?? thrown;
}

/**
 * The attempts of one piece of work, with the pauses that KafkaJS makes between them. `next` waits
 * for the next attempt, or throws what KafkaJS throws where there is none.
 */
export class Attempts {
  readonly #options: Record<keyof typeof RETRY_DEFAULTS, number>;
  #retryTime: number;
  #retryCount = 0;

  constructor(options: RetryOptions = {}) {
    const given = Object.entries(options).filter(([, value]) => value !== undefined);
    this.#options = { ...RETRY_DEFAULTS, ...Object.fromEntries(given) };
    this.#retryTime = this.#spread(this.#options.initialRetryTime);
  }

  get retryCount(): number {
    return this.#retryCount;
  }

  get retryTime(): number {
    return this.#retryTime;
  }

  async next(thrown: unknown, signal?: AbortSignal): Promise<void> {
    if (!isRetriable(thrown)) {
      throw new KafkaJSNonRetriableError(thrown, { cause: causeOf(thrown) });
    }
    const retryTime = this.#retryTime;
    if (this.#retryCount >= this.#options.retries) {
      const retryCount = this.#retryCount;
      throw new KafkaJSNumberOfRetriesExceeded(thrown, { retryCount, retryTime });
    }
    this.#retryCount++;
    const { multiplier, maxRetryTime } = this.#options;
    this.#retryTime = Math.min(this.#spread(retryTime) * multiplier, maxRetryTime);
    await pause(retryTime, signal);
  }

  #spread(retryTime: number): number {
    const delta = this.#options.factor * retryTime;
    return Math.ceil(Math.random() * 2 * delta + retryTime - delta);
  }
}

/** Tries `work` until it succeeds, fails for good or its attempts are used up. */
export async function retried<T>(
  options: RetryOptions,
  work: (attempts: Attempts) => Promise<T>,
): Promise<T> {
  const attempts = new Attempts(options);
  for (;;) {
    try {
      return await work(attempts);
    } catch (thrown) {
      await attempts.next(thrown);
    }
  }
}

/** The same, but only for errors that `mayPass`. Others are thrown as they are. */
export async function retriedBut<T>(
  options: RetryOptions,
  mayPass: (thrown: unknown) => boolean,
  work: () => Promise<T>,
): Promise<T> {
  const attempts = new Attempts(options);
  for (;;) {
    try {
      return await work();
    } catch (thrown) {
      if (!mayPass(thrown)) throw thrown;
      await attempts.next(thrown);
    }
  }
}
