import {
  api,
  array,
  bool,
  int16,
  int32,
  int64,
  nested,
  string,
  struct,
  uint16,
} from '../schema-dsl.ts';

export interface StreamsGroupDescribeRequest {
  groupIds: string[];
  includeAuthorizedOperations: boolean;
}

export interface StreamsGroupDescribeResponse {
  throttleTimeMs: number;
  groups: StreamsGroupDescribeResponseDescribedGroup[];
}

export interface StreamsGroupDescribeResponseDescribedGroup {
  errorCode: number;
  errorMessage: string | null;
  groupId: string;
  groupState: string;
  groupEpoch: number;
  assignmentEpoch: number;
  topology: StreamsGroupDescribeResponseTopology | null;
  members: StreamsGroupDescribeResponseMember[];
  authorizedOperations: number;
}

export interface StreamsGroupDescribeResponseTopology {
  epoch: number;
  subtopologies: StreamsGroupDescribeResponseSubtopology[] | null;
}

export interface StreamsGroupDescribeResponseSubtopology {
  subtopologyId: string;
  sourceTopics: string[];
  repartitionSinkTopics: string[];
  stateChangelogTopics: StreamsGroupDescribeResponseTopicInfo[];
  repartitionSourceTopics: StreamsGroupDescribeResponseTopicInfo[];
}

export interface StreamsGroupDescribeResponseTopicInfo {
  name: string;
  partitions: number;
  replicationFactor: number;
  topicConfigs: StreamsGroupDescribeResponseKeyValue[];
}

export interface StreamsGroupDescribeResponseKeyValue {
  key: string;
  value: string;
}

export interface StreamsGroupDescribeResponseMember {
  memberId: string;
  memberEpoch: number;
  instanceId: string | null;
  rackId: string | null;
  clientId: string;
  clientHost: string;
  topologyEpoch: number;
  processId: string;
  userEndpoint: StreamsGroupDescribeResponseEndpoint | null;
  clientTags: StreamsGroupDescribeResponseKeyValue[];
  taskOffsets: StreamsGroupDescribeResponseTaskOffset[];
  taskEndOffsets: StreamsGroupDescribeResponseTaskOffset[];
  assignment: StreamsGroupDescribeResponseAssignment;
  targetAssignment: StreamsGroupDescribeResponseAssignment;
  isClassic: boolean;
}

export interface StreamsGroupDescribeResponseEndpoint {
  host: string;
  port: number;
}

export interface StreamsGroupDescribeResponseTaskOffset {
  subtopologyId: string;
  partition: number;
  offset: number;
}

export interface StreamsGroupDescribeResponseAssignment {
  activeTasks: StreamsGroupDescribeResponseTaskIds[];
  standbyTasks: StreamsGroupDescribeResponseTaskIds[];
  warmupTasks: StreamsGroupDescribeResponseTaskIds[];
}

export interface StreamsGroupDescribeResponseTaskIds {
  subtopologyId: string;
  partitions: number[];
}

const streamsGroupDescribeResponseKeyValue = struct<StreamsGroupDescribeResponseKeyValue>({
  key: string('0+'),
  value: string('0+'),
});

const streamsGroupDescribeResponseTopicInfo = struct<StreamsGroupDescribeResponseTopicInfo>({
  name: string('0+'),
  partitions: int32('0+'),
  replicationFactor: int16('0+'),
  topicConfigs: array('0+', streamsGroupDescribeResponseKeyValue),
});

const streamsGroupDescribeResponseEndpoint = struct<StreamsGroupDescribeResponseEndpoint>({
  host: string('0+'),
  port: uint16('0+'),
});

const streamsGroupDescribeResponseTaskOffset = struct<StreamsGroupDescribeResponseTaskOffset>({
  subtopologyId: string('0+'),
  partition: int32('0+'),
  offset: int64('0+'),
});

const streamsGroupDescribeResponseTaskIds = struct<StreamsGroupDescribeResponseTaskIds>({
  subtopologyId: string('0+'),
  partitions: array('0+', 'int32'),
});

const streamsGroupDescribeResponseAssignment = struct<StreamsGroupDescribeResponseAssignment>({
  activeTasks: array('0+', streamsGroupDescribeResponseTaskIds),
  standbyTasks: array('0+', streamsGroupDescribeResponseTaskIds),
  warmupTasks: array('0+', streamsGroupDescribeResponseTaskIds),
});

export const STREAMS_GROUP_DESCRIBE = api({
  key: 89,
  name: 'StreamsGroupDescribe',
  versions: '0',
  flexible: '0+',
  request: struct<StreamsGroupDescribeRequest>({
    groupIds: array('0+', 'string'),
    includeAuthorizedOperations: bool('0+'),
  }),
  response: struct<StreamsGroupDescribeResponse>({
    throttleTimeMs: int32('0+'),
    groups: array(
      '0+',
      struct<StreamsGroupDescribeResponseDescribedGroup>({
        errorCode: int16('0+'),
        errorMessage: string('0+', { nullable: '0+', default: null }),
        groupId: string('0+'),
        groupState: string('0+'),
        groupEpoch: int32('0+'),
        assignmentEpoch: int32('0+'),
        topology: nested(
          '0+',
          struct<StreamsGroupDescribeResponseTopology>({
            epoch: int32('0+'),
            subtopologies: array(
              '0+',
              struct<StreamsGroupDescribeResponseSubtopology>({
                subtopologyId: string('0+'),
                sourceTopics: array('0+', 'string'),
                repartitionSinkTopics: array('0+', 'string'),
                stateChangelogTopics: array('0+', streamsGroupDescribeResponseTopicInfo),
                repartitionSourceTopics: array('0+', streamsGroupDescribeResponseTopicInfo),
              }),
              { nullable: '0+', default: null },
            ),
          }),
          { nullable: '0+', default: null },
        ),
        members: array(
          '0+',
          struct<StreamsGroupDescribeResponseMember>({
            memberId: string('0+'),
            memberEpoch: int32('0+'),
            instanceId: string('0+', { nullable: '0+', default: null }),
            rackId: string('0+', { nullable: '0+', default: null }),
            clientId: string('0+'),
            clientHost: string('0+'),
            topologyEpoch: int32('0+'),
            processId: string('0+'),
            userEndpoint: nested('0+', streamsGroupDescribeResponseEndpoint, {
              nullable: '0+',
              default: null,
            }),
            clientTags: array('0+', streamsGroupDescribeResponseKeyValue),
            taskOffsets: array('0+', streamsGroupDescribeResponseTaskOffset),
            taskEndOffsets: array('0+', streamsGroupDescribeResponseTaskOffset),
            assignment: nested('0+', streamsGroupDescribeResponseAssignment),
            targetAssignment: nested('0+', streamsGroupDescribeResponseAssignment),
            isClassic: bool('0+'),
          }),
        ),
        authorizedOperations: int32('0+', { default: -2147483648 }),
      }),
    ),
  }),
});
