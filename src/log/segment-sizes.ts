import type { SegmentSize } from './log-options.ts';
import type { Segment } from './segment.ts';

/** What readers of a log must know of its segments. */
export function segmentSizes(segments: readonly Segment[]): SegmentSize[] {
  return segments.map(({ baseOffset, sizeBytes, maxTimestamp, abortedCount }) => {
    return { baseOffset, sizeBytes, maxTimestamp, abortedCount };
  });
}
