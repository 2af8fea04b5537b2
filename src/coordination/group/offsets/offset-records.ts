/**
 * The records of a commit, byte for byte as Kafka's coordinator writes them. They are coded by hand
 * because tens of thousands are written a second.
 *
 *   key   => version:int16(=1) group:string topic:string partition:int32
 *   value => version:int16(=4) offset:int64 leader_epoch:int32 metadata:compact_string
 *            commit_timestamp:int64 tags{0: topic_id:uuid}
 *   value => version:int16(=1) offset:int64 metadata:string commit_timestamp:int64
 *            expire_timestamp:int64, where an old client set an expiry of its own
 */
import { sizeOfUnsignedVarint, writeUnsignedVarint } from '../../../base/varint.ts';
import { decodeVersioned } from '../../../protocol/message-bytes.ts';
import { OFFSET_COMMIT_VALUE } from '../../../protocol/schema/records-classic-group.ts';
import type { CoordinatorRecord } from '../../effects.ts';
import { ZERO_UUID } from '../topic-view.ts';
import type { CommittedOffset } from './offset-store.ts';

const KEY_VERSION = 1;
const VALUE_VERSION = 4;
const EXPIRING_VALUE_VERSION = 1;
const UUID_BYTES = 16;

export function offsetCommitKey(groupId: string, topic: string, partition: number): Buffer {
  const groupBytes = Buffer.byteLength(groupId);
  const topicBytes = Buffer.byteLength(topic);
  const key = Buffer.allocUnsafe(2 + 2 + groupBytes + 2 + topicBytes + 4);
  let at = key.writeInt16BE(KEY_VERSION, 0);
  at = key.writeInt16BE(groupBytes, at);
  at += key.write(groupId, at);
  at = key.writeInt16BE(topicBytes, at);
  at += key.write(topic, at);
  key.writeInt32BE(partition, at);
  return key;
}

export function offsetCommitRecord(
  groupId: string,
  topic: string,
  partition: number,
  committed: CommittedOffset,
): CoordinatorRecord {
  const key = offsetCommitKey(groupId, topic, partition);
  return { key, value: offsetCommitValue(committed) };
}

export function offsetCommitValue(committed: CommittedOffset): Buffer {
  return committed.expireMs === -1 ? currentValue(committed) : expiringValue(committed);
}

function currentValue(committed: CommittedOffset): Buffer {
  const metadataBytes = Buffer.byteLength(committed.metadata);
  const hasTopicId = committed.topicId !== ZERO_UUID;
  const size =
    2 +
    8 +
    4 +
    sizeOfUnsignedVarint(metadataBytes + 1) +
    metadataBytes +
    8 +
    1 +
    (hasTopicId ? 2 + UUID_BYTES : 0);
  const value = Buffer.allocUnsafe(size);
  let at = value.writeInt16BE(VALUE_VERSION, 0);
  at = writeInt64(value, at, committed.offset);
  at = value.writeInt32BE(committed.leaderEpoch, at);
  at = writeUnsignedVarint(value, at, metadataBytes + 1);
  at += value.write(committed.metadata, at);
  at = writeInt64(value, at, committed.commitMs);
  value[at++] = hasTopicId ? 1 : 0;
  if (!hasTopicId) return value;
  value[at++] = 0;
  value[at++] = UUID_BYTES;
  value.set(topicIdBytes(committed.topicId), at);
  return value;
}

let lastTopicId = '';
let lastTopicIdBytes = Buffer.alloc(0);

/** Commits name the same few topics again and again. */
function topicIdBytes(topicId: string): Buffer {
  if (topicId !== lastTopicId) {
    lastTopicIdBytes = Buffer.from(topicId, 'base64url');
    lastTopicId = topicId;
  }
  return lastTopicIdBytes;
}

function expiringValue(committed: CommittedOffset): Buffer {
  const metadataBytes = Buffer.byteLength(committed.metadata);
  const value = Buffer.allocUnsafe(2 + 8 + 2 + metadataBytes + 8 + 8);
  let at = value.writeInt16BE(EXPIRING_VALUE_VERSION, 0);
  at = writeInt64(value, at, committed.offset);
  at = value.writeInt16BE(metadataBytes, at);
  at += value.write(committed.metadata, at);
  at = writeInt64(value, at, committed.commitMs);
  writeInt64(value, at, committed.expireMs);
  return value;
}

/** Reads every version that Kafka has ever written, the legacy ones included. */
export function readOffsetCommitValue(bytes: Buffer): CommittedOffset {
  const value = decodeVersioned(OFFSET_COMMIT_VALUE, bytes);
  return {
    offset: value.offset,
    leaderEpoch: value.leaderEpoch,
    metadata: value.metadata,
    commitMs: value.commitTimestamp,
    expireMs: value.expireTimestamp,
    topicId: value.topicId,
    sequence: 0,
  };
}

/** Big-endian, two's complement, without a bigint: every value is a safe integer. */
function writeInt64(bytes: Buffer, at: number, value: number): number {
  const high = Math.floor(value / 0x100000000);
  bytes.writeInt32BE(high, at);
  return bytes.writeUInt32BE(value - high * 0x100000000, at + 4);
}
