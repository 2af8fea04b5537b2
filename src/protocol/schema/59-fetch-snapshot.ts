import {
  api,
  array,
  int16,
  int32,
  int64,
  nested,
  records,
  string,
  struct,
  uint16,
  uuid,
} from '../schema-dsl.ts';

export interface FetchSnapshotRequest {
  clusterId: string | null;
  replicaId: number;
  maxBytes: number;
  topics: FetchSnapshotRequestTopicSnapshot[];
}

export interface FetchSnapshotRequestTopicSnapshot {
  name: string;
  partitions: FetchSnapshotRequestPartitionSnapshot[];
}

export interface FetchSnapshotRequestPartitionSnapshot {
  partition: number;
  currentLeaderEpoch: number;
  snapshotId: FetchSnapshotRequestSnapshotId;
  position: number;
  replicaDirectoryId: string;
}

export interface FetchSnapshotRequestSnapshotId {
  endOffset: number;
  epoch: number;
}

export interface FetchSnapshotResponse {
  throttleTimeMs: number;
  errorCode: number;
  topics: FetchSnapshotResponseTopicSnapshot[];
  nodeEndpoints: FetchSnapshotResponseNodeEndpoint[];
}

export interface FetchSnapshotResponseTopicSnapshot {
  name: string;
  partitions: FetchSnapshotResponsePartitionSnapshot[];
}

export interface FetchSnapshotResponsePartitionSnapshot {
  index: number;
  errorCode: number;
  snapshotId: FetchSnapshotResponseSnapshotId;
  currentLeader: FetchSnapshotResponseLeaderIdAndEpoch;
  size: number;
  position: number;
  unalignedRecords: Buffer;
}

export interface FetchSnapshotResponseSnapshotId {
  endOffset: number;
  epoch: number;
}

export interface FetchSnapshotResponseLeaderIdAndEpoch {
  leaderId: number;
  leaderEpoch: number;
}

export interface FetchSnapshotResponseNodeEndpoint {
  nodeId: number;
  host: string;
  port: number;
}

export const FETCH_SNAPSHOT = api({
  key: 59,
  name: 'FetchSnapshot',
  versions: '0-1',
  flexible: '0+',
  request: struct<FetchSnapshotRequest>({
    clusterId: string('0+', { nullable: '0+', tag: 0, tagged: '0+', default: null }),
    replicaId: int32('0+', { default: -1 }),
    maxBytes: int32('0+', { default: 2147483647 }),
    topics: array(
      '0+',
      struct<FetchSnapshotRequestTopicSnapshot>({
        name: string('0+'),
        partitions: array(
          '0+',
          struct<FetchSnapshotRequestPartitionSnapshot>({
            partition: int32('0+'),
            currentLeaderEpoch: int32('0+'),
            snapshotId: nested(
              '0+',
              struct<FetchSnapshotRequestSnapshotId>({
                endOffset: int64('0+'),
                epoch: int32('0+'),
              }),
            ),
            position: int64('0+'),
            replicaDirectoryId: uuid('1+', { tag: 0, tagged: '1+', ignorable: true }),
          }),
        ),
      }),
    ),
  }),
  response: struct<FetchSnapshotResponse>({
    throttleTimeMs: int32('0+', { ignorable: true }),
    errorCode: int16('0+'),
    topics: array(
      '0+',
      struct<FetchSnapshotResponseTopicSnapshot>({
        name: string('0+'),
        partitions: array(
          '0+',
          struct<FetchSnapshotResponsePartitionSnapshot>({
            index: int32('0+'),
            errorCode: int16('0+'),
            snapshotId: nested(
              '0+',
              struct<FetchSnapshotResponseSnapshotId>({
                endOffset: int64('0+'),
                epoch: int32('0+'),
              }),
            ),
            currentLeader: nested(
              '0+',
              struct<FetchSnapshotResponseLeaderIdAndEpoch>({
                leaderId: int32('0+'),
                leaderEpoch: int32('0+'),
              }),
              { tag: 0, tagged: '0+' },
            ),
            size: int64('0+'),
            position: int64('0+'),
            unalignedRecords: records('0+'),
          }),
        ),
      }),
    ),
    nodeEndpoints: array(
      '1+',
      struct<FetchSnapshotResponseNodeEndpoint>({
        nodeId: int32('1+'),
        host: string('1+'),
        port: uint16('1+'),
      }),
      { tag: 0, tagged: '1+' },
    ),
  }),
});
