import {
  array,
  bytes,
  int8,
  int32,
  int64,
  message,
  nested,
  string,
  struct,
  uuid,
} from '../schema-dsl.ts';

export interface ConsumerGroupMetadataKey {
  groupId: string;
}

export const CONSUMER_GROUP_METADATA_KEY = message({
  name: 'ConsumerGroupMetadataKey',
  recordType: 3,
  versions: '0',
  flexible: 'none',
  body: struct<ConsumerGroupMetadataKey>({
    groupId: string('0'),
  }),
});

export interface ConsumerGroupMetadataValue {
  epoch: number;
  metadataHash: number;
}

export const CONSUMER_GROUP_METADATA_VALUE = message({
  name: 'ConsumerGroupMetadataValue',
  recordType: 3,
  versions: '0',
  flexible: '0+',
  body: struct<ConsumerGroupMetadataValue>({
    epoch: int32('0+'),
    metadataHash: int64('0+', { tag: 0, tagged: '0+', default: 0, hash: true }),
  }),
});

export interface ConsumerGroupPartitionMetadataKey {
  groupId: string;
}

export const CONSUMER_GROUP_PARTITION_METADATA_KEY = message({
  name: 'ConsumerGroupPartitionMetadataKey',
  recordType: 4,
  versions: '0',
  flexible: 'none',
  body: struct<ConsumerGroupPartitionMetadataKey>({
    groupId: string('0'),
  }),
});

export interface ConsumerGroupPartitionMetadataValue {
  topics: ConsumerGroupPartitionMetadataValueTopicMetadata[];
}

export interface ConsumerGroupPartitionMetadataValueTopicMetadata {
  topicId: string;
  topicName: string;
  numPartitions: number;
  partitionMetadata: ConsumerGroupPartitionMetadataValuePartitionMetadata[];
}

export interface ConsumerGroupPartitionMetadataValuePartitionMetadata {
  partition: number;
  racks: string[];
}

export const CONSUMER_GROUP_PARTITION_METADATA_VALUE = message({
  name: 'ConsumerGroupPartitionMetadataValue',
  recordType: 4,
  versions: '0',
  flexible: '0+',
  body: struct<ConsumerGroupPartitionMetadataValue>({
    topics: array(
      '0+',
      struct<ConsumerGroupPartitionMetadataValueTopicMetadata>({
        topicId: uuid('0+'),
        topicName: string('0+'),
        numPartitions: int32('0+'),
        partitionMetadata: array(
          '0+',
          struct<ConsumerGroupPartitionMetadataValuePartitionMetadata>({
            partition: int32('0+'),
            racks: array('0+', 'string'),
          }),
        ),
      }),
    ),
  }),
});

export interface ConsumerGroupMemberMetadataKey {
  groupId: string;
  memberId: string;
}

export const CONSUMER_GROUP_MEMBER_METADATA_KEY = message({
  name: 'ConsumerGroupMemberMetadataKey',
  recordType: 5,
  versions: '0',
  flexible: 'none',
  body: struct<ConsumerGroupMemberMetadataKey>({
    groupId: string('0'),
    memberId: string('0'),
  }),
});

export interface ConsumerGroupMemberMetadataValue {
  instanceId: string | null;
  rackId: string | null;
  clientId: string;
  clientHost: string;
  subscribedTopicNames: string[];
  subscribedTopicRegex: string | null;
  rebalanceTimeoutMs: number;
  serverAssignor: string | null;
  classicMemberMetadata: ConsumerGroupMemberMetadataValueClassicMemberMetadata | null;
}

export interface ConsumerGroupMemberMetadataValueClassicMemberMetadata {
  sessionTimeoutMs: number;
  supportedProtocols: ConsumerGroupMemberMetadataValueClassicProtocol[];
}

export interface ConsumerGroupMemberMetadataValueClassicProtocol {
  name: string;
  metadata: Buffer;
}

export const CONSUMER_GROUP_MEMBER_METADATA_VALUE = message({
  name: 'ConsumerGroupMemberMetadataValue',
  recordType: 5,
  versions: '0',
  flexible: '0+',
  body: struct<ConsumerGroupMemberMetadataValue>({
    instanceId: string('0+', { nullable: '0+' }),
    rackId: string('0+', { nullable: '0+' }),
    clientId: string('0+'),
    clientHost: string('0+'),
    subscribedTopicNames: array('0+', 'string'),
    subscribedTopicRegex: string('0+', { nullable: '0+' }),
    rebalanceTimeoutMs: int32('0+', { default: -1 }),
    serverAssignor: string('0+', { nullable: '0+' }),
    classicMemberMetadata: nested(
      '0+',
      struct<ConsumerGroupMemberMetadataValueClassicMemberMetadata>({
        sessionTimeoutMs: int32('0+'),
        supportedProtocols: array(
          '0+',
          struct<ConsumerGroupMemberMetadataValueClassicProtocol>({
            name: string('0+'),
            metadata: bytes('0+'),
          }),
        ),
      }),
      { nullable: '0+', tag: 0, tagged: '0+', default: null },
    ),
  }),
});

export interface ConsumerGroupTargetAssignmentMetadataKey {
  groupId: string;
}

