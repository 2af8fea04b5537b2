import type { Assignment } from './assignment.ts';
import type { AssignorMember } from './assignor.ts';

/**
 * Cuts each topic into contiguous ranges, one a subscriber, in one order of members for all topics:
 * members of topics with equal partition counts get the same partitions of each, which makes joins
 * of topics local. Static members come first, so that a restart of theirs moves nothing.
 */
export function assignRanges(
  members: readonly AssignorMember[],
  partitionCount: (topicId: string) => number,
): Map<string, Assignment> {
  const ordered = [...members].sort(compareMembers);
  const subscribers = new Map<string, number>();
  for (const { topicIds } of ordered) {
    for (const topicId of topicIds) subscribers.set(topicId, (subscribers.get(topicId) ?? 0) + 1);
  }
  const served = new Map<string, number>();
  const result = new Map<string, Assignment>();
  for (const { memberId, topicIds } of ordered) {
    const share = new Map<string, Set<number>>();
    for (const topicId of topicIds) {
      const rank = served.get(topicId) ?? 0;
      served.set(topicId, rank + 1);
      const range = rangeOf(partitionCount(topicId), subscribers.get(topicId)!, rank);
      if (range.size > 0) share.set(topicId, range);
    }
    result.set(memberId, share);
  }
  return result;
}

/** The first `count % parts` ranges are one longer than the others. */
function rangeOf(count: number, parts: number, rank: number): Set<number> {
  const size = Math.floor(count / parts);
  const extra = count % parts;
  const start = rank * size + Math.min(rank, extra);
  const end = start + size + (rank < extra ? 1 : 0);
  const range = new Set<number>();
  for (let partition = start; partition < end; partition++) range.add(partition);
  return range;
}

function compareMembers(one: AssignorMember, other: AssignorMember): number {
  if (one.instanceId !== null && other.instanceId !== null) {
    return compareText(one.instanceId, other.instanceId);
  }
  if (one.instanceId !== null) return -1;
  if (other.instanceId !== null) return 1;
  return compareText(one.memberId, other.memberId);
}

function compareText(one: string, other: string): number {
  if (one === other) return 0;
  return one < other ? -1 : 1;
}
