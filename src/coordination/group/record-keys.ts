import { decodeMessage, prefixOf } from '../../protocol/message-bytes.ts';
import {
  GROUP_METADATA_KEY,
  OFFSET_COMMIT_KEY,
} from '../../protocol/schema/records-classic-group.ts';
import * as consumerKeys from '../../protocol/schema/records-consumer-group.ts';

/** The kinds of records in `__consumer_offsets`, by the number that their keys begin with. */
export const RECORD_TYPE = {
  legacyOffsetCommit: 0,
  offsetCommit: 1,
  groupMetadata: 2,
  consumerGroupMetadata: 3,
  consumerGroupPartitionMetadata: 4,
  consumerGroupMemberMetadata: 5,
  consumerGroupTargetAssignmentMetadata: 6,
  consumerGroupTargetAssignmentMember: 7,
  consumerGroupCurrentMemberAssignment: 8,
  consumerGroupRegularExpression: 16,
  streamsGroupMetadata: 17,
  streamsGroupMemberMetadata: 19,
  streamsGroupTargetAssignmentMetadata: 20,
  streamsGroupTargetAssignmentMember: 21,
  streamsGroupCurrentMemberAssignment: 22,
  streamsGroupTopology: 23,
} as const;

export type RecordType = (typeof RECORD_TYPE)[keyof typeof RECORD_TYPE];

/** A key: a group, and within it a topic, a member or a regular expression. */
export interface RecordKey {
  type: RecordType;
  groupId: string;
  /** Topic, member id or regular expression. */
  name: string;
  partition: number;
}

const KNOWN_TYPES: ReadonlySet<number> = new Set(Object.values(RECORD_TYPE));

/** Types whose key is a group and a name. */
const NAMED_TYPES: ReadonlySet<number> = new Set([
  RECORD_TYPE.consumerGroupMemberMetadata,
  RECORD_TYPE.consumerGroupTargetAssignmentMember,
  RECORD_TYPE.consumerGroupCurrentMemberAssignment,
  RECORD_TYPE.consumerGroupRegularExpression,
  RECORD_TYPE.streamsGroupMemberMetadata,
  RECORD_TYPE.streamsGroupTargetAssignmentMember,
  RECORD_TYPE.streamsGroupCurrentMemberAssignment,
]);

/** All keys but those of offsets have one layout: `type:int16 group:string [name:string]`. */
export function recordKey(type: RecordType, groupId: string, name?: string): Buffer {
  const groupBytes = Buffer.byteLength(groupId);
  const nameBytes = name === undefined ? 0 : 2 + Buffer.byteLength(name);
  const key = Buffer.allocUnsafe(2 + 2 + groupBytes + nameBytes);
  let at = key.writeInt16BE(type, 0);
  at = key.writeInt16BE(groupBytes, at);
  at += key.write(groupId, at);
  if (name === undefined) return key;
  at = key.writeInt16BE(nameBytes - 2, at);
  key.write(name, at);
  return key;
}

/** Null for kinds that this coordinator does not keep, such as share groups. */
export function readRecordKey(bytes: Buffer): RecordKey | null {
  const number = prefixOf(bytes);
  if (!KNOWN_TYPES.has(number)) return null;
  const type = number as RecordType;
  if (type === RECORD_TYPE.legacyOffsetCommit || type === RECORD_TYPE.offsetCommit) {
    const { group, topic, partition } = decodeMessage(OFFSET_COMMIT_KEY, 0, bytes, 2);
    return { type, groupId: group, name: topic, partition };
  }
  if (NAMED_TYPES.has(type)) {
    const key = decodeMessage(consumerKeys.CONSUMER_GROUP_MEMBER_METADATA_KEY, 0, bytes, 2);
    return { type, groupId: key.groupId, name: key.memberId, partition: -1 };
  }
  const { group } = decodeMessage(GROUP_METADATA_KEY, 0, bytes, 2);
  return { type, groupId: group, name: '', partition: -1 };
}
