import { every } from '../base/every.ts';
import { logFailure } from '../base/log-failure.ts';
import type { Logger } from '../base/logger.ts';

/** Takes delegation tokens that are over out of the metadata, now and then. */
export class ExpiredTokens {
  readonly #timer: NodeJS.Timeout;

  constructor(
    metadata: { removeExpiredTokens(): Promise<void> },
    intervalMs: number,
    logger: Logger,
  ) {
    const onFailure = logFailure(logger, 'removing expired delegation tokens');
    this.#timer = every(intervalMs, () => metadata.removeExpiredTokens(), onFailure);
    this.#timer.unref();
  }

  stop(): void {
    clearInterval(this.#timer);
  }
}
