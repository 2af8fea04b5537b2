/** Milliseconds of the clock that all processes of the machine share. */
const [SECONDS, NANOSECONDS] = process.hrtime();
const SHIFT_MS = SECONDS * 1000 + NANOSECONDS / 1e6 - performance.now();

export function sharedNowMs(): number {
  return performance.now() + SHIFT_MS;
}

/** A time of `performance.now()`, which begins anew in each process. */
export function toSharedMs(performanceMs: number): number {
  return performanceMs + SHIFT_MS;
}
