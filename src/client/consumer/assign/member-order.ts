import type { GroupAssignment, GroupMember } from './assignor.ts';

/**
 * Kafka's order of members: static ones first by their instance id, then the others by member id.
 * It does not change when a static member comes back under another member id.
 */
export function byMember(one: GroupMember, other: GroupMember): number {
  if (one.instanceId !== null && other.instanceId !== null) {
    return compareText(one.instanceId, other.instanceId);
  }
  if (one.instanceId !== null) return -1;
  if (other.instanceId !== null) return 1;
  return compareText(one.memberId, other.memberId);
}

export function compareText(one: string, other: string): number {
  if (one === other) return 0;
  return one < other ? -1 : 1;
}

/** An assignment in which each member has nothing yet. */
export function emptyAssignment(members: readonly GroupMember[]): GroupAssignment {
  return new Map(members.map(({ memberId }) => [memberId, []]));
}

/** All topics that somebody wants, in their order. */
export function wantedTopics(members: readonly GroupMember[]): string[] {
  return [...new Set(members.flatMap(({ topics }) => topics))].sort(compareText);
}
