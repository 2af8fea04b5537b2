import { array, bytes, int32, int64, message, string, struct, uuid } from '../schema-dsl.ts';

export interface LegacyOffsetCommitKey {
  group: string;
  topic: string;
  partition: number;
}

export const LEGACY_OFFSET_COMMIT_KEY = message({
  name: 'LegacyOffsetCommitKey',
  recordType: 0,
  versions: '0',
  flexible: 'none',
  body: struct<LegacyOffsetCommitKey>({
    group: string('0'),
    topic: string('0'),
    partition: int32('0'),
  }),
});

export interface LegacyOffsetCommitValue {
  offset: number;
  metadata: string;
  commitTimestamp: number;
}

export const LEGACY_OFFSET_COMMIT_VALUE = message({
  name: 'LegacyOffsetCommitValue',
  recordType: 0,
  versions: '0',
  flexible: 'none',
  body: struct<LegacyOffsetCommitValue>({
    offset: int64('0'),
    metadata: string('0'),
    commitTimestamp: int64('0'),
  }),
});

export interface OffsetCommitKey {
  group: string;
  topic: string;
  partition: number;
}

export const OFFSET_COMMIT_KEY = message({
  name: 'OffsetCommitKey',
  recordType: 1,
  versions: '0',
  flexible: 'none',
  body: struct<OffsetCommitKey>({
    group: string('0'),
    topic: string('0'),
    partition: int32('0'),
  }),
});

export interface OffsetCommitValue {
  offset: number;
  leaderEpoch: number;
  metadata: string;
  commitTimestamp: number;
  expireTimestamp: number;
  topicId: string;
}

export const OFFSET_COMMIT_VALUE = message({
  name: 'OffsetCommitValue',
  recordType: 1,
  versions: '0-4',
  flexible: '4+',
  body: struct<OffsetCommitValue>({
    offset: int64('0+'),
    leaderEpoch: int32('3+', { default: -1, ignorable: true }),
    metadata: string('0+'),
    commitTimestamp: int64('0+'),
    expireTimestamp: int64('1', { default: -1, ignorable: true }),
    topicId: uuid('4+', { tag: 0, tagged: '4+', ignorable: true }),
  }),
});

export interface GroupMetadataKey {
  group: string;
}

export const GROUP_METADATA_KEY = message({
  name: 'GroupMetadataKey',
  recordType: 2,
  versions: '0',
  flexible: 'none',
  body: struct<GroupMetadataKey>({
    group: string('0'),
  }),
});

export interface GroupMetadataValue {
  protocolType: string;
  generation: number;
  protocol: string | null;
  leader: string | null;
  currentStateTimestamp: number;
  members: GroupMetadataValueMemberMetadata[];
}

export interface GroupMetadataValueMemberMetadata {
  memberId: string;
  groupInstanceId: string | null;
  clientId: string;
  clientHost: string;
  rebalanceTimeout: number;
  sessionTimeout: number;
  subscription: Buffer;
  assignment: Buffer;
}

const groupMetadataValueMemberMetadata = struct<GroupMetadataValueMemberMetadata>({
  memberId: string('0+'),
  groupInstanceId: string('3+', { nullable: '3+', default: null, ignorable: true }),
  clientId: string('0+'),
  clientHost: string('0+'),
  rebalanceTimeout: int32('1+', { default: -1, ignorable: true }),
  sessionTimeout: int32('0+'),
  subscription: bytes('0+'),
  assignment: bytes('0+'),
});

export const GROUP_METADATA_VALUE = message({
  name: 'GroupMetadataValue',
  recordType: 2,
  versions: '0-4',
  flexible: '4+',
  body: struct<GroupMetadataValue>({
    protocolType: string('0+'),
    generation: int32('0+'),
    protocol: string('0+', { nullable: '0+' }),
    leader: string('0+', { nullable: '0+' }),
    currentStateTimestamp: int64('2+', { default: -1, ignorable: true }),
    members: array('0+', groupMetadataValueMemberMetadata),
  }),
});
