import {
  api,
  array,
  bool,
  int8,
  int16,
  int32,
  int64,
  nested,
  string,
  struct,
  uint16,
} from '../schema-dsl.ts';

export interface StreamsGroupHeartbeatRequest {
  groupId: string;
  memberId: string;
  memberEpoch: number;
  endpointInformationEpoch: number;
  instanceId: string | null;
  rackId: string | null;
  rebalanceTimeoutMs: number;
  topology: StreamsGroupHeartbeatRequestTopology | null;
  activeTasks: StreamsGroupHeartbeatRequestTaskIds[] | null;
  standbyTasks: StreamsGroupHeartbeatRequestTaskIds[] | null;
  warmupTasks: StreamsGroupHeartbeatRequestTaskIds[] | null;
  processId: string | null;
  userEndpoint: StreamsGroupHeartbeatRequestEndpoint | null;
  clientTags: StreamsGroupHeartbeatRequestKeyValue[] | null;
  taskOffsets: StreamsGroupHeartbeatRequestTaskOffset[] | null;
  taskEndOffsets: StreamsGroupHeartbeatRequestTaskOffset[] | null;
  shutdownApplication: boolean;
}

export interface StreamsGroupHeartbeatRequestTopology {
  epoch: number;
  subtopologies: StreamsGroupHeartbeatRequestSubtopology[];
}

export interface StreamsGroupHeartbeatRequestSubtopology {
  subtopologyId: string;
  sourceTopics: string[];
  sourceTopicRegex: string[];
  stateChangelogTopics: StreamsGroupHeartbeatRequestTopicInfo[];
  repartitionSinkTopics: string[];
  repartitionSourceTopics: StreamsGroupHeartbeatRequestTopicInfo[];
  copartitionGroups: StreamsGroupHeartbeatRequestCopartitionGroup[];
}

export interface StreamsGroupHeartbeatRequestTopicInfo {
  name: string;
  partitions: number;
  replicationFactor: number;
  topicConfigs: StreamsGroupHeartbeatRequestKeyValue[];
}

export interface StreamsGroupHeartbeatRequestKeyValue {
  key: string;
  value: string;
}

export interface StreamsGroupHeartbeatRequestCopartitionGroup {
  sourceTopics: number[];
  sourceTopicRegex: number[];
  repartitionSourceTopics: number[];
}

export interface StreamsGroupHeartbeatRequestTaskIds {
  subtopologyId: string;
  partitions: number[];
}

export interface StreamsGroupHeartbeatRequestEndpoint {
  host: string;
  port: number;
}

export interface StreamsGroupHeartbeatRequestTaskOffset {
  subtopologyId: string;
  partition: number;
  offset: number;
}

export interface StreamsGroupHeartbeatResponse {
  throttleTimeMs: number;
  errorCode: number;
  errorMessage: string | null;
  memberId: string;
  memberEpoch: number;
  heartbeatIntervalMs: number;
  acceptableRecoveryLag: number;
  taskOffsetIntervalMs: number;
  status: StreamsGroupHeartbeatResponseStatus[] | null;
  activeTasks: StreamsGroupHeartbeatResponseTaskIds[] | null;
  standbyTasks: StreamsGroupHeartbeatResponseTaskIds[] | null;
  warmupTasks: StreamsGroupHeartbeatResponseTaskIds[] | null;
  endpointInformationEpoch: number;
  partitionsByUserEndpoint: StreamsGroupHeartbeatResponseEndpointToPartitions[] | null;
}

export interface StreamsGroupHeartbeatResponseStatus {
  statusCode: number;
  statusDetail: string;
}

export interface StreamsGroupHeartbeatResponseTaskIds {
  subtopologyId: string;
  partitions: number[];
}

export interface StreamsGroupHeartbeatResponseEndpointToPartitions {
  userEndpoint: StreamsGroupHeartbeatResponseEndpoint;
  activePartitions: StreamsGroupHeartbeatResponseTopicPartition[];
  standbyPartitions: StreamsGroupHeartbeatResponseTopicPartition[];
}

export interface StreamsGroupHeartbeatResponseEndpoint {
  host: string;
  port: number;
}

export interface StreamsGroupHeartbeatResponseTopicPartition {
  topic: string;
  partitions: number[];
}

const streamsGroupHeartbeatRequestKeyValue = struct<StreamsGroupHeartbeatRequestKeyValue>({
  key: string('0+'),
  value: string('0+'),
});

const streamsGroupHeartbeatRequestTopicInfo = struct<StreamsGroupHeartbeatRequestTopicInfo>({
  name: string('0+'),
  partitions: int32('0+'),
  replicationFactor: int16('0+'),
  topicConfigs: array('0+', streamsGroupHeartbeatRequestKeyValue),
});

const streamsGroupHeartbeatRequestTaskIds = struct<StreamsGroupHeartbeatRequestTaskIds>({
  subtopologyId: string('0+'),
  partitions: array('0+', 'int32'),
});

const streamsGroupHeartbeatRequestEndpoint = struct<StreamsGroupHeartbeatRequestEndpoint>({
  host: string('0+'),
  port: uint16('0+'),
});

