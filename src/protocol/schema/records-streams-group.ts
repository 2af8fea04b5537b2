import {
  array,
  int8,
  int16,
  int32,
  int64,
  message,
  nested,
  string,
  struct,
  uint16,
} from '../schema-dsl.ts';

export interface StreamsGroupMetadataKey {
  groupId: string;
}

export const STREAMS_GROUP_METADATA_KEY = message({
  name: 'StreamsGroupMetadataKey',
  recordType: 17,
  versions: '0',
  flexible: 'none',
  body: struct<StreamsGroupMetadataKey>({
    groupId: string('0'),
  }),
});

export interface StreamsGroupMetadataValue {
  epoch: number;
  metadataHash: number;
  validatedTopologyEpoch: number;
  lastAssignmentConfigs: StreamsGroupMetadataValueLastAssignmentConfig[] | null;
}

export interface StreamsGroupMetadataValueLastAssignmentConfig {
  key: string;
  value: string;
}

const streamsGroupMetadataValueLastAssignmentConfig =
  struct<StreamsGroupMetadataValueLastAssignmentConfig>({
    key: string('0+'),
    value: string('0+'),
  });

export const STREAMS_GROUP_METADATA_VALUE = message({
  name: 'StreamsGroupMetadataValue',
  recordType: 17,
  versions: '0',
  flexible: '0+',
  body: struct<StreamsGroupMetadataValue>({
    epoch: int32('0+'),
    metadataHash: int64('0+', { hash: true }),
    validatedTopologyEpoch: int32('0+', { tag: 0, tagged: '0+', default: -1 }),
    lastAssignmentConfigs: array('0+', streamsGroupMetadataValueLastAssignmentConfig, {
      nullable: '0+',
      tag: 1,
      tagged: '0+',
      default: null,
    }),
  }),
});

export interface StreamsGroupMemberMetadataKey {
  groupId: string;
  memberId: string;
}

export const STREAMS_GROUP_MEMBER_METADATA_KEY = message({
  name: 'StreamsGroupMemberMetadataKey',
  recordType: 19,
  versions: '0',
  flexible: 'none',
  body: struct<StreamsGroupMemberMetadataKey>({
    groupId: string('0'),
    memberId: string('0'),
  }),
});

export interface StreamsGroupMemberMetadataValue {
  instanceId: string | null;
  rackId: string | null;
  clientId: string;
  clientHost: string;
  rebalanceTimeoutMs: number;
  topologyEpoch: number;
  processId: string;
  userEndpoint: StreamsGroupMemberMetadataValueEndpoint | null;
  clientTags: StreamsGroupMemberMetadataValueKeyValue[];
}

export interface StreamsGroupMemberMetadataValueEndpoint {
  host: string;
  port: number;
}

export interface StreamsGroupMemberMetadataValueKeyValue {
  key: string;
  value: string;
}

const streamsGroupMemberMetadataValueEndpoint = struct<StreamsGroupMemberMetadataValueEndpoint>({
  host: string('0+'),
  port: uint16('0+'),
});

const streamsGroupMemberMetadataValueKeyValue = struct<StreamsGroupMemberMetadataValueKeyValue>({
  key: string('0+'),
  value: string('0+'),
});

export const STREAMS_GROUP_MEMBER_METADATA_VALUE = message({
  name: 'StreamsGroupMemberMetadataValue',
  recordType: 19,
  versions: '0',
  flexible: '0+',
  body: struct<StreamsGroupMemberMetadataValue>({
    instanceId: string('0+', { nullable: '0+' }),
    rackId: string('0+', { nullable: '0+' }),
    clientId: string('0+'),
    clientHost: string('0+'),
    rebalanceTimeoutMs: int32('0+', { default: -1 }),
    topologyEpoch: int32('0+'),
    processId: string('0+'),
    userEndpoint: nested('0+', streamsGroupMemberMetadataValueEndpoint, {
      nullable: '0+',
      default: null,
    }),
    clientTags: array('0+', streamsGroupMemberMetadataValueKeyValue),
  }),
});

export interface StreamsGroupTargetAssignmentMetadataKey {
  groupId: string;
}

