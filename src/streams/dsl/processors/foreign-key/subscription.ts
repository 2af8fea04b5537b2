import { asBuffer, encodedBytes } from '../../../serde/encoded-bytes.ts';
import type { AnySerde } from '../../../topology/store-spec.ts';
import { TopologyError } from '../../../topology/topology-error.ts';

/** Kafka's SubscriptionWrapper.Instruction. */
export const INSTRUCTION = {
  /** Ends the subscription without an answer. */
  DELETE_KEY_NO_PROPAGATE: 0,
  /** Ends the subscription and answers with null. */
  DELETE_KEY_AND_PROPAGATE: 1,
  /** Answers with the foreign row, or with null: the row named another one before. */
  PROPAGATE_NULL_IF_NO_FK_VAL_AVAILABLE: 2,
  /** Answers only with a foreign row: the row is new, or named the same one before. */
  PROPAGATE_ONLY_IF_FK_VAL_AVAILABLE: 3,
} as const;

/** One of `INSTRUCTION`. */
export type Instruction = (typeof INSTRUCTION)[keyof typeof INSTRUCTION];

/** What a row says at the foreign table. */
export interface Subscription {
  /** Of the row's value; null where the row is gone. */
  readonly hash: Uint8Array | null;
  readonly instruction: Instruction;
  readonly primaryKey: unknown;
  /** Where the answer goes; null in records of Kafka before 3.4. */
  readonly primaryPartition: number | null;
}

const VERSION = 1;
const NULL_HASH = 0x80;
const HASH_BYTES = 16;
const PARTITION_BYTES = 4;

/**
 * As Kafka's SubscriptionWrapperSerde writes it, version 1:
 *
 *   null hash (1 bit), version (7)   instruction (1)   [hash (16)]   primary key   partition
 * (int32)
 */
export function subscriptionSerde(primaryKey: AnySerde): AnySerde<Subscription> {
  return {
    serialize({ hash, instruction, primaryKey: key, primaryPartition }: Subscription, topic) {
      const encodedKey = encodedBytes(primaryKey.serialize(key, `${topic}-pk`)) ?? Buffer.alloc(0);
      const partition = Buffer.allocUnsafe(PARTITION_BYTES);
      partition.writeInt32BE(primaryPartition ?? 0);
      const head = Buffer.of(hash === null ? VERSION | NULL_HASH : VERSION, instruction);
      return Buffer.concat(
        hash === null ? [head, encodedKey, partition] : [head, hash, encodedKey, partition],
      );
    },
    deserialize(encoded, topic) {
      const bytes = asBuffer(encoded);
      const first = bytes.readUInt8(0);
      const version = first & ~NULL_HASH;
      if (version > VERSION) {
        throw new TopologyError(`A subscription has the version ${version}, which is not known.`);
      }
      const hasHash = (first & NULL_HASH) === 0;
      const keyAt = 2 + (hasHash ? HASH_BYTES : 0);
      const keyEnd = bytes.length - (version > 0 ? PARTITION_BYTES : 0);
      return {
        hash: hasHash ? Buffer.from(bytes.subarray(2, keyAt)) : null,
        instruction: bytes.readUInt8(1) as Instruction,
        primaryKey: primaryKey.deserialize(bytes.subarray(keyAt, keyEnd), `${topic}-pk`),
        primaryPartition: version > 0 ? bytes.readInt32BE(keyEnd) : null,
      };
    },
  };
}
