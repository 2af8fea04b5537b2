import { MillraceError } from '../base/errors.ts';
import type { API } from '../protocol/api-keys.ts';
import type { ResponseOf } from '../protocol/api-registry.ts';
import { decodeVersionedLenient } from '../protocol/message-bytes.ts';
import { CONSUMER_PROTOCOL_ASSIGNMENT } from '../protocol/schema/consumer-protocol.ts';

type ClassicGroup = ResponseOf<typeof API.DESCRIBE_GROUPS>['groups'][number];
type ConsumerGroup = ResponseOf<typeof API.CONSUMER_GROUP_DESCRIBE>['groups'][number];

export interface AssignedTopic {
  readonly topic: string;
  readonly partitions: readonly number[];
}

export interface GroupMember {
  readonly memberId: string;
  readonly instanceId: string | null;
  readonly clientId: string;
  readonly clientHost: string;
  /** -1 in a classic group, where the generation is the group's. */
  readonly memberEpoch: number;
  /** Null where it is not a consumer's, or not readable. */
  readonly assignment: readonly AssignedTopic[] | null;
}

export interface DescribedGroup {
  readonly groupId: string;
  readonly type: 'classic' | 'consumer';
  readonly protocolType: string;
  readonly state: string;
  readonly assignor: string;
  /** -1 in a classic group, which does not tell its generation. */
  readonly groupEpoch: number;
  readonly members: readonly GroupMember[];
}

const CONSUMER = 'consumer';
const NO_EPOCH = -1;

export function describeClassicGroup(group: ClassicGroup): DescribedGroup {
  return {
    groupId: group.groupId,
    type: 'classic',
    protocolType: group.protocolType,
    state: group.groupState,
    assignor: group.protocolData,
    groupEpoch: NO_EPOCH,
    members: group.members.map((member) => ({
      memberId: member.memberId,
      instanceId: member.groupInstanceId,
      clientId: member.clientId,
      clientHost: member.clientHost,
      memberEpoch: NO_EPOCH,
      assignment: group.protocolType === CONSUMER ? readAssignment(member) : null,
    })),
  };
}

/** Members write these bytes themselves, so unreadable ones are shown as unreadable. */
function readAssignment(member: ClassicGroup['members'][number]): readonly AssignedTopic[] | null {
  if (member.memberAssignment.length === 0) return [];
  try {
    const bytes = member.memberAssignment;
    return decodeVersionedLenient(CONSUMER_PROTOCOL_ASSIGNMENT, bytes).assignedPartitions;
  } catch (thrown) {
    if (thrown instanceof MillraceError) return null;
    throw thrown;
  }
}

export function describeConsumerGroup(group: ConsumerGroup): DescribedGroup {
  return {
    groupId: group.groupId,
    type: 'consumer',
    protocolType: CONSUMER,
    state: group.groupState,
    assignor: group.assignorName,
    groupEpoch: group.groupEpoch,
    members: group.members.map((member) => ({
      memberId: member.memberId,
      instanceId: member.instanceId,
      clientId: member.clientId,
      clientHost: member.clientHost,
      memberEpoch: member.memberEpoch,
      assignment: member.assignment.topicPartitions.map(({ topicName, partitions }) => ({
        topic: topicName,
        partitions,
      })),
    })),
  };
}
