import type { CleanableSegment, CleaningPlan } from './cleaning.ts';

/** The settings of a topic that say when its logs are cleaned. */
export interface CleaningPolicy {
  readonly minCleanableDirtyRatio: number;
  readonly minCompactionLagMs: number;
  readonly maxCompactionLagMs: number;
}

export interface DirtyPart {
  readonly cleanableTo: number;
  readonly dirtyBytes: number;
  readonly dirtyRatio: number;
  /** For how long its oldest record is kept beyond the maximum lag. */
  readonly overdueMs: number;
  /** By its ratio, or because something in it has waited for too long. */
  readonly isDue: boolean;
}

/** The part of a log that may be cleaned and was not, and whether cleaning it is worth the work. */
export function dirtyPart(
  plan: CleaningPlan,
  cleanedTo: number,
  policy: CleaningPolicy,
  wallMs: number,
): DirtyPart {
  const { segments } = plan;
  let cleanBytes = 0;
  let dirtyBytes = 0;
  let cleanableTo = cleanedTo;
  let overdueMs = 0;
  for (const [i, segment] of segments.entries()) {
    const end = segments[i + 1]?.baseOffset ?? plan.endOffset;
    if (end <= cleanedTo) {
      cleanBytes += segment.sizeBytes;
      continue;
    }
    if (isTooYoung(segment, policy.minCompactionLagMs, wallMs)) break;
    dirtyBytes += segment.sizeBytes;
    cleanableTo = end;
    const firstMs = segment.firstTimestamp;
    if (firstMs < 0) continue;
    overdueMs = Math.max(overdueMs, wallMs - firstMs - policy.maxCompactionLagMs);
  }
  const total = cleanBytes + dirtyBytes;
  const dirtyRatio = total === 0 ? 0 : dirtyBytes / total;
  const isDue = dirtyBytes > 0 && (overdueMs > 0 || dirtyRatio >= policy.minCleanableDirtyRatio);
  return { cleanableTo, dirtyBytes, dirtyRatio, overdueMs, isDue };
}

function isTooYoung(segment: CleanableSegment, lagMs: number, wallMs: number): boolean {
  return lagMs > 0 && segment.maxTimestamp > wallMs - lagMs;
}
