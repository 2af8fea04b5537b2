import { ERROR } from '../../../base/kafka-errors.ts';
import type { OffsetCommitRequest } from '../../../protocol/schema/08-offset-commit.ts';
import { epochsIn } from '../consumer/assignment.ts';
import type { ConsumerGroup } from '../consumer/consumer-group.ts';
import type { ConsumerMember } from '../consumer/consumer-member.ts';

/** From this version of OffsetCommit on a client understands STALE_MEMBER_EPOCH. */
export const EPOCH_AWARE_VERSION = 9;

interface AssignedPartition {
  readonly topicId: string;
  readonly partition: number;
}

function epochError(member: ConsumerMember): number {
  return member.classic === null ? ERROR.STALE_MEMBER_EPOCH : ERROR.ILLEGAL_GENERATION;
}

/**
 * Why a consumer group refuses a commit, or NONE. A member whose epoch has moved on since it read
 * may still commit what it was given at its old epoch and has kept since.
 */
export function consumerCommitError(
  group: ConsumerGroup,
  version: number,
  request: OffsetCommitRequest,
  partitions: () => Iterable<AssignedPartition>,
): number {
  const epoch = request.generationIdOrMemberEpoch;
  if (epoch < 0 && group.isEmpty) return ERROR.NONE;
  const member = group.members.get(request.memberId);
  if (member === undefined) return ERROR.UNKNOWN_MEMBER_ID;
  if (member.classic === null && version < EPOCH_AWARE_VERSION) return ERROR.UNSUPPORTED_VERSION;
  return mayCommitAt(member, epoch, partitions()) ? ERROR.NONE : epochError(member);
}

/** The same for offsets within a transaction, where there is one error for all epochs. */
export function txnCommitError(
  group: ConsumerGroup,
  memberId: string,
  epoch: number,
  partitions: () => Iterable<AssignedPartition>,
): number {
  if (epoch < 0 && group.isEmpty) return ERROR.NONE;
  const member = group.members.get(memberId);
  if (member === undefined) return ERROR.UNKNOWN_MEMBER_ID;
  return mayCommitAt(member, epoch, partitions()) ? ERROR.NONE : ERROR.ILLEGAL_GENERATION;
}

function mayCommitAt(
  member: ConsumerMember,
  epoch: number,
  partitions: Iterable<AssignedPartition>,
): boolean {
  if (epoch >= member.memberEpoch) return epoch === member.memberEpoch;
  for (const { topicId, partition } of partitions) {
    const since =
      epochsIn(member.assigned, topicId).get(partition) ??
      epochsIn(member.pendingRevocation, topicId).get(partition);
    if (since === undefined || epoch < since) return false;
  }
  return true;
}

export function consumerFetchError(
  group: ConsumerGroup,
  memberId: string | null,
  memberEpoch: number,
): number {
  if (memberId === null && memberEpoch < 0) return ERROR.NONE;
  const member = memberId === null ? undefined : group.members.get(memberId);
  if (member === undefined) return ERROR.UNKNOWN_MEMBER_ID;
  return member.memberEpoch === memberEpoch ? ERROR.NONE : epochError(member);
}
