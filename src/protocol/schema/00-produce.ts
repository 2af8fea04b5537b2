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
  uuid,
} from '../schema-dsl.ts';

export interface ProduceRequest {
  transactionalId: string | null;
  acks: number;
  timeoutMs: number;
  topicData: ProduceRequestTopicProduceData[];
}

export interface ProduceRequestTopicProduceData {
  name: string;
  topicId: string;
  partitionData: ProduceRequestPartitionProduceData[];
}

export interface ProduceRequestPartitionProduceData {
  index: number;
  records: Buffer | null;
}

export interface ProduceResponse {
  responses: ProduceResponseTopicProduceResponse[];
  throttleTimeMs: number;
  nodeEndpoints: ProduceResponseNodeEndpoint[];
}

export interface ProduceResponseTopicProduceResponse {
  name: string;
  topicId: string;
  partitionResponses: ProduceResponsePartitionProduceResponse[];
}

export interface ProduceResponsePartitionProduceResponse {
  index: number;
  errorCode: number;
  baseOffset: number;
  logAppendTimeMs: number;
  logStartOffset: number;
  recordErrors: ProduceResponseBatchIndexAndErrorMessage[];
  errorMessage: string | null;
  currentLeader: ProduceResponseLeaderIdAndEpoch;
}

export interface ProduceResponseBatchIndexAndErrorMessage {
  batchIndex: number;
  batchIndexErrorMessage: string | null;
}

export interface ProduceResponseLeaderIdAndEpoch {
  leaderId: number;
  leaderEpoch: number;
}

export interface ProduceResponseNodeEndpoint {
  nodeId: number;
  host: string;
  port: number;
  rack: string | null;
}

export const PRODUCE = api({
  key: 0,
  name: 'Produce',
  versions: '3-13',
  flexible: '9+',
  request: struct<ProduceRequest>({
    transactionalId: string('3+', { nullable: '3+', default: null }),
    acks: int16('0+'),
    timeoutMs: int32('0+'),
    topicData: array(
      '0+',
      struct<ProduceRequestTopicProduceData>({
        name: string('0-12', { ignorable: true }),
        topicId: uuid('13+', { ignorable: true }),
        partitionData: array(
          '0+',
          struct<ProduceRequestPartitionProduceData>({
            index: int32('0+'),
            records: records('0+', { nullable: '0+' }),
          }),
        ),
      }),
    ),
  }),
  response: struct<ProduceResponse>({
    responses: array(
      '0+',
      struct<ProduceResponseTopicProduceResponse>({
        name: string('0-12', { ignorable: true }),
        topicId: uuid('13+', { ignorable: true }),
        partitionResponses: array(
          '0+',
          struct<ProduceResponsePartitionProduceResponse>({
            index: int32('0+'),
            errorCode: int16('0+'),
            baseOffset: int64('0+'),
            logAppendTimeMs: int64('2+', { default: -1, ignorable: true }),
            logStartOffset: int64('5+', { default: -1, ignorable: true }),
            recordErrors: array(
              '8+',
              struct<ProduceResponseBatchIndexAndErrorMessage>({
                batchIndex: int32('8+'),
                batchIndexErrorMessage: string('8+', { nullable: '8+', default: null }),
              }),
              { ignorable: true },
            ),
            errorMessage: string('8+', { nullable: '8+', default: null, ignorable: true }),
            currentLeader: nested(
              '10+',
              struct<ProduceResponseLeaderIdAndEpoch>({
                leaderId: int32('10+', { default: -1 }),
                leaderEpoch: int32('10+', { default: -1 }),
              }),
              { tag: 0, tagged: '10+' },
            ),
          }),
        ),
      }),
    ),
    throttleTimeMs: int32('1+', { default: 0, ignorable: true }),
    nodeEndpoints: array(
      '10+',
      struct<ProduceResponseNodeEndpoint>({
        nodeId: int32('10+'),
        host: string('10+'),
        port: int32('10+'),
        rack: string('10+', { nullable: '10+', default: null }),
      }),
      { tag: 0, tagged: '10+' },
    ),
  }),
});
