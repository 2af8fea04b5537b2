/** Latency percentiles as HdrHistogram draws them: each decade of the axis is one more nine. */
import { decodeFromCompressedBase64 } from 'hdr-histogram-js';

const POINTS_A_DECADE = 24;
const DECADES = 6;

/** 1 / (1 - percentile): 1 is 0 %, 10 is 90 %, 100 is 99 %. */
export const CURVE_POSITIONS: readonly number[] = Array.from(
  { length: POINTS_A_DECADE * DECADES + 1 },
  (_, i) => 10 ** (i / POINTS_A_DECADE),
);

/** Milliseconds at `CURVE_POSITIONS`; null where fewer values were counted than it takes. */
export function percentileCurve(histogram: string): readonly (number | null)[] {
  const latencies = decodeFromCompressedBase64(histogram);
  return CURVE_POSITIONS.map((position) => {
    if (position > Math.max(1, latencies.totalCount)) return null;
    return latencies.getValueAtPercentile(100 - 100 / position) / 1000;
  });
}
