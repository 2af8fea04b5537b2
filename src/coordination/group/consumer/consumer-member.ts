import type { ClassicProtocol } from '../classic/classic-member.ts';
import type { Assignment, OwnedPartitions } from './assignment.ts';
import { isSameOwnership, NOTHING_OWNED, partitionsOf } from './assignment.ts';

/** How far a member has come towards its target assignment. The numbers are those of the log. */
export const MEMBER_STATE = {
  /** The member owns its whole target at its epoch. */
  stable: 0,
  /** The member was told to give up partitions and has not reported that it did. */
  unrevokedPartitions: 1,
  /** Other members still own some of its target. */
  unreleasedPartitions: 2,
  unknown: 127,
} as const;

export type MemberState = (typeof MEMBER_STATE)[keyof typeof MEMBER_STATE];

/** A member that still speaks the classic protocol inside a group of the new one. */
export interface ClassicMetadata {
  sessionTimeoutMs: number;
  protocols: ClassicProtocol[];
}

/** A member of a consumer group. Never changed: a change makes a new one. */
export interface ConsumerMember {
  readonly memberId: string;
  readonly memberEpoch: number;
  readonly previousMemberEpoch: number;
  readonly state: MemberState;
  readonly instanceId: string | null;
  readonly rackId: string | null;
  readonly clientId: string;
  readonly clientHost: string;
  readonly rebalanceTimeoutMs: number;
  /** Sorted, each once. */
  readonly topicNames: readonly string[];
  /** '' where there is none. */
  readonly topicRegex: string;
  readonly serverAssignor: string | null;
  readonly assigned: OwnedPartitions;
  readonly pendingRevocation: OwnedPartitions;
  readonly classic: ClassicMetadata | null;
}

/** A member with this epoch leaves its group. */
export const LEAVE_EPOCH = -1;
/** A static member with this epoch left and is expected back. */
export const STATIC_LEAVE_EPOCH = -2;

export function newConsumerMember(memberId: string): ConsumerMember {
  return {
    memberId,
    memberEpoch: 0,
    previousMemberEpoch: -1,
    state: MEMBER_STATE.stable,
    instanceId: null,
    rackId: null,
    clientId: '',
    clientHost: '',
    rebalanceTimeoutMs: -1,
    topicNames: [],
    topicRegex: '',
    serverAssignor: null,
    assigned: NOTHING_OWNED,
    pendingRevocation: NOTHING_OWNED,
    classic: null,
  };
}

/** The member after its next step towards its target. */
export function atEpoch(
  member: ConsumerMember,
  memberEpoch: number,
  changes: Partial<ConsumerMember>,
): ConsumerMember {
  return { ...member, ...changes, memberEpoch, previousMemberEpoch: member.memberEpoch };
}

/** A member owns a partition until it has given it up. */
export function heldBy(member: ConsumerMember): Assignment {
  const all = new Map<string, Set<number>>();
  for (const owned of [member.assigned, member.pendingRevocation]) {
    for (const [topicId, partitions] of partitionsOf(owned)) {
      const known = all.get(topicId);
      all.set(topicId, new Set([...(known ?? []), ...partitions]));
    }
  }
  return all;
}

export function sortedNames(names: Iterable<string>): string[] {
  return [...new Set(names)].sort();
}

export function isReconciledTo(member: ConsumerMember, epoch: number): boolean {
  return member.state === MEMBER_STATE.stable && member.memberEpoch === epoch;
}

export function isSameNames(one: readonly string[], other: readonly string[]): boolean {
  return (
    one === other || (one.length === other.length && one.every((name, i) => name === other[i]))
  );
}

/** Whether both describe themselves in the same way. What they own is not compared. */
export function isSameSubscription(one: ConsumerMember, other: ConsumerMember): boolean {
  return (
    one.instanceId === other.instanceId &&
    one.rackId === other.rackId &&
    one.clientId === other.clientId &&
    one.clientHost === other.clientHost &&
    one.rebalanceTimeoutMs === other.rebalanceTimeoutMs &&
    isSameNames(one.topicNames, other.topicNames) &&
    one.topicRegex === other.topicRegex &&
    one.serverAssignor === other.serverAssignor &&
    isSameClassic(one.classic, other.classic)
  );
}

/** Whether both have the same state, epochs and partitions. */
export function isSameProgress(one: ConsumerMember, other: ConsumerMember): boolean {
  return (
    one.memberEpoch === other.memberEpoch &&
    one.previousMemberEpoch === other.previousMemberEpoch &&
    one.state === other.state &&
    isSameOwnership(one.assigned, other.assigned) &&
    isSameOwnership(one.pendingRevocation, other.pendingRevocation)
  );
}

function isSameClassic(one: ClassicMetadata | null, other: ClassicMetadata | null): boolean {
  if (one === null || other === null) return one === other;
  return (
    one.sessionTimeoutMs === other.sessionTimeoutMs &&
    one.protocols.length === other.protocols.length &&
    one.protocols.every(
      ({ name, metadata }, i) =>
        name === other.protocols[i]!.name && metadata.equals(other.protocols[i]!.metadata),
    )
  );
}
