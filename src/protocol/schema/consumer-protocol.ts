import { array, bytes, int32, message, string, struct } from '../schema-dsl.ts';

export interface ConsumerProtocolAssignment {
  assignedPartitions: ConsumerProtocolAssignmentTopicPartition[];
  userData: Buffer | null;
}

export interface ConsumerProtocolAssignmentTopicPartition {
  topic: string;
  partitions: number[];
}

export const CONSUMER_PROTOCOL_ASSIGNMENT = message({
  name: 'ConsumerProtocolAssignment',
  versions: '0-3',
  flexible: 'none',
  body: struct<ConsumerProtocolAssignment>({
    assignedPartitions: array(
      '0+',
      struct<ConsumerProtocolAssignmentTopicPartition>({
        topic: string('0+'),
        partitions: array('0+', 'int32'),
      }),
    ),
    userData: bytes('0+', { nullable: '0+', default: null }),
  }),
});

export interface ConsumerProtocolSubscription {
  topics: string[];
  userData: Buffer | null;
  ownedPartitions: ConsumerProtocolSubscriptionTopicPartition[];
  generationId: number;
  rackId: string | null;
}

export interface ConsumerProtocolSubscriptionTopicPartition {
  topic: string;
  partitions: number[];
}

export const CONSUMER_PROTOCOL_SUBSCRIPTION = message({
  name: 'ConsumerProtocolSubscription',
  versions: '0-3',
  flexible: 'none',
  body: struct<ConsumerProtocolSubscription>({
    topics: array('0+', 'string'),
    userData: bytes('0+', { nullable: '0+', default: null }),
    ownedPartitions: array(
      '1+',
      struct<ConsumerProtocolSubscriptionTopicPartition>({
        topic: string('1+'),
        partitions: array('1+', 'int32'),
      }),
      { ignorable: true },
    ),
    generationId: int32('2+', { default: -1, ignorable: true }),
    rackId: string('3+', { nullable: '3+', default: null, ignorable: true }),
  }),
});
