import { OPERATIONS_NOT_ASKED } from './operations-not-asked.ts';
import type * as classic from './schema/15-describe-groups.ts';
import type * as consumerHeartbeat from './schema/68-consumer-group-heartbeat.ts';
import type * as consumer from './schema/69-consumer-group-describe.ts';
import type * as streamsHeartbeat from './schema/88-streams-group-heartbeat.ts';
import type * as streams from './schema/89-streams-group-describe.ts';
import type { Unthrottled } from './throttle-time.ts';

/** Answers of group coordinators that hold an error and nothing else. */

/** In the answer to DescribeGroups. */
export function refusedClassicGroup(
  groupId: string,
  errorCode: number,
): classic.DescribeGroupsResponseDescribedGroup {
  return {
    errorCode,
    errorMessage: null,
    groupId,
    groupState: '',
    protocolType: '',
    protocolData: '',
    members: [],
    authorizedOperations: OPERATIONS_NOT_ASKED,
  };
}

export function refusedConsumerHeartbeat(
  errorCode: number,
  errorMessage: string | null = null,
): Unthrottled<consumerHeartbeat.ConsumerGroupHeartbeatResponse> {
  return {
    errorCode,
    errorMessage,
    memberId: null,
    memberEpoch: 0,
    heartbeatIntervalMs: 0,
    assignment: null,
  };
}

/** In the answer to ConsumerGroupDescribe. */
export function refusedConsumerGroup(
  groupId: string,
  errorCode: number,
  errorMessage: string | null = null,
): consumer.ConsumerGroupDescribeResponseDescribedGroup {
  return {
    errorCode,
    errorMessage,
    groupId,
    groupState: '',
    groupEpoch: 0,
    assignmentEpoch: 0,
    assignorName: '',
    members: [],
    authorizedOperations: OPERATIONS_NOT_ASKED,
  };
}

/** Without an error code it is the answer to a member that leaves. */
export function refusedStreamsHeartbeat(
  errorCode: number,
  errorMessage: string | null = null,
): Unthrottled<streamsHeartbeat.StreamsGroupHeartbeatResponse> {
  return {
    errorCode,
    errorMessage,
    memberId: '',
    memberEpoch: 0,
    heartbeatIntervalMs: 0,
    acceptableRecoveryLag: 0,
    taskOffsetIntervalMs: 0,
    status: [],
    activeTasks: null,
    standbyTasks: null,
    warmupTasks: null,
    endpointInformationEpoch: 0,
    partitionsByUserEndpoint: null,
  };
}

/** In the answer to StreamsGroupDescribe. */
export function refusedStreamsGroup(
  groupId: string,
  errorCode: number,
  errorMessage: string | null = null,
): streams.StreamsGroupDescribeResponseDescribedGroup {
  return {
    errorCode,
    errorMessage,
    groupId,
    groupState: '',
    groupEpoch: 0,
    assignmentEpoch: 0,
    topology: null,
    members: [],
    authorizedOperations: OPERATIONS_NOT_ASKED,
  };
}
