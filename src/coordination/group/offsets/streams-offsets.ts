import { ERROR } from '../../../base/kafka-errors.ts';
import type { OffsetCommitRequest } from '../../../protocol/schema/08-offset-commit.ts';
import type { StreamsGroup } from '../streams/streams-group.ts';
import type { StreamsMember } from '../streams/streams-member.ts';
import type { CommitTopic } from './commit-topics.ts';
import { EPOCH_AWARE_VERSION } from './consumer-offsets.ts';

/**
 * Why a streams group refuses a commit, or NONE. A member whose epoch has moved on since it read
 * may still commit for tasks that it was given by its old epoch and has kept since.
 */
export function streamsCommitError(
  group: StreamsGroup,
  version: number,
  request: OffsetCommitRequest,
  topics: readonly CommitTopic[],
): number {
  const epoch = request.generationIdOrMemberEpoch;
  if (epoch < 0 && group.isEmpty) return ERROR.NONE;
  const member = group.members.get(request.memberId);
  if (member === undefined) return ERROR.UNKNOWN_MEMBER_ID;
  if (version < EPOCH_AWARE_VERSION) return ERROR.UNSUPPORTED_VERSION;
  return mayCommitAt(group, member, epoch, topics) ? ERROR.NONE : ERROR.STALE_MEMBER_EPOCH;
}

/** The same for offsets within a transaction, where there is one error for all epochs. */
export function streamsTxnCommitError(
  group: StreamsGroup,
  memberId: string,
  epoch: number,
  topics: readonly CommitTopic[],
): number {
  if (epoch < 0 && group.isEmpty) return ERROR.NONE;
  const member = group.members.get(memberId);
  if (member === undefined) return ERROR.UNKNOWN_MEMBER_ID;
  return mayCommitAt(group, member, epoch, topics) ? ERROR.NONE : ERROR.ILLEGAL_GENERATION;
}

function mayCommitAt(
  group: StreamsGroup,
  member: StreamsMember,
  epoch: number,
  topics: readonly CommitTopic[],
): boolean {
  if (epoch >= member.memberEpoch) return epoch === member.memberEpoch;
  return topics.every(({ name, errorCode, partitions }) => {
    if (errorCode !== ERROR.NONE) return true;
    const id = group.topology?.readers.get(name)?.subtopologyId;
    if (id === undefined) return false;
    return partitions.every(({ partitionIndex: partition }) => {
      const since =
        member.owned.active.get(id)?.get(partition) ??
        member.pendingRevocation.active.get(id)?.get(partition);
      return since !== undefined && epoch >= since;
    });
  });
}

export function streamsFetchError(
  group: StreamsGroup,
  memberId: string | null,
  memberEpoch: number,
): number {
  if (memberId === null && memberEpoch < 0) return ERROR.NONE;
  const member = memberId === null ? undefined : group.members.get(memberId);
  if (member === undefined) return ERROR.UNKNOWN_MEMBER_ID;
  return member.memberEpoch === memberEpoch ? ERROR.NONE : ERROR.STALE_MEMBER_EPOCH;
}
