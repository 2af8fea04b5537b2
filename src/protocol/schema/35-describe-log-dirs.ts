import { api, array, bool, int16, int32, int64, string, struct } from '../schema-dsl.ts';

export interface DescribeLogDirsRequest {
  topics: DescribeLogDirsRequestDescribableLogDirTopic[] | null;
}

export interface DescribeLogDirsRequestDescribableLogDirTopic {
  topic: string;
  partitions: number[];
}

export interface DescribeLogDirsResponse {
  throttleTimeMs: number;
  errorCode: number;
  results: DescribeLogDirsResponseDescribeLogDirsResult[];
}

export interface DescribeLogDirsResponseDescribeLogDirsResult {
  errorCode: number;
  logDir: string;
  topics: DescribeLogDirsResponseDescribeLogDirsTopic[];
  totalBytes: number;
  usableBytes: number;
  isCordoned: boolean;
}

export interface DescribeLogDirsResponseDescribeLogDirsTopic {
  name: string;
  partitions: DescribeLogDirsResponseDescribeLogDirsPartition[];
}

export interface DescribeLogDirsResponseDescribeLogDirsPartition {
  partitionIndex: number;
  partitionSize: number;
  offsetLag: number;
  isFutureKey: boolean;
}

export const DESCRIBE_LOG_DIRS = api({
  key: 35,
  name: 'DescribeLogDirs',
  versions: '1-5',
  flexible: '2+',
  request: struct<DescribeLogDirsRequest>({
    topics: array(
      '0+',
      struct<DescribeLogDirsRequestDescribableLogDirTopic>({
        topic: string('0+'),
        partitions: array('0+', 'int32'),
      }),
      { nullable: '0+' },
    ),
  }),
  response: struct<DescribeLogDirsResponse>({
    throttleTimeMs: int32('0+'),
    errorCode: int16('3+', { ignorable: true }),
    results: array(
      '0+',
      struct<DescribeLogDirsResponseDescribeLogDirsResult>({
        errorCode: int16('0+'),
        logDir: string('0+'),
        topics: array(
          '0+',
          struct<DescribeLogDirsResponseDescribeLogDirsTopic>({
            name: string('0+'),
            partitions: array(
              '0+',
              struct<DescribeLogDirsResponseDescribeLogDirsPartition>({
                partitionIndex: int32('0+'),
                partitionSize: int64('0+'),
                offsetLag: int64('0+'),
                isFutureKey: bool('0+'),
              }),
            ),
          }),
        ),
        totalBytes: int64('4+', { default: -1, ignorable: true }),
        usableBytes: int64('4+', { default: -1, ignorable: true }),
        isCordoned: bool('5+', { default: false, ignorable: true }),
      }),
    ),
  }),
});
