import { api, array, bool, int8, int16, int32, int64, string, struct } from '../schema-dsl.ts';

export interface WriteTxnMarkersRequest {
  markers: WriteTxnMarkersRequestWritableTxnMarker[];
}

export interface WriteTxnMarkersRequestWritableTxnMarker {
  producerId: number;
  producerEpoch: number;
  transactionResult: boolean;
  topics: WriteTxnMarkersRequestWritableTxnMarkerTopic[];
  coordinatorEpoch: number;
  transactionVersion: number;
}

export interface WriteTxnMarkersRequestWritableTxnMarkerTopic {
  name: string;
  partitionIndexes: number[];
}

export interface WriteTxnMarkersResponse {
  markers: WriteTxnMarkersResponseWritableTxnMarkerResult[];
}

export interface WriteTxnMarkersResponseWritableTxnMarkerResult {
  producerId: number;
  topics: WriteTxnMarkersResponseWritableTxnMarkerTopicResult[];
}

export interface WriteTxnMarkersResponseWritableTxnMarkerTopicResult {
  name: string;
  partitions: WriteTxnMarkersResponseWritableTxnMarkerPartitionResult[];
}

export interface WriteTxnMarkersResponseWritableTxnMarkerPartitionResult {
  partitionIndex: number;
  errorCode: number;
}

export const WRITE_TXN_MARKERS = api({
  key: 27,
  name: 'WriteTxnMarkers',
  versions: '1-2',
  flexible: '1+',
  request: struct<WriteTxnMarkersRequest>({
    markers: array(
      '0+',
      struct<WriteTxnMarkersRequestWritableTxnMarker>({
        producerId: int64('0+'),
        producerEpoch: int16('0+'),
        transactionResult: bool('0+'),
        topics: array(
          '0+',
          struct<WriteTxnMarkersRequestWritableTxnMarkerTopic>({
            name: string('0+'),
            partitionIndexes: array('0+', 'int32'),
          }),
        ),
        coordinatorEpoch: int32('0+'),
        transactionVersion: int8('2+', { default: 0, ignorable: true }),
      }),
    ),
  }),
  response: struct<WriteTxnMarkersResponse>({
    markers: array(
      '0+',
      struct<WriteTxnMarkersResponseWritableTxnMarkerResult>({
        producerId: int64('0+'),
        topics: array(
          '0+',
          struct<WriteTxnMarkersResponseWritableTxnMarkerTopicResult>({
            name: string('0+'),
            partitions: array(
              '0+',
              struct<WriteTxnMarkersResponseWritableTxnMarkerPartitionResult>({
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
