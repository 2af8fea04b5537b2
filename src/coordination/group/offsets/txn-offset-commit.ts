import { ERROR } from '../../../base/kafka-errors.ts';
import type {
  TxnOffsetCommitRequest,
  TxnOffsetCommitResponse,
} from '../../../protocol/schema/28-txn-offset-commit.ts';
import type { Unthrottled } from '../../../protocol/throttle-time.ts';
import type { CoordinatorState } from '../coordinator-state.ts';
import { hasRoomForGroup } from '../group-bounds.ts';
import type { CommitTopic } from './commit-topics.ts';
import { commitPartitions, commitTopicByName, committable, isForGroup } from './commit-topics.ts';
import { txnCommitError } from './consumer-offsets.ts';
import { classicCommitError } from './offset-commit.ts';
import { offsetCommitRecord } from './offset-records.ts';
import { streamsTxnCommitError } from './streams-offsets.ts';

/** The offset has no expiry time of its own. */
const NEVER = -1;
/** The generation that producers send whose consumer has none. */
const UNKNOWN_GENERATION = -1;

/**
 * Offsets that are to be committed with a producer's transaction. Nothing takes effect here: the
 * log may still refuse the producer, and so the runtime replays the records when they are in it.
 */
export function commitTxnOffsets(
  state: CoordinatorState,
  request: TxnOffsetCommitRequest,
): Unthrottled<TxnOffsetCommitResponse> {
  const { producerId, producerEpoch } = request;
  const topics = request.topics.map(({ name, partitions }) =>
    commitTopicByName(state, name, partitions),
  );
  const groupError = isForGroup(topics) ? groupErrorOf(state, request, topics) : ERROR.NONE;
  state.stampProducer({ producerId, producerEpoch });
  const answers = topics.map((topic) => {
    const { name } = topic;
    const partitions = commitPartitions(state, topic, groupError, NEVER, (index, committed) => {
      state.persist(offsetCommitRecord(request.groupId, name, index, committed));
    });
    return { name, partitions };
  });
  return { topics: answers };
}

/** Old clients send no member. A member that is sent is checked. */
function groupErrorOf(
  state: CoordinatorState,
  request: TxnOffsetCommitRequest,
  topics: readonly CommitTopic[],
): number {
  const { groupId, memberId, groupInstanceId, generationId } = request;
  const group = state.groups.get(groupId);
  if (groupId === '') return ERROR.INVALID_GROUP_ID;
  if (group === undefined) {
    if (generationId >= 0) return ERROR.ILLEGAL_GENERATION;
    // The group is made when the record is replayed.
    return hasRoomForGroup(state) ? ERROR.NONE : ERROR.GROUP_MAX_SIZE_REACHED;
  }
  const isNameless = memberId === '' && groupInstanceId === null;
  if (group.type !== 'classic') {
    if (isNameless && generationId === UNKNOWN_GENERATION) return ERROR.NONE;
    return group.type === 'streams'
      ? streamsTxnCommitError(group, memberId, generationId, topics)
      : txnCommitError(group, memberId, generationId, () => committable(state, topics));
  }
  if (isNameless && generationId < 0) return ERROR.NONE;
  const errorCode = classicCommitError(group, memberId, groupInstanceId, generationId);
  // The state of the group does not matter to a transaction, whose offsets hold only at its end.
  return errorCode === ERROR.REBALANCE_IN_PROGRESS ? ERROR.NONE : errorCode;
}
