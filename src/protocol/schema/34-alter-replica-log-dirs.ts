import { api, array, int16, int32, string, struct } from '../schema-dsl.ts';

export interface AlterReplicaLogDirsRequest {
  dirs: AlterReplicaLogDirsRequestAlterReplicaLogDir[];
}

export interface AlterReplicaLogDirsRequestAlterReplicaLogDir {
  path: string;
  topics: AlterReplicaLogDirsRequestAlterReplicaLogDirTopic[];
}

export interface AlterReplicaLogDirsRequestAlterReplicaLogDirTopic {
  name: string;
  partitions: number[];
}

export interface AlterReplicaLogDirsResponse {
  throttleTimeMs: number;
  results: AlterReplicaLogDirsResponseAlterReplicaLogDirTopicResult[];
}

export interface AlterReplicaLogDirsResponseAlterReplicaLogDirTopicResult {
  topicName: string;
  partitions: AlterReplicaLogDirsResponseAlterReplicaLogDirPartitionResult[];
}

export interface AlterReplicaLogDirsResponseAlterReplicaLogDirPartitionResult {
  partitionIndex: number;
  errorCode: number;
}

export const ALTER_REPLICA_LOG_DIRS = api({
  key: 34,
  name: 'AlterReplicaLogDirs',
  versions: '1-2',
  flexible: '2+',
  request: struct<AlterReplicaLogDirsRequest>({
    dirs: array(
      '0+',
      struct<AlterReplicaLogDirsRequestAlterReplicaLogDir>({
        path: string('0+'),
        topics: array(
          '0+',
          struct<AlterReplicaLogDirsRequestAlterReplicaLogDirTopic>({
            name: string('0+'),
            partitions: array('0+', 'int32'),
          }),
        ),
      }),
    ),
  }),
  response: struct<AlterReplicaLogDirsResponse>({
    throttleTimeMs: int32('0+'),
    results: array(
      '0+',
      struct<AlterReplicaLogDirsResponseAlterReplicaLogDirTopicResult>({
        topicName: string('0+'),
        partitions: array(
          '0+',
          struct<AlterReplicaLogDirsResponseAlterReplicaLogDirPartitionResult>({
            partitionIndex: int32('0+'),
            errorCode: int16('0+'),
          }),
        ),
      }),
    ),
  }),
});
