import { failPoint } from '../base/fail-point.ts';
import { removeSegmentFiles } from './retention.ts';
import { emptySegmentFacts, Segment, type SegmentLimits } from './segment.ts';

/**
 * Makes the segment that is written from `baseOffset` on, and ends the writing of the one before.
 * Where the disk refuses any of it, the new files are removed and the old segment can still be
 * written.
 */
export function replaceSegment(
  previous: Segment,
  baseOffset: number,
  limits: SegmentLimits,
  wallMs: number,
): Segment {
  const { directory } = previous;
  if (failPoint !== null) failPoint('roll-before-create');
  const fresh = new Segment(directory, emptySegmentFacts(baseOffset, wallMs));
  try {
    fresh.activate(limits, true);
    if (failPoint !== null) failPoint('roll-before-seal');
    previous.seal(false);
    return fresh;
  } catch (thrown) {
    fresh.abandon();
    removeSegmentFiles(directory, baseOffset);
    throw thrown;
  }
}
