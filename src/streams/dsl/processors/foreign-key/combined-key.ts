import { asBuffer, encodedBytes } from '../../../serde/encoded-bytes.ts';
import type { AnySerde } from '../../../topology/store-spec.ts';
import { TopologyError } from '../../../topology/topology-error.ts';

const LENGTH_BYTES = 4;

/** Serdes of the two keys of a subscription. */
export interface SubscriptionKeys {
  readonly foreign: AnySerde;
  readonly primary: AnySerde;
}

/** The bytes of a key, which must not be null. */
export function keyBytes(serde: AnySerde, key: unknown, topic: string): Buffer {
  const encoded = encodedBytes(serde.serialize(key, topic));
  if (encoded === null) throw new TopologyError('A key of a foreign-key join has no bytes.');
  return encoded;
}

/**
 * A subscription's key in its store, as Kafka's CombinedKeySchema writes it:
 *
 *   length of the foreign key (int32)   foreign key   primary key
 */
export function combinedKey(foreign: Buffer, primary: Buffer): Buffer {
  return Buffer.concat([subscriptionPrefix(foreign), primary]);
}

/** What the keys of all subscriptions to one foreign key begin with. */
export function subscriptionPrefix(foreign: Buffer): Buffer {
  const prefix = Buffer.allocUnsafe(LENGTH_BYTES + foreign.length);
  prefix.writeInt32BE(foreign.length);
  prefix.set(foreign, LENGTH_BYTES);
  return prefix;
}

/** The primary key's bytes of a subscription's key. */
export function primaryKeyBytes(combined: Uint8Array): Buffer {
  const bytes = asBuffer(combined);
  return bytes.subarray(LENGTH_BYTES + bytes.readInt32BE(0));
}
