import { ERROR } from '../../base/kafka-errors.ts';
import type * as api from '../../protocol/schema/68-consumer-group-heartbeat.ts';
import { LEAVE_EPOCH, STATIC_LEAVE_EPOCH } from './consumer/consumer-member.ts';
import type { CoordinatorState } from './coordinator-state.ts';
import { GroupError } from './group-error.ts';

/** From this version on members make their own ids. */
const OWN_MEMBER_ID_VERSION = 1;

/** Refuses requests that no correct client sends. */
export function checkHeartbeat(
  state: CoordinatorState,
  version: number,
  request: api.ConsumerGroupHeartbeatRequest,
): void {
  const { memberEpoch, serverAssignor } = request;
  const needsId =
    version >= OWN_MEMBER_ID_VERSION || memberEpoch > 0 || memberEpoch === LEAVE_EPOCH;
  if (needsId && isBlank(request.memberId)) invalid("MemberId can't be empty.");
  if (isBlank(request.groupId)) invalid("GroupId can't be empty.");
  if (isBlank(request.instanceId)) invalid("InstanceId can't be empty.");
  if (isBlank(request.rackId)) invalid("RackId can't be empty.");
  if (memberEpoch === 0) checkJoin(request);
  else if (memberEpoch === STATIC_LEAVE_EPOCH && request.instanceId === null) {
    invalid("InstanceId can't be null.");
  } else if (memberEpoch < STATIC_LEAVE_EPOCH) invalid('MemberEpoch is invalid.');
  const { consumerAssignors } = state.settings;
  if (serverAssignor !== null && !consumerAssignors.includes(serverAssignor)) {
    throw new GroupError(
      ERROR.UNSUPPORTED_ASSIGNOR,
      `ServerAssignor ${serverAssignor} is not supported. Supported assignors: ` +
        `${consumerAssignors.join(', ')}.`,
    );
  }
}

function checkJoin(request: api.ConsumerGroupHeartbeatRequest): void {
  if (request.rebalanceTimeoutMs === -1) {
    invalid('RebalanceTimeoutMs must be provided in first request.');
  }
  if (request.topicPartitions === null || request.topicPartitions.length > 0) {
    invalid('TopicPartitions must be empty when (re-)joining.');
  }
  if (request.subscribedTopicNames === null && request.subscribedTopicRegex === null) {
    invalid(
      'Either SubscribedTopicNames or SubscribedTopicRegex must be non-null when (re-)joining.',
    );
  }
}

function isBlank(text: string | null): boolean {
  return text !== null && text.trim() === '';
}

function invalid(message: string): never {
  throw new GroupError(ERROR.INVALID_REQUEST, message);
}
