import { ERROR } from '../../../base/kafka-errors.ts';
import { GroupError } from '../group-error.ts';
import type { Assignment, OwnedPartitions, TopicPartitions } from './assignment.ts';
import { epochsIn, NOTHING_OWNED, partitionsIn } from './assignment.ts';
import type { ConsumerGroup } from './consumer-group.ts';
import type { ConsumerMember } from './consumer-member.ts';
import { atEpoch, isReconciledTo, MEMBER_STATE } from './consumer-member.ts';

/** The target that a member moves towards. */
export interface ReconcileGoal {
  readonly group: ConsumerGroup;
  readonly targetEpoch: number;
  readonly target: Assignment;
  /** Ids of the topics that the member is subscribed to. */
  readonly subscribed: ReadonlySet<string>;
  readonly hasSubscriptionChanged: boolean;
  /** The partitions that the member reports; null where it reports none. */
  readonly reported: readonly TopicPartitions[] | null;
}

type Epochs = Map<string, Map<number, number>>;

/**
 * Moves a member one step towards its target. The member first gives up what is not in its target.
 * It moves to the target's epoch when it reports that it has done so. It gets free partitions at
 * once, and the others when their owners have given them up, so that no partition has two owners.
 */
export function reconcile(member: ConsumerMember, goal: ReconcileGoal): ConsumerMember {
  if (!goal.hasSubscriptionChanged && isReconciledTo(member, goal.targetEpoch)) return member;
  switch (member.state) {
    case MEMBER_STATE.stable:
      if (member.memberEpoch !== goal.targetEpoch) return moveOn(member, goal);
      return goal.hasSubscriptionChanged ? dropUnsubscribed(member, goal) : member;
    case MEMBER_STATE.unrevokedPartitions:
      if (!stillHolds(goal.reported, member.pendingRevocation)) return moveOn(member, goal);
      return goal.hasSubscriptionChanged ? dropUnsubscribed(member, goal) : member;
    case MEMBER_STATE.unreleasedPartitions:
      return moveOn(member, goal);
    default:
      // A later broker wrote this state. Only a member that owns nothing can start again from it.
      if (goal.reported !== null && goal.reported.length === 0) return moveOn(member, goal);
      throw new GroupError(
        ERROR.FENCED_MEMBER_EPOCH,
        'The member is in an unknown state: it must give up all its partitions and rejoin.',
      );
  }
}

/** A member that reports no partitions may still hold all of them. */
function stillHolds(
  reported: readonly TopicPartitions[] | null,
  revoked: OwnedPartitions,
): boolean {
  if (reported === null) return true;
  return reported.some(({ topicId, partitions }) => {
    const epochs = epochsIn(revoked, topicId);
    return partitions.some((partition) => epochs.has(partition));
  });
}

function put(owned: Epochs, topicId: string, partition: number, epoch: number): void {
  const epochs = owned.get(topicId);
  if (epochs === undefined) owned.set(topicId, new Map([[partition, epoch]]));
  else epochs.set(partition, epoch);
}

function moveOn(member: ConsumerMember, goal: ReconcileGoal): ConsumerMember {
  const kept: Epochs = new Map();
  const revoked: Epochs = new Map();
  for (const [topicId, epochs] of member.assigned) {
    const wanted = partitionsIn(goal.target, topicId);
    const isSubscribed = goal.subscribed.has(topicId);
    for (const [partition, epoch] of epochs) {
      const stays = isSubscribed && wanted.has(partition);
      put(stays ? kept : revoked, topicId, partition, epoch);
    }
  }
  if (revoked.size > 0 && stillHolds(goal.reported, revoked)) {
    return atEpoch(member, member.memberEpoch, {
      state: MEMBER_STATE.unrevokedPartitions,
      assigned: kept,
      pendingRevocation: revoked,
    });
  }
  const isWaiting = giveFree(member, goal, kept);
  return atEpoch(member, goal.targetEpoch, {
    state: isWaiting ? MEMBER_STATE.unreleasedPartitions : MEMBER_STATE.stable,
    assigned: kept,
    pendingRevocation: NOTHING_OWNED,
  });
}

/**
 * Adds the free partitions of the target to `kept`. True where another member still owns one of
 * them.
 */
function giveFree(member: ConsumerMember, goal: ReconcileGoal, kept: Epochs): boolean {
  let isWaiting = false;
  for (const [topicId, partitions] of goal.target) {
    if (!goal.subscribed.has(topicId)) continue;
    const held = epochsIn(kept, topicId);
    for (const partition of partitions) {
      if (held.has(partition)) continue;
      const owner = goal.group.ownerOf(topicId, partition);
      // The member may take back what it has just given up itself.
      if (owner === undefined || owner === member.memberId) {
        put(kept, topicId, partition, goal.targetEpoch);
      } else {
        isWaiting = true;
      }
    }
  }
  return isWaiting;
}

/** Removes topics that the member is no longer subscribed to. Its epoch stays. */
function dropUnsubscribed(member: ConsumerMember, goal: ReconcileGoal): ConsumerMember {
  const kept: Epochs = new Map();
  const revoked: Epochs = new Map();
  for (const [topicId, epochs] of member.pendingRevocation) revoked.set(topicId, new Map(epochs));
  let hasDropped = false;
  for (const [topicId, epochs] of member.assigned) {
    const isKept = goal.subscribed.has(topicId);
    hasDropped ||= !isKept;
    for (const [partition, epoch] of epochs)
      put(isKept ? kept : revoked, topicId, partition, epoch);
  }
  if (!hasDropped) return member;
  if (stillHolds(goal.reported, revoked)) {
    return atEpoch(member, member.memberEpoch, {
      state: MEMBER_STATE.unrevokedPartitions,
      assigned: kept,
      pendingRevocation: revoked,
    });
  }
  return atEpoch(member, member.memberEpoch, { assigned: kept });
}
