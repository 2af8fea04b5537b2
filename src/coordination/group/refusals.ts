import { ERROR } from '../../base/kafka-errors.ts';
import { API } from '../../protocol/api-keys.ts';
import {
  refusedClassicGroup,
  refusedConsumerGroup,
  refusedConsumerHeartbeat,
  refusedStreamsGroup,
  refusedStreamsHeartbeat,
} from '../../protocol/group-refusals.ts';
import type { OffsetCommitRequest } from '../../protocol/schema/08-offset-commit.ts';
import type {
  OffsetFetchRequest,
  OffsetFetchResponse,
} from '../../protocol/schema/09-offset-fetch.ts';
import type { JoinGroupRequest } from '../../protocol/schema/11-join-group.ts';
import type { DescribeGroupsRequest } from '../../protocol/schema/15-describe-groups.ts';
import type { TxnOffsetCommitRequest } from '../../protocol/schema/28-txn-offset-commit.ts';
import type { DeleteGroupsRequest } from '../../protocol/schema/42-delete-groups.ts';
import type * as describe from '../../protocol/schema/69-consumer-group-describe.ts';
import type * as streamsDescribe from '../../protocol/schema/89-streams-group-describe.ts';
import { joinBody, syncBody } from './classic/classic-bodies.ts';

/**
 * The answer to a request that no shard can take: it is loading (COORDINATOR_LOAD_IN_PROGRESS), it
 * lives elsewhere (NOT_COORDINATOR), or its log failed (COORDINATOR_NOT_AVAILABLE). Null for an
 * api that is not a group coordinator's.
 */
export function refuseGroupRequest(
  apiKey: number,
  version: number,
  request: object,
  errorCode: number,
): object | null {
  switch (apiKey) {
    case API.OFFSET_COMMIT:
      return refuseCommit(request as OffsetCommitRequest, errorCode);
    case API.TXN_OFFSET_COMMIT:
      return refuseTxnCommit(version, request as TxnOffsetCommitRequest, errorCode);
    case API.OFFSET_FETCH:
      return refuseFetch(version, request as OffsetFetchRequest, errorCode);
    case API.JOIN_GROUP:
      return joinBody(version, { memberId: (request as JoinGroupRequest).memberId, errorCode });
    case API.SYNC_GROUP:
      return syncBody({ errorCode });
    case API.HEARTBEAT:
      return refuseHeartbeat(errorCode);
    case API.LEAVE_GROUP:
      return { errorCode, members: [] };
    case API.DESCRIBE_GROUPS:
      return refuseDescribe((request as DescribeGroupsRequest).groups, errorCode);
    case API.LIST_GROUPS:
      return { errorCode, groups: [] };
    case API.DELETE_GROUPS:
      return refuseDelete(request as DeleteGroupsRequest, errorCode);
    case API.OFFSET_DELETE:
      return { errorCode, topics: [] };
    case API.CONSUMER_GROUP_HEARTBEAT:
      return refusedConsumerHeartbeat(errorCode);
    case API.CONSUMER_GROUP_DESCRIBE:
      return refuseConsumerDescribe(request as describe.ConsumerGroupDescribeRequest, errorCode);
    case API.STREAMS_GROUP_HEARTBEAT:
      return refusedStreamsHeartbeat(errorCode);
    case API.STREAMS_GROUP_DESCRIBE:
      return refuseStreamsDescribe(
        request as streamsDescribe.StreamsGroupDescribeRequest,
        errorCode,
      );
    default:
      return null;
  }
}

/** No session can end while the group is loading, so a heartbeat gets no error. */
function refuseHeartbeat(errorCode: number): object {
  const isLoading = errorCode === ERROR.COORDINATOR_LOAD_IN_PROGRESS;
  return { errorCode: isLoading ? ERROR.NONE : errorCode };
}

function refuseCommit(
  request: OffsetCommitRequest | TxnOffsetCommitRequest,
  errorCode: number,
): object {
  const topics = request.topics.map((topic) => ({
    ...topic,
    partitions: topic.partitions.map(({ partitionIndex }) => ({ partitionIndex, errorCode })),
  }));
  return { topics };
}

/** Producers before 2.0 may break on a coordinator that says it is loading. */
function refuseTxnCommit(
  version: number,
  request: TxnOffsetCommitRequest,
  errorCode: number,
): object {
  const isLoading = errorCode === ERROR.COORDINATOR_LOAD_IN_PROGRESS;
  const code = version < 2 && isLoading ? ERROR.COORDINATOR_NOT_AVAILABLE : errorCode;
  return refuseCommit(request, code);
}

/** Consumers before 3.9 look for another coordinator only when they are told NOT_COORDINATOR. */
function refuseFetch(version: number, request: OffsetFetchRequest, errorCode: number): object {
  const code = errorCode === ERROR.COORDINATOR_NOT_AVAILABLE ? ERROR.NOT_COORDINATOR : errorCode;
  if (version < 8) {
    // The first versions have an error code only in the partitions.
    const topics =
      version < 2 ? (request.topics ?? []).map((topic) => refuseTopic(topic, code)) : [];
    return { topics, errorCode: code, groups: [] };
  }
  const groups = request.groups.map(({ groupId }) => ({ groupId, topics: [], errorCode: code }));
  return { topics: [], errorCode: ERROR.NONE, groups };
}

function refuseTopic(
  topic: NonNullable<OffsetFetchRequest['topics']>[number],
  errorCode: number,
): OffsetFetchResponse['topics'][number] {
  const partitions = topic.partitionIndexes.map((partitionIndex) => ({
    partitionIndex,
    committedOffset: -1,
    committedLeaderEpoch: -1,
    metadata: '',
    errorCode,
  }));
  return { name: topic.name, partitions };
}

function refuseDescribe(groupIds: readonly string[], errorCode: number): object {
  return { groups: groupIds.map((groupId) => refusedClassicGroup(groupId, errorCode)) };
}

function refuseDelete(request: DeleteGroupsRequest, errorCode: number): object {
  const results = request.groupsNames.map((groupId) => ({ groupId, errorCode }));
  return { results };
}

function refuseConsumerDescribe(
  request: describe.ConsumerGroupDescribeRequest,
  errorCode: number,
): object {
  const groups = request.groupIds.map((groupId) => refusedConsumerGroup(groupId, errorCode));
  return { groups };
}

function refuseStreamsDescribe(
  request: streamsDescribe.StreamsGroupDescribeRequest,
  errorCode: number,
): object {
  const groups = request.groupIds.map((groupId) => refusedStreamsGroup(groupId, errorCode));
  return { groups };
}
