/** What a turn did over time, at times that all turns of a plot share. */
import type { TurnSeries } from '../table/turn-series.ts';

const STEP_SECONDS = 0.1;
/** Processor time is counted in hundredths of a second: over less it would be steps. */
const CPU_SPAN_STEPS = 5;

type Values = readonly (number | null)[];

/** Seconds since the measured time began. */
export function timesOf(all: readonly TurnSeries[]): readonly number[] {
  const longest = Math.max(0, ...all.map(({ atMs }) => atMs.at(-1) ?? 0));
  return Array.from({ length: Math.floor(longest / 1000 / STEP_SECONDS) }, (_, i) => {
    return Number(((i + 1) * STEP_SECONDS).toFixed(1));
  });
}

export function ratesOf({ atMs, messages }: TurnSeries, times: readonly number[]): Values {
  return growth(atMs, messages, times, 1).map((rate) => (rate === null ? null : Math.round(rate)));
}

/** In percent of one core. */
export function cpuOf(series: TurnSeries, who: 'broker' | 'client', times: readonly number[]) {
  const seconds = who === 'broker' ? series.brokerCpuSeconds : series.clientCpuSeconds;
  const shares = growth(series.atMs, seconds, times, CPU_SPAN_STEPS);
  return shares.map((share) => (share === null ? null : Math.round(share * 1000) / 10));
}

export function memoryOf({ atMs, brokerMib }: TurnSeries, times: readonly number[]): Values {
  return times.map((time) => valueAt(atMs, brokerMib, time));
}

/** How much a second `values` grew in the `steps` before each time. */
function growth(
  atMs: readonly number[],
  values: readonly number[],
  times: readonly number[],
  steps: number,
): Values {
  return times.map((time, i) => {
    const span = Math.min(steps, i + 1) * STEP_SECONDS;
    const to = valueAt(atMs, values, time);
    const from = valueAt(atMs, values, time - span);
    return to === null || from === null ? null : (to - from) / span;
  });
}

/** Between two samples on the line that joins them; null behind the last. */
function valueAt(atMs: readonly number[], values: readonly number[], time: number): number | null {
  const wantedMs = time * 1000;
  const next = atMs.findIndex((at) => at >= wantedMs);
  if (next < 0) return null;
  if (next === 0) return values[0]!;
  const share = (wantedMs - atMs[next - 1]!) / (atMs[next]! - atMs[next - 1]!);
  return values[next - 1]! + share * (values[next]! - values[next - 1]!);
}
