import { ERROR } from '../../protocol/error-codes.ts';
import type {
  TxnOffsetCommitRequest,
  TxnOffsetCommitResponse,
} from '../../protocol/schema/28-txn-offset-commit.ts';
import { txnCommitError } from './consumer-offsets.ts';
import type { CoordinatorState } from './coordinator-state.ts';
import { classicCommitError, isMetadataTooLarge } from './offset-commit.ts';
import { offsetCommitKey, offsetCommitValue } from './offset-records.ts';

type ResponseTopic = TxnOffsetCommitResponse['topics'][number];

/**
 * Offsets that are to be committed with a producer's transaction. Nothing takes effect here: the
 * log may still refuse the producer, and so the runtime replays the records when they are in it.
 */
export function commitTxnOffsets(
  state: CoordinatorState,
  request: TxnOffsetCommitRequest,
): TxnOffsetCommitResponse {
  const { producerId, producerEpoch } = request;
  const isKnown = ({ name }: { name: string }) => state.topics.topicId(name) !== undefined;
  const groupError = request.topics.some(isKnown) ? groupErrorOf(state, request) : ERROR.NONE;
  const topics = request.topics.map((topic): ResponseTopic => {
    const topicError = isKnown(topic) ? groupError : ERROR.UNKNOWN_TOPIC_OR_PARTITION;
    return commitTopic(state, request.groupId, topic, topicError);
  });
  state.stampProducer({ producerId, producerEpoch });
  return { throttleTimeMs: 0, topics };
}

function commitTopic(
  state: CoordinatorState,
  groupId: string,
  topic: TxnOffsetCommitRequest['topics'][number],
  topicError: number,
): ResponseTopic {
  const topicId = state.topics.topicId(topic.name);
  const partitions: ResponseTopic['partitions'] = [];
  for (const asked of topic.partitions) {
    const { partitionIndex, committedMetadata } = asked;
    let errorCode = topicError;
    if (errorCode === ERROR.NONE && isMetadataTooLarge(state, committedMetadata)) {
      errorCode = ERROR.OFFSET_METADATA_TOO_LARGE;
    }
    partitions.push({ partitionIndex, errorCode });
    if (errorCode !== ERROR.NONE) continue;
    state.persist({
      key: offsetCommitKey(groupId, topic.name, partitionIndex),
      value: offsetCommitValue({
        offset: asked.committedOffset,
        leaderEpoch: asked.committedLeaderEpoch,
        metadata: committedMetadata ?? '',
        commitMs: state.wallMs,
        expireMs: -1,
        topicId: topicId!,
        sequence: 0,
      }),
    });
  }
  return { name: topic.name, partitions };
}

/** Old clients name no member; where one is named it must be the one it says it is. */
function groupErrorOf(state: CoordinatorState, request: TxnOffsetCommitRequest): number {
  const { groupId, memberId, groupInstanceId, generationId } = request;
  const group = state.groups.get(groupId);
  if (group === undefined) return generationId < 0 ? ERROR.NONE : ERROR.ILLEGAL_GENERATION;
  const isNameless = generationId < 0 && memberId === '' && groupInstanceId === null;
  if (isNameless) return ERROR.NONE;
  if (group.type === 'consumer') {
    return txnCommitError(group, memberId, generationId, function* () {
      for (const { name, partitions } of request.topics) {
        const topicId = state.topics.topicId(name);
        if (topicId === undefined) continue;
        for (const { partitionIndex } of partitions) yield { topicId, partition: partitionIndex };
      }
    });
  }
  const errorCode = classicCommitError(group, memberId, groupInstanceId, generationId);
  // The state of the group does not matter to a transaction, whose offsets hold only at its end.
  return errorCode === ERROR.REBALANCE_IN_PROGRESS ? ERROR.NONE : errorCode;
}
