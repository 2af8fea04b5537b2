import { api, array, int16, int32, int64, string, struct } from '../schema-dsl.ts';

export interface DescribeProducersRequest {
  topics: DescribeProducersRequestTopicRequest[];
}

export interface DescribeProducersRequestTopicRequest {
  name: string;
  partitionIndexes: number[];
}

export interface DescribeProducersResponse {
  throttleTimeMs: number;
  topics: DescribeProducersResponseTopicResponse[];
}

export interface DescribeProducersResponseTopicResponse {
  name: string;
  partitions: DescribeProducersResponsePartitionResponse[];
}

export interface DescribeProducersResponsePartitionResponse {
  partitionIndex: number;
  errorCode: number;
  errorMessage: string | null;
  activeProducers: DescribeProducersResponseProducerState[];
}

export interface DescribeProducersResponseProducerState {
  producerId: number;
  producerEpoch: number;
  lastSequence: number;
  lastTimestamp: number;
  coordinatorEpoch: number;
  currentTxnStartOffset: number;
}

export const DESCRIBE_PRODUCERS = api({
  key: 61,
  name: 'DescribeProducers',
  versions: '0',
  flexible: '0+',
  request: struct<DescribeProducersRequest>({
    topics: array(
      '0+',
      struct<DescribeProducersRequestTopicRequest>({
        name: string('0+'),
        partitionIndexes: array('0+', 'int32'),
      }),
    ),
  }),
  response: struct<DescribeProducersResponse>({
    throttleTimeMs: int32('0+'),
    topics: array(
      '0+',
      struct<DescribeProducersResponseTopicResponse>({
        name: string('0+'),
        partitions: array(
          '0+',
          struct<DescribeProducersResponsePartitionResponse>({
            partitionIndex: int32('0+'),
            errorCode: int16('0+'),
            errorMessage: string('0+', { nullable: '0+', default: null }),
            activeProducers: array(
              '0+',
              struct<DescribeProducersResponseProducerState>({
                producerId: int64('0+'),
                producerEpoch: int32('0+'),
                lastSequence: int32('0+', { default: -1 }),
                lastTimestamp: int64('0+', { default: -1 }),
                coordinatorEpoch: int32('0+'),
                currentTxnStartOffset: int64('0+', { default: -1 }),
              }),
            ),
          }),
        ),
      }),
    ),
  }),
});
