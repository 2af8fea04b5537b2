import { array, int8, int32, int64, message, string, struct, uuid } from '../schema-dsl.ts';

export interface ShareGroupMemberMetadataKey {
  groupId: string;
  memberId: string;
}

export const SHARE_GROUP_MEMBER_METADATA_KEY = message({
  name: 'ShareGroupMemberMetadataKey',
  recordType: 10,
  versions: '0',
  flexible: 'none',
  body: struct<ShareGroupMemberMetadataKey>({
    groupId: string('0'),
    memberId: string('0'),
  }),
});

export interface ShareGroupMemberMetadataValue {
  rackId: string | null;
  clientId: string;
  clientHost: string;
  subscribedTopicNames: string[];
}

export const SHARE_GROUP_MEMBER_METADATA_VALUE = message({
  name: 'ShareGroupMemberMetadataValue',
  recordType: 10,
  versions: '0',
  flexible: '0+',
  body: struct<ShareGroupMemberMetadataValue>({
    rackId: string('0+', { nullable: '0+' }),
    clientId: string('0+'),
    clientHost: string('0+'),
    subscribedTopicNames: array('0+', 'string'),
  }),
});

export interface ShareGroupMetadataKey {
  groupId: string;
}

export const SHARE_GROUP_METADATA_KEY = message({
  name: 'ShareGroupMetadataKey',
  recordType: 11,
  versions: '0',
  flexible: 'none',
  body: struct<ShareGroupMetadataKey>({
    groupId: string('0'),
  }),
});

export interface ShareGroupMetadataValue {
  epoch: number;
  metadataHash: number;
}

export const SHARE_GROUP_METADATA_VALUE = message({
  name: 'ShareGroupMetadataValue',
  recordType: 11,
  versions: '0',
  flexible: '0+',
  body: struct<ShareGroupMetadataValue>({
    epoch: int32('0+'),
    metadataHash: int64('0+', { hash: true }),
  }),
});

export interface ShareGroupTargetAssignmentMetadataKey {
  groupId: string;
}

export const SHARE_GROUP_TARGET_ASSIGNMENT_METADATA_KEY = message({
  name: 'ShareGroupTargetAssignmentMetadataKey',
  recordType: 12,
  versions: '0',
  flexible: 'none',
  body: struct<ShareGroupTargetAssignmentMetadataKey>({
    groupId: string('0'),
  }),
});

export interface ShareGroupTargetAssignmentMetadataValue {
  assignmentEpoch: number;
  assignmentTimestamp: number;
}

export const SHARE_GROUP_TARGET_ASSIGNMENT_METADATA_VALUE = message({
  name: 'ShareGroupTargetAssignmentMetadataValue',
  recordType: 12,
  versions: '0',
  flexible: '0+',
  body: struct<ShareGroupTargetAssignmentMetadataValue>({
    assignmentEpoch: int32('0+'),
    assignmentTimestamp: int64('0+', { tag: 0, tagged: '0+', default: 0, ignorable: true }),
  }),
});

export interface ShareGroupTargetAssignmentMemberKey {
  groupId: string;
  memberId: string;
}

export const SHARE_GROUP_TARGET_ASSIGNMENT_MEMBER_KEY = message({
  name: 'ShareGroupTargetAssignmentMemberKey',
  recordType: 13,
  versions: '0',
  flexible: 'none',
  body: struct<ShareGroupTargetAssignmentMemberKey>({
    groupId: string('0'),
    memberId: string('0'),
  }),
});

export interface ShareGroupTargetAssignmentMemberValue {
  topicPartitions: ShareGroupTargetAssignmentMemberValueTopicPartition[];
}

export interface ShareGroupTargetAssignmentMemberValueTopicPartition {
  topicId: string;
  partitions: number[];
}

export const SHARE_GROUP_TARGET_ASSIGNMENT_MEMBER_VALUE = message({
  name: 'ShareGroupTargetAssignmentMemberValue',
  recordType: 13,
  versions: '0',
  flexible: '0+',
  body: struct<ShareGroupTargetAssignmentMemberValue>({
    topicPartitions: array(
      '0+',
      struct<ShareGroupTargetAssignmentMemberValueTopicPartition>({
        topicId: uuid('0+'),
        partitions: array('0+', 'int32'),
      }),
    ),
  }),
});

