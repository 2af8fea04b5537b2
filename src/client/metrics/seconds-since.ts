const MS_PER_SECOND = 1000;

/** Whole seconds since a monotonic time; -1 where there was none yet. */
export function secondsSince(thenMs: number, nowMs: number): number {
  return thenMs < 0 ? -1 : Math.floor((nowMs - thenMs) / MS_PER_SECOND);
}