export const STREAMS_GROUP_TARGET_ASSIGNMENT_METADATA_KEY = message({
  name: 'StreamsGroupTargetAssignmentMetadataKey',
  recordType: 20,
  versions: '0',
  flexible: 'none',
  body: struct<StreamsGroupTargetAssignmentMetadataKey>({
    groupId: string('0'),
  }),
});

export interface StreamsGroupTargetAssignmentMetadataValue {
  assignmentEpoch: number;
  assignmentTimestamp: number;
}

export const STREAMS_GROUP_TARGET_ASSIGNMENT_METADATA_VALUE = message({
  name: 'StreamsGroupTargetAssignmentMetadataValue',
  recordType: 20,
  versions: '0',
  flexible: '0+',
  body: struct<StreamsGroupTargetAssignmentMetadataValue>({
    assignmentEpoch: int32('0+'),
    assignmentTimestamp: int64('0+', { tag: 0, tagged: '0+', default: 0, ignorable: true }),
  }),
});

export interface StreamsGroupTargetAssignmentMemberKey {
  groupId: string;
  memberId: string;
}

export const STREAMS_GROUP_TARGET_ASSIGNMENT_MEMBER_KEY = message({
  name: 'StreamsGroupTargetAssignmentMemberKey',
  recordType: 21,
  versions: '0',
  flexible: 'none',
  body: struct<StreamsGroupTargetAssignmentMemberKey>({
    groupId: string('0'),
    memberId: string('0'),
  }),
});

export interface StreamsGroupTargetAssignmentMemberValue {
  activeTasks: StreamsGroupTargetAssignmentMemberValueTaskIds[];
  standbyTasks: StreamsGroupTargetAssignmentMemberValueTaskIds[];
  warmupTasks: StreamsGroupTargetAssignmentMemberValueTaskIds[];
}

export interface StreamsGroupTargetAssignmentMemberValueTaskIds {
  subtopologyId: string;
  partitions: number[];
}

const streamsGroupTargetAssignmentMemberValueTaskIds =
  struct<StreamsGroupTargetAssignmentMemberValueTaskIds>({
    subtopologyId: string('0+'),
    partitions: array('0+', 'int32'),
  });

export const STREAMS_GROUP_TARGET_ASSIGNMENT_MEMBER_VALUE = message({
  name: 'StreamsGroupTargetAssignmentMemberValue',
  recordType: 21,
  versions: '0',
  flexible: '0+',
  body: struct<StreamsGroupTargetAssignmentMemberValue>({
    activeTasks: array('0+', streamsGroupTargetAssignmentMemberValueTaskIds),
    standbyTasks: array('0+', streamsGroupTargetAssignmentMemberValueTaskIds),
    warmupTasks: array('0+', streamsGroupTargetAssignmentMemberValueTaskIds),
  }),
});

export interface StreamsGroupCurrentMemberAssignmentKey {
  groupId: string;
  memberId: string;
}

export const STREAMS_GROUP_CURRENT_MEMBER_ASSIGNMENT_KEY = message({
  name: 'StreamsGroupCurrentMemberAssignmentKey',
  recordType: 22,
  versions: '0',
  flexible: 'none',
  body: struct<StreamsGroupCurrentMemberAssignmentKey>({
    groupId: string('0'),
    memberId: string('0'),
  }),
});

export interface StreamsGroupCurrentMemberAssignmentValue {
  memberEpoch: number;
  previousMemberEpoch: number;
  state: number;
  activeTasks: StreamsGroupCurrentMemberAssignmentValueTaskIds[];
  standbyTasks: StreamsGroupCurrentMemberAssignmentValueTaskIds[];
  warmupTasks: StreamsGroupCurrentMemberAssignmentValueTaskIds[];
  activeTasksPendingRevocation: StreamsGroupCurrentMemberAssignmentValueTaskIds[];
  standbyTasksPendingRevocation: StreamsGroupCurrentMemberAssignmentValueTaskIds[];
  warmupTasksPendingRevocation: StreamsGroupCurrentMemberAssignmentValueTaskIds[];
}

export interface StreamsGroupCurrentMemberAssignmentValueTaskIds {
  subtopologyId: string;
  partitions: number[];
  assignmentEpochs: number[] | null;
}

const streamsGroupCurrentMemberAssignmentValueTaskIds =
  struct<StreamsGroupCurrentMemberAssignmentValueTaskIds>({
    subtopologyId: string('0+'),
    partitions: array('0+', 'int32'),
    assignmentEpochs: array('0+', 'int32', { nullable: '0+', tag: 0, tagged: '0+', default: null }),
  });

