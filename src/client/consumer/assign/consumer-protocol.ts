import { byPlace, type TopicPartition } from '../../topic-partition.ts';
import type { Subscription } from './assignor.ts';
import { compareText } from './member-order.ts';
import { ProtocolReader } from './protocol-reader.ts';
import { ProtocolWriter } from './protocol-writer.ts';

/** The protocol type of groups of consumers. */
export const CONSUMER_PROTOCOL_TYPE = 'consumer';

const VERSION = 3;

/**
 * What consumers put into JoinGroup and SyncGroup, byte for byte as Kafka's ConsumerProtocol does.
 *
 *   Subscription => version:int16 [topic:string] user_data:nullable_bytes
 *                   v1+ [topic:string [partition:int32]]
 *                   v2+ generation:int32   v3+ rack:nullable_string
 *   Assignment   => version:int16 [topic:string [partition:int32]] user_data:nullable_bytes
 */
export function encodeSubscription(subscription: Subscription): Buffer {
  const { topics, userData, owned, generation, rack } = subscription;
  return new ProtocolWriter()
    .int16(VERSION)
    .texts([...topics].sort(compareText))
    .bytes(userData)
    .partitions([...owned].sort(byPlace))
    .int32(generation)
    .text(rack)
    .finish();
}

/** Null where the bytes are none. Later versions are read as far as they are known. */
export function decodeSubscription(bytes: Uint8Array): Subscription | null {
  return ProtocolReader.tryRead(bytes, (reader) => {
    const version = reader.int16();
    const topics = reader.texts();
    const userData = reader.nullableBytes();
    const owned = version >= 1 ? reader.partitions() : [];
    const generation = version >= 2 ? reader.int32() : -1;
    const rack = version >= 3 ? reader.nullableText() : null;
    return { topics, userData, owned, generation, rack };
  });
}

export function encodeAssignment(
  partitions: readonly TopicPartition[],
  userData: Uint8Array | null = null,
): Buffer {
  return new ProtocolWriter().int16(VERSION).partitions(partitions).bytes(userData).finish();
}

/** What a member gets, and what its leader's assignor says beside it. */
export interface DecodedAssignment {
  readonly partitions: readonly TopicPartition[];
  readonly userData: Uint8Array | null;
}

/** Null where the bytes are no assignment; empty bytes assign nothing. */
export function decodeAssignment(bytes: Uint8Array): DecodedAssignment | null {
  if (bytes.length === 0) return { partitions: [], userData: null };
  return ProtocolReader.tryRead(bytes, (reader) => {
    reader.int16();
    const partitions = reader.partitions();
    return { partitions, userData: reader.isAtEnd ? null : reader.nullableBytes() };
  });
}
