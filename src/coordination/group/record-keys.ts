import { RecordReader } from './record-reader.ts';
import { RecordWriter } from './record-writer.ts';

/** The kinds of records in `__consumer_offsets`, by the version that their keys begin with. */
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
} as const;

export type RecordType = (typeof RECORD_TYPE)[keyof typeof RECORD_TYPE];

/** A key: the group, and below it a topic, a member or a regular expression where the type has one. */
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
]);

export function recordKey(type: RecordType, groupId: string, name?: string): Buffer {
  const writer = new RecordWriter(type).string(groupId);
  if (name !== undefined) writer.string(name);
  return writer.finish();
}

/** Null for kinds that this coordinator does not keep, such as share and streams groups. */
export function readRecordKey(key: Buffer): RecordKey | null {
  const reader = new RecordReader(key);
  if (!KNOWN_TYPES.has(reader.version)) return null;
  const type = reader.version as RecordType;
  const groupId = reader.string();
  if (type === RECORD_TYPE.legacyOffsetCommit || type === RECORD_TYPE.offsetCommit) {
    return { type, groupId, name: reader.string(), partition: reader.int32() };
  }
  const name = NAMED_TYPES.has(type) ? reader.string() : '';
  return { type, groupId, name, partition: -1 };
}