export const STREAMS_GROUP_CURRENT_MEMBER_ASSIGNMENT_VALUE = message({
  name: 'StreamsGroupCurrentMemberAssignmentValue',
  recordType: 22,
  versions: '0',
  flexible: '0+',
  body: struct<StreamsGroupCurrentMemberAssignmentValue>({
    memberEpoch: int32('0+'),
    previousMemberEpoch: int32('0+'),
    state: int8('0+'),
    activeTasks: array('0+', streamsGroupCurrentMemberAssignmentValueTaskIds),
    standbyTasks: array('0+', streamsGroupCurrentMemberAssignmentValueTaskIds),
    warmupTasks: array('0+', streamsGroupCurrentMemberAssignmentValueTaskIds),
    activeTasksPendingRevocation: array('0+', streamsGroupCurrentMemberAssignmentValueTaskIds),
    standbyTasksPendingRevocation: array('0+', streamsGroupCurrentMemberAssignmentValueTaskIds),
    warmupTasksPendingRevocation: array('0+', streamsGroupCurrentMemberAssignmentValueTaskIds),
  }),
});

export interface StreamsGroupTopologyKey {
  groupId: string;
}

export const STREAMS_GROUP_TOPOLOGY_KEY = message({
  name: 'StreamsGroupTopologyKey',
  recordType: 23,
  versions: '0',
  flexible: 'none',
  body: struct<StreamsGroupTopologyKey>({
    groupId: string('0'),
  }),
});

export interface StreamsGroupTopologyValue {
  epoch: number;
  subtopologies: StreamsGroupTopologyValueSubtopology[];
}

export interface StreamsGroupTopologyValueSubtopology {
  subtopologyId: string;
  sourceTopics: string[];
  sourceTopicRegex: string[];
  stateChangelogTopics: StreamsGroupTopologyValueTopicInfo[];
  repartitionSinkTopics: string[];
  repartitionSourceTopics: StreamsGroupTopologyValueTopicInfo[];
  copartitionGroups: StreamsGroupTopologyValueCopartitionGroup[];
}

export interface StreamsGroupTopologyValueTopicInfo {
  name: string;
  partitions: number;
  replicationFactor: number;
  topicConfigs: StreamsGroupTopologyValueTopicConfig[];
}

export interface StreamsGroupTopologyValueTopicConfig {
  key: string;
  value: string;
}

export interface StreamsGroupTopologyValueCopartitionGroup {
  sourceTopics: number[];
  sourceTopicRegex: number[];
  repartitionSourceTopics: number[];
}

const streamsGroupTopologyValueTopicConfig = struct<StreamsGroupTopologyValueTopicConfig>({
  key: string('0+'),
  value: string('0+'),
});

const streamsGroupTopologyValueTopicInfo = struct<StreamsGroupTopologyValueTopicInfo>({
  name: string('0+'),
  partitions: int32('0+'),
  replicationFactor: int16('0+'),
  topicConfigs: array('0+', streamsGroupTopologyValueTopicConfig),
});

export const STREAMS_GROUP_TOPOLOGY_VALUE = message({
  name: 'StreamsGroupTopologyValue',
  recordType: 23,
  versions: '0',
  flexible: '0+',
  body: struct<StreamsGroupTopologyValue>({
    epoch: int32('0+'),
    subtopologies: array(
      '0+',
      struct<StreamsGroupTopologyValueSubtopology>({
        subtopologyId: string('0+'),
        sourceTopics: array('0+', 'string'),
        sourceTopicRegex: array('0+', 'string'),
        stateChangelogTopics: array('0+', streamsGroupTopologyValueTopicInfo),
        repartitionSinkTopics: array('0+', 'string'),
        repartitionSourceTopics: array('0+', streamsGroupTopologyValueTopicInfo),
        copartitionGroups: array(
          '0+',
          struct<StreamsGroupTopologyValueCopartitionGroup>({
            sourceTopics: array('0+', 'int16'),
            sourceTopicRegex: array('0+', 'int16'),
            repartitionSourceTopics: array('0+', 'int16'),
          }),
        ),
      }),
    ),
  }),
});
