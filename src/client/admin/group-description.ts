import { MillraceError } from '../../base/errors.ts';
import type { API } from '../../protocol/api-keys.ts';
import type { ResponseOf } from '../../protocol/api-registry.ts';
import { decodeVersionedLenient } from '../../protocol/message-bytes.ts';
import { CONSUMER_PROTOCOL_ASSIGNMENT } from '../../protocol/schema/consumer-protocol.ts';
import type { BrokerNode } from '../net/network.ts';
import type { AssignedTopic, GroupMember } from './group-member.ts';

/** A group of consumers: by the classic protocol, by KIP-848, or one that shares (KIP-932). */
export interface GroupDescription {
  readonly groupId: string;
  readonly type: 'classic' | 'consumer' | 'share';
  /** `consumer`, or of a classic group whatever its members say (`connect`). */
  readonly protocolType: string;
  /** `Stable`, `Empty`, …, as Kafka names the states. */
  readonly state: string;
  readonly assignor: string;
  /** -1 in a classic group, which does not tell its generation. */
  readonly groupEpoch: number;
  /** The epoch of the last target assignment; -1 in a classic group. */
  readonly assignmentEpoch: number;
  readonly members: readonly GroupMember[];
  readonly coordinator: BrokerNode;
}

const CONSUMER = 'consumer';
const NO_EPOCH = -1;

type ClassicGroup = ResponseOf<typeof API.DESCRIBE_GROUPS>['groups'][number];
type ConsumerGroup = ResponseOf<typeof API.CONSUMER_GROUP_DESCRIBE>['groups'][number];
type ShareGroup = ResponseOf<typeof API.SHARE_GROUP_DESCRIBE>['groups'][number];
type Assignment = ConsumerGroup['members'][number]['assignment'];

export function classicGroup(group: ClassicGroup, coordinator: BrokerNode): GroupDescription {
  return {
    groupId: group.groupId,
    type: 'classic',
    protocolType: group.protocolType,
    state: group.groupState,
    assignor: group.protocolData,
    groupEpoch: NO_EPOCH,
    assignmentEpoch: NO_EPOCH,
    members: group.members.map((member) => ({
      memberId: member.memberId,
      instanceId: member.groupInstanceId,
      clientId: member.clientId,
      clientHost: member.clientHost,
      rackId: null,
      memberEpoch: NO_EPOCH,
      subscribedTopics: [],
      assignment: group.protocolType === CONSUMER ? readAssignment(member.memberAssignment) : null,
      targetAssignment: null,
    })),
    coordinator,
  };
}

/** Members write these bytes themselves, so unreadable ones are shown as unreadable. */
function readAssignment(bytes: Buffer): readonly AssignedTopic[] | null {
  if (bytes.length === 0) return [];
  try {
    return decodeVersionedLenient(CONSUMER_PROTOCOL_ASSIGNMENT, bytes).assignedPartitions;
  } catch (thrown) {
    if (thrown instanceof MillraceError) return null;
    throw thrown;
  }
}

export function consumerGroup(group: ConsumerGroup, coordinator: BrokerNode): GroupDescription {
  return {
    groupId: group.groupId,
    type: 'consumer',
    protocolType: CONSUMER,
    state: group.groupState,
    assignor: group.assignorName,
    groupEpoch: group.groupEpoch,
    assignmentEpoch: group.assignmentEpoch,
    members: group.members.map((member) => ({
      memberId: member.memberId,
      instanceId: member.instanceId,
      clientId: member.clientId,
      clientHost: member.clientHost,
      rackId: member.rackId,
      memberEpoch: member.memberEpoch,
      subscribedTopics: member.subscribedTopicNames,
      assignment: assigned(member.assignment),
      targetAssignment: assigned(member.targetAssignment),
    })),
    coordinator,
  };
}

export function shareGroup(group: ShareGroup, coordinator: BrokerNode): GroupDescription {
  return {
    groupId: group.groupId,
    type: 'share',
    protocolType: 'share',
    state: group.groupState,
    assignor: group.assignorName,
    groupEpoch: group.groupEpoch,
    assignmentEpoch: group.assignmentEpoch,
    members: group.members.map((member) => ({
      memberId: member.memberId,
      instanceId: null,
      clientId: member.clientId,
      clientHost: member.clientHost,
      rackId: member.rackId,
      memberEpoch: member.memberEpoch,
      subscribedTopics: member.subscribedTopicNames,
      assignment: assigned(member.assignment),
      targetAssignment: null,
    })),
    coordinator,
  };
}

function assigned({ topicPartitions }: Assignment): AssignedTopic[] {
  return topicPartitions.map(({ topicName: topic, partitions }) => ({ topic, partitions }));
}
