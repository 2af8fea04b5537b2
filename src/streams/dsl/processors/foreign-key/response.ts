import { asBuffer, encodedBytes } from '../../../serde/encoded-bytes.ts';
import type { AnySerde } from '../../../topology/store-spec.ts';
import { TopologyError } from '../../../topology/topology-error.ts';

/** The foreign table's answer to a subscription. */
export interface Response {
  /** Of the value that the row had when it subscribed. */
  readonly hash: Uint8Array | null;
  readonly foreignValue: unknown;
  /** Not written: the record already goes there. */
  readonly primaryPartition: number | null;
}

const VERSION = 0;
const NULL_HASH = 0x80;
const HASH_BYTES = 16;

/**
 * As Kafka's SubscriptionResponseWrapperSerde writes it, version 0:
 *
 *   null hash (1 bit), version (7)   [hash (16)]   [value]
 */
export function responseSerde(foreignValue: AnySerde): AnySerde<Response> {
  return {
    serialize({ hash, foreignValue: value }: Response, topic) {
      const parts: Uint8Array[] = [Buffer.of(hash === null ? VERSION | NULL_HASH : VERSION)];
      if (hash !== null) parts.push(hash);
      const encoded = value === null ? null : encodedBytes(foreignValue.serialize(value, topic));
      if (encoded !== null) parts.push(encoded);
      return Buffer.concat(parts);
    },
    deserialize(encoded, topic) {
      const bytes = asBuffer(encoded);
      const first = bytes.readUInt8(0);
      const version = first & ~NULL_HASH;
      if (version > VERSION) {
        throw new TopologyError(`An answer has the version ${version}, which is not known.`);
      }
      const hasHash = (first & NULL_HASH) === 0;
      const valueAt = 1 + (hasHash ? HASH_BYTES : 0);
      const value = bytes.subarray(valueAt);
      return {
        hash: hasHash ? Buffer.from(bytes.subarray(1, valueAt)) : null,
        foreignValue: value.length === 0 ? null : foreignValue.deserialize(value, topic),
        primaryPartition: null,
      };
    },
  };
}
