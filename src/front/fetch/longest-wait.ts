/** The broker may notice only by an answer that a client is gone, so every wait ends. */
const WAIT_MS_MAX = 5 * 60_000;
/**
 * An answer at the end of the wait comes later than asked for, by this and a hundredth, as Kafka's
 * does. Some clients wait exactly as long themselves, and would lose an answer of that moment.
 */
const LATE_MS = 2;
const LATE_SHARE = 0.01;
const LATE_MS_MAX = 12;

/** After how long a parked fetch is answered whatever there is. */
export function longestWaitMs(maxWaitMs: number): number {
  const waitMs = Math.min(maxWaitMs, WAIT_MS_MAX);
  return waitMs + Math.min(LATE_MS + Math.ceil(waitMs * LATE_SHARE), LATE_MS_MAX);
}
