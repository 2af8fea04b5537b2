/** Time and processor time of this process. */
import type { ProgramResult, ProgramSetup } from './program-setup.ts';

const MICROSECONDS = 1e6;

export class Stopwatch {
  readonly #cpu = process.cpuUsage();
  readonly #fromMs = performance.now();

  read(): { readonly seconds: number; readonly cpuSeconds: number } {
    const { user, system } = process.cpuUsage(this.#cpu);
    const seconds = (performance.now() - this.#fromMs) / 1000;
    return { seconds, cpuSeconds: (user + system) / MICROSECONDS };
  }
}

/**
 * `burst` sends until the given time, waits until all of it is acknowledged, and returns how much
 * that was. It runs once to warm up and once measured.
 */
export async function measured(
  { warmupMs, measureMs }: ProgramSetup,
  burst: (untilMs: number) => Promise<number>,
): Promise<ProgramResult> {
  const before = await burst(performance.now() + warmupMs);
  const watch = new Stopwatch();
  const messages = await burst(performance.now() + measureMs);
  return { messages, ...watch.read(), total: before + messages };
}

export function percentile(sorted: Float64Array, share: number): number {
  return sorted[Math.min(sorted.length - 1, Math.floor(share * sorted.length))] ?? 0;
}