const streamsGroupHeartbeatRequestTaskOffset = struct<StreamsGroupHeartbeatRequestTaskOffset>({
  subtopologyId: string('0+'),
  partition: int32('0+'),
  offset: int64('0+'),
});

const streamsGroupHeartbeatResponseStatus = struct<StreamsGroupHeartbeatResponseStatus>({
  statusCode: int8('0+'),
  statusDetail: string('0+'),
});

const streamsGroupHeartbeatResponseTaskIds = struct<StreamsGroupHeartbeatResponseTaskIds>({
  subtopologyId: string('0+'),
  partitions: array('0+', 'int32'),
});

const streamsGroupHeartbeatResponseEndpoint = struct<StreamsGroupHeartbeatResponseEndpoint>({
  host: string('0+'),
  port: uint16('0+'),
});

const streamsGroupHeartbeatResponseTopicPartition =
  struct<StreamsGroupHeartbeatResponseTopicPartition>({
    topic: string('0+'),
    partitions: array('0+', 'int32'),
  });

export const STREAMS_GROUP_HEARTBEAT = api({
  key: 88,
  name: 'StreamsGroupHeartbeat',
  versions: '0',
  flexible: '0+',
  request: struct<StreamsGroupHeartbeatRequest>({
    groupId: string('0+'),
    memberId: string('0+'),
    memberEpoch: int32('0+'),
    endpointInformationEpoch: int32('0+'),
    instanceId: string('0+', { nullable: '0+', default: null }),
    rackId: string('0+', { nullable: '0+', default: null }),
    rebalanceTimeoutMs: int32('0+', { default: -1 }),
    topology: nested(
      '0+',
      struct<StreamsGroupHeartbeatRequestTopology>({
        epoch: int32('0+'),
        subtopologies: array(
          '0+',
          struct<StreamsGroupHeartbeatRequestSubtopology>({
            subtopologyId: string('0+'),
            sourceTopics: array('0+', 'string'),
            sourceTopicRegex: array('0+', 'string'),
            stateChangelogTopics: array('0+', streamsGroupHeartbeatRequestTopicInfo),
            repartitionSinkTopics: array('0+', 'string'),
            repartitionSourceTopics: array('0+', streamsGroupHeartbeatRequestTopicInfo),
            copartitionGroups: array(
              '0+',
              struct<StreamsGroupHeartbeatRequestCopartitionGroup>({
                sourceTopics: array('0+', 'int16'),
                sourceTopicRegex: array('0+', 'int16'),
                repartitionSourceTopics: array('0+', 'int16'),
              }),
            ),
          }),
        ),
      }),
      { nullable: '0+', default: null },
    ),
    activeTasks: array('0+', streamsGroupHeartbeatRequestTaskIds, {
      nullable: '0+',
      default: null,
    }),
    standbyTasks: array('0+', streamsGroupHeartbeatRequestTaskIds, {
      nullable: '0+',
      default: null,
    }),
    warmupTasks: array('0+', streamsGroupHeartbeatRequestTaskIds, {
      nullable: '0+',
      default: null,
    }),
    processId: string('0+', { nullable: '0+', default: null }),
    userEndpoint: nested('0+', streamsGroupHeartbeatRequestEndpoint, {
      nullable: '0+',
      default: null,
    }),
    clientTags: array('0+', streamsGroupHeartbeatRequestKeyValue, {
      nullable: '0+',
      default: null,
    }),
    taskOffsets: array('0+', streamsGroupHeartbeatRequestTaskOffset, {
      nullable: '0+',
      default: null,
    }),
    taskEndOffsets: array('0+', streamsGroupHeartbeatRequestTaskOffset, {
      nullable: '0+',
      default: null,
    }),
    shutdownApplication: bool('0+', { default: false }),
  }),
  response: struct<StreamsGroupHeartbeatResponse>({
    throttleTimeMs: int32('0+'),
    errorCode: int16('0+'),
    errorMessage: string('0+', { nullable: '0+', default: null }),
    memberId: string('0+'),
    memberEpoch: int32('0+'),
    heartbeatIntervalMs: int32('0+'),
    acceptableRecoveryLag: int32('0+'),
    taskOffsetIntervalMs: int32('0+'),
    status: array('0+', streamsGroupHeartbeatResponseStatus, { nullable: '0+' }),
    activeTasks: array('0+', streamsGroupHeartbeatResponseTaskIds, {
      nullable: '0+',
      default: null,
    }),
    standbyTasks: array('0+', streamsGroupHeartbeatResponseTaskIds, {
      nullable: '0+',
      default: null,
    }),
    warmupTasks: array('0+', streamsGroupHeartbeatResponseTaskIds, {
      nullable: '0+',
      default: null,
    }),
    endpointInformationEpoch: int32('0+'),
    partitionsByUserEndpoint: array(
      '0+',
      struct<StreamsGroupHeartbeatResponseEndpointToPartitions>({
        userEndpoint: nested('0+', streamsGroupHeartbeatResponseEndpoint),
        activePartitions: array('0+', streamsGroupHeartbeatResponseTopicPartition),
        standbyPartitions: array('0+', streamsGroupHeartbeatResponseTopicPartition),
      }),
      { nullable: '0+', default: null },
    ),
  }),
});
