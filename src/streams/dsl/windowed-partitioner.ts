import { partitionOfKey } from '../../client/producer/partitioner.ts';
import type { AnySerde } from '../topology/store-spec.ts';
import type { StreamPartitioner } from '../topology/topology-plan.ts';
import type { WindowedKey } from '../topology/windowed-key.ts';

const THE_FIRST: readonly number[] = [0];

/**
 * Windows of one key go to the key's partition, whatever the window. Undefined for other serdes.
 */
export function windowedPartitioner(serde: AnySerde): StreamPartitioner | undefined {
  if (!('inner' in serde)) return undefined;
  const inner = serde.inner as AnySerde;
  // A serde that may refuse a key is asked in any case.
  const isIdentity = inner.isIdentity === true;
  return (topic, key, _value, partitions) => {
    if (isIdentity && partitions === 1) return THE_FIRST;
    const encoded = inner.serialize((key as WindowedKey<unknown>).key, topic);
    return encoded === null ? undefined : [partitionOfKey(encoded, partitions)];
  };
}
