import { api, array, int16, int32, int64, struct, uuid } from '../schema-dsl.ts';

export interface AssignReplicasToDirsRequest {
  brokerId: number;
  brokerEpoch: number;
  directories: AssignReplicasToDirsRequestDirectoryData[];
}

export interface AssignReplicasToDirsRequestDirectoryData {
  id: string;
  topics: AssignReplicasToDirsRequestTopicData[];
}

export interface AssignReplicasToDirsRequestTopicData {
  topicId: string;
  partitions: AssignReplicasToDirsRequestPartitionData[];
}

export interface AssignReplicasToDirsRequestPartitionData {
  partitionIndex: number;
}

export interface AssignReplicasToDirsResponse {
  throttleTimeMs: number;
  errorCode: number;
  directories: AssignReplicasToDirsResponseDirectoryData[];
}

export interface AssignReplicasToDirsResponseDirectoryData {
  id: string;
  topics: AssignReplicasToDirsResponseTopicData[];
}

export interface AssignReplicasToDirsResponseTopicData {
  topicId: string;
  partitions: AssignReplicasToDirsResponsePartitionData[];
}

export interface AssignReplicasToDirsResponsePartitionData {
  partitionIndex: number;
  errorCode: number;
}

export const ASSIGN_REPLICAS_TO_DIRS = api({
  key: 73,
  name: 'AssignReplicasToDirs',
  versions: '0',
  flexible: '0+',
  request: struct<AssignReplicasToDirsRequest>({
    brokerId: int32('0+'),
    brokerEpoch: int64('0+', { default: -1 }),
    directories: array(
      '0+',
      struct<AssignReplicasToDirsRequestDirectoryData>({
        id: uuid('0+'),
        topics: array(
          '0+',
          struct<AssignReplicasToDirsRequestTopicData>({
            topicId: uuid('0+'),
            partitions: array(
              '0+',
              struct<AssignReplicasToDirsRequestPartitionData>({
                partitionIndex: int32('0+'),
              }),
            ),
          }),
        ),
      }),
    ),
  }),
  response: struct<AssignReplicasToDirsResponse>({
    throttleTimeMs: int32('0+'),
    errorCode: int16('0+'),
    directories: array(
      '0+',
      struct<AssignReplicasToDirsResponseDirectoryData>({
        id: uuid('0+'),
        topics: array(
          '0+',
          struct<AssignReplicasToDirsResponseTopicData>({
            topicId: uuid('0+'),
            partitions: array(
              '0+',
              struct<AssignReplicasToDirsResponsePartitionData>({
                partitionIndex: int32('0+'),
                errorCode: int16('0+'),
              }),
            ),
          }),
        ),
      }),
    ),
  }),
});
