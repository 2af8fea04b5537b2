import { reasonOf } from './errors.ts';
import type { Logger } from './logger.ts';

/** One log line for a failure in the background: what failed, and why. */
export function logFailure(logger: Logger, what: string): (thrown: unknown) => void {
  return (thrown) => logger.error(`${what} failed: ${reasonOf(thrown)}`);
}