export interface ShareGroupCurrentMemberAssignmentKey {
  groupId: string;
  memberId: string;
}

export const SHARE_GROUP_CURRENT_MEMBER_ASSIGNMENT_KEY = message({
  name: 'ShareGroupCurrentMemberAssignmentKey',
  recordType: 14,
  versions: '0',
  flexible: 'none',
  body: struct<ShareGroupCurrentMemberAssignmentKey>({
    groupId: string('0'),
    memberId: string('0'),
  }),
});

export interface ShareGroupCurrentMemberAssignmentValue {
  memberEpoch: number;
  previousMemberEpoch: number;
  state: number;
  assignedPartitions: ShareGroupCurrentMemberAssignmentValueTopicPartitions[];
}

export interface ShareGroupCurrentMemberAssignmentValueTopicPartitions {
  topicId: string;
  partitions: number[];
}

const shareGroupCurrentMemberAssignmentValueTopicPartitions =
  struct<ShareGroupCurrentMemberAssignmentValueTopicPartitions>({
    topicId: uuid('0+'),
    partitions: array('0+', 'int32'),
  });

export const SHARE_GROUP_CURRENT_MEMBER_ASSIGNMENT_VALUE = message({
  name: 'ShareGroupCurrentMemberAssignmentValue',
  recordType: 14,
  versions: '0',
  flexible: '0+',
  body: struct<ShareGroupCurrentMemberAssignmentValue>({
    memberEpoch: int32('0+'),
    previousMemberEpoch: int32('0+'),
    state: int8('0+'),
    assignedPartitions: array('0+', shareGroupCurrentMemberAssignmentValueTopicPartitions),
  }),
});

export interface ShareGroupStatePartitionMetadataKey {
  groupId: string;
}

export const SHARE_GROUP_STATE_PARTITION_METADATA_KEY = message({
  name: 'ShareGroupStatePartitionMetadataKey',
  recordType: 15,
  versions: '0',
  flexible: 'none',
  body: struct<ShareGroupStatePartitionMetadataKey>({
    groupId: string('0'),
  }),
});

export interface ShareGroupStatePartitionMetadataValue {
  initializingTopics: ShareGroupStatePartitionMetadataValueTopicPartitionsInfo[];
  initializedTopics: ShareGroupStatePartitionMetadataValueTopicPartitionsInfo[];
  deletingTopics: ShareGroupStatePartitionMetadataValueTopicInfo[];
}

export interface ShareGroupStatePartitionMetadataValueTopicPartitionsInfo {
  topicId: string;
  topicName: string;
  partitions: number[];
}

export interface ShareGroupStatePartitionMetadataValueTopicInfo {
  topicId: string;
  topicName: string;
}

const shareGroupStatePartitionMetadataValueTopicPartitionsInfo =
  struct<ShareGroupStatePartitionMetadataValueTopicPartitionsInfo>({
    topicId: uuid('0+'),
    topicName: string('0+'),
    partitions: array('0+', 'int32'),
  });

const shareGroupStatePartitionMetadataValueTopicInfo =
  struct<ShareGroupStatePartitionMetadataValueTopicInfo>({
    topicId: uuid('0+'),
    topicName: string('0+'),
  });

export const SHARE_GROUP_STATE_PARTITION_METADATA_VALUE = message({
  name: 'ShareGroupStatePartitionMetadataValue',
  recordType: 15,
  versions: '0',
  flexible: '0+',
  body: struct<ShareGroupStatePartitionMetadataValue>({
    initializingTopics: array('0+', shareGroupStatePartitionMetadataValueTopicPartitionsInfo),
    initializedTopics: array('0+', shareGroupStatePartitionMetadataValueTopicPartitionsInfo),
    deletingTopics: array('0+', shareGroupStatePartitionMetadataValueTopicInfo),
  }),
});