export const CONSUMER_GROUP_TARGET_ASSIGNMENT_METADATA_KEY = message({
  name: 'ConsumerGroupTargetAssignmentMetadataKey',
  recordType: 6,
  versions: '0',
  flexible: 'none',
  body: struct<ConsumerGroupTargetAssignmentMetadataKey>({
    groupId: string('0'),
  }),
});

export interface ConsumerGroupTargetAssignmentMetadataValue {
  assignmentEpoch: number;
  assignmentTimestamp: number;
}

export const CONSUMER_GROUP_TARGET_ASSIGNMENT_METADATA_VALUE = message({
  name: 'ConsumerGroupTargetAssignmentMetadataValue',
  recordType: 6,
  versions: '0',
  flexible: '0+',
  body: struct<ConsumerGroupTargetAssignmentMetadataValue>({
    assignmentEpoch: int32('0+'),
    assignmentTimestamp: int64('0+', { tag: 0, tagged: '0+', default: 0, ignorable: true }),
  }),
});

export interface ConsumerGroupTargetAssignmentMemberKey {
  groupId: string;
  memberId: string;
}

export const CONSUMER_GROUP_TARGET_ASSIGNMENT_MEMBER_KEY = message({
  name: 'ConsumerGroupTargetAssignmentMemberKey',
  recordType: 7,
  versions: '0',
  flexible: 'none',
  body: struct<ConsumerGroupTargetAssignmentMemberKey>({
    groupId: string('0'),
    memberId: string('0'),
  }),
});

export interface ConsumerGroupTargetAssignmentMemberValue {
  topicPartitions: ConsumerGroupTargetAssignmentMemberValueTopicPartition[];
}

export interface ConsumerGroupTargetAssignmentMemberValueTopicPartition {
  topicId: string;
  partitions: number[];
}

export const CONSUMER_GROUP_TARGET_ASSIGNMENT_MEMBER_VALUE = message({
  name: 'ConsumerGroupTargetAssignmentMemberValue',
  recordType: 7,
  versions: '0',
  flexible: '0+',
  body: struct<ConsumerGroupTargetAssignmentMemberValue>({
    topicPartitions: array(
      '0+',
      struct<ConsumerGroupTargetAssignmentMemberValueTopicPartition>({
        topicId: uuid('0+'),
        partitions: array('0+', 'int32'),
      }),
    ),
  }),
});

export interface ConsumerGroupCurrentMemberAssignmentKey {
  groupId: string;
  memberId: string;
}

export const CONSUMER_GROUP_CURRENT_MEMBER_ASSIGNMENT_KEY = message({
  name: 'ConsumerGroupCurrentMemberAssignmentKey',
  recordType: 8,
  versions: '0',
  flexible: 'none',
  body: struct<ConsumerGroupCurrentMemberAssignmentKey>({
    groupId: string('0'),
    memberId: string('0'),
  }),
});

export interface ConsumerGroupCurrentMemberAssignmentValue {
  memberEpoch: number;
  previousMemberEpoch: number;
  state: number;
  assignedPartitions: ConsumerGroupCurrentMemberAssignmentValueTopicPartitions[];
  partitionsPendingRevocation: ConsumerGroupCurrentMemberAssignmentValueTopicPartitions[];
}

export interface ConsumerGroupCurrentMemberAssignmentValueTopicPartitions {
  topicId: string;
  partitions: number[];
  assignmentEpochs: number[] | null;
}

const consumerGroupCurrentMemberAssignmentValueTopicPartitions =
  struct<ConsumerGroupCurrentMemberAssignmentValueTopicPartitions>({
    topicId: uuid('0+'),
    partitions: array('0+', 'int32'),
    assignmentEpochs: array('0+', 'int32', { nullable: '0+', tag: 0, tagged: '0+', default: null }),
  });

export const CONSUMER_GROUP_CURRENT_MEMBER_ASSIGNMENT_VALUE = message({
  name: 'ConsumerGroupCurrentMemberAssignmentValue',
  recordType: 8,
  versions: '0',
  flexible: '0+',
  body: struct<ConsumerGroupCurrentMemberAssignmentValue>({
    memberEpoch: int32('0+'),
    previousMemberEpoch: int32('0+'),
    state: int8('0+'),
    assignedPartitions: array('0+', consumerGroupCurrentMemberAssignmentValueTopicPartitions),
    partitionsPendingRevocation: array(
      '0+',
      consumerGroupCurrentMemberAssignmentValueTopicPartitions,
    ),
  }),
});

export interface ConsumerGroupRegularExpressionKey {
  groupId: string;
  regularExpression: string;
}

export const CONSUMER_GROUP_REGULAR_EXPRESSION_KEY = message({
  name: 'ConsumerGroupRegularExpressionKey',
  recordType: 16,
  versions: '0',
  flexible: 'none',
  body: struct<ConsumerGroupRegularExpressionKey>({
    groupId: string('0'),
    regularExpression: string('0'),
  }),
});

export interface ConsumerGroupRegularExpressionValue {
  topics: string[];
  version: number;
  timestamp: number;
}

export const CONSUMER_GROUP_REGULAR_EXPRESSION_VALUE = message({
  name: 'ConsumerGroupRegularExpressionValue',
  recordType: 16,
  versions: '0',
  flexible: '0+',
  body: struct<ConsumerGroupRegularExpressionValue>({
    topics: array('0+', 'string'),
    version: int64('0+'),
    timestamp: int64('0+'),
  }),
});
