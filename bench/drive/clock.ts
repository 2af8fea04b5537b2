/** Milliseconds of the clock that all processes of the machine share. */

/** Both clocks are read until nothing came between the two readings. */
const CLOSE_MS = 0.02;
const MOST_TRIES = 1_000;

const SHIFT_MS = shiftMs();

export function sharedNowMs(): number {
  return performance.now() + SHIFT_MS;
}

/** A time of `performance.now()`, which begins anew in each process. */
export function toSharedMs(performanceMs: number): number {
  return performanceMs + SHIFT_MS;
}

function shiftMs(): number {
  let closestMs = Number.POSITIVE_INFINITY;
  let shift = 0;
  for (let i = 0; i < MOST_TRIES && closestMs > CLOSE_MS; i++) {
    const beforeMs = performance.now();
    const [seconds, nanoseconds] = process.hrtime();
    const apartMs = performance.now() - beforeMs;
    if (apartMs >= closestMs) continue;
    closestMs = apartMs;
    shift = seconds * 1000 + nanoseconds / 1e6 - beforeMs - apartMs / 2;
  }
  return shift;
}
