import { array, int8, int32, message, string, struct, uuid } from '../schema-dsl.ts';

export interface TopicRecord {
  name: string;
  topicId: string;
}

export interface PartitionRecord {
  partitionId: number;
  topicId: string;
  replicas: number[];
  isr: number[];
  removingReplicas: number[];
  addingReplicas: number[];
  leader: number;
  leaderRecoveryState: number;
  leaderEpoch: number;
  partitionEpoch: number;
  directories: string[];
  eligibleLeaderReplicas: number[] | null;
  lastKnownElr: number[] | null;
}

export interface PartitionChangeRecord {
  partitionId: number;
  topicId: string;
  isr: number[] | null;
  leader: number;
  replicas: number[] | null;
  removingReplicas: number[] | null;
  addingReplicas: number[] | null;
  leaderRecoveryState: number;
  directories: string[] | null;
  eligibleLeaderReplicas: number[] | null;
  lastKnownElr: number[] | null;
}

export interface RemoveTopicRecord {
  topicId: string;
}

export interface ClearElrRecord {
  topicName: string;
}

export const TOPIC_RECORD = message({
  name: 'TopicRecord',
  recordType: 2,
  versions: '0',
  flexible: '0+',
  body: struct<TopicRecord>({
    name: string('0+'),
    topicId: uuid('0+'),
  }),
});

export const PARTITION_RECORD = message({
  name: 'PartitionRecord',
  recordType: 3,
  versions: '0-2',
  flexible: '0+',
  body: struct<PartitionRecord>({
    partitionId: int32('0+', { default: -1 }),
    topicId: uuid('0+'),
    replicas: array('0+', 'int32'),
    isr: array('0+', 'int32'),
    removingReplicas: array('0+', 'int32'),
    addingReplicas: array('0+', 'int32'),
    leader: int32('0+', { default: -1 }),
    leaderRecoveryState: int8('0+', { tag: 0, tagged: '0+' }),
    leaderEpoch: int32('0+', { default: -1 }),
    partitionEpoch: int32('0+', { default: -1 }),
    directories: array('1+', 'uuid'),
    eligibleLeaderReplicas: array('2+', 'int32', {
      nullable: '2+',
      tag: 1,
      tagged: '2+',
      default: null,
    }),
    lastKnownElr: array('2+', 'int32', { nullable: '2+', tag: 2, tagged: '2+', default: null }),
  }),
});

export const PARTITION_CHANGE_RECORD = message({
  name: 'PartitionChangeRecord',
  recordType: 5,
  versions: '0-2',
  flexible: '0+',
  body: struct<PartitionChangeRecord>({
    partitionId: int32('0+', { default: -1 }),
    topicId: uuid('0+'),
    isr: array('0+', 'int32', { nullable: '0+', tag: 0, tagged: '0+', default: null }),
    leader: int32('0+', { tag: 1, tagged: '0+', default: -2 }),
    replicas: array('0+', 'int32', { nullable: '0+', tag: 2, tagged: '0+', default: null }),
    removingReplicas: array('0+', 'int32', { nullable: '0+', tag: 3, tagged: '0+', default: null }),
    addingReplicas: array('0+', 'int32', { nullable: '0+', tag: 4, tagged: '0+', default: null }),
    leaderRecoveryState: int8('0+', { tag: 5, tagged: '0+', default: -1 }),
    directories: array('1+', 'uuid', { nullable: '1+', tag: 8, tagged: '1+', default: null }),
    eligibleLeaderReplicas: array('2+', 'int32', {
      nullable: '2+',
      tag: 6,
      tagged: '2+',
      default: null,
    }),
    lastKnownElr: array('2+', 'int32', { nullable: '2+', tag: 7, tagged: '2+', default: null }),
  }),
});

export const REMOVE_TOPIC_RECORD = message({
  name: 'RemoveTopicRecord',
  recordType: 9,
  versions: '0',
  flexible: '0+',
  body: struct<RemoveTopicRecord>({
    topicId: uuid('0+'),
  }),
});

export const CLEAR_ELR_RECORD = message({
  name: 'ClearElrRecord',
  recordType: 28,
  versions: '0',
  flexible: '0+',
  body: struct<ClearElrRecord>({
    topicName: string('0+'),
  }),
});
