import { randomInt } from 'node:crypto';
import { murmur2 } from '../../records/key-partitioner.ts';
import { murmur2OfText } from '../producer/partitioner.ts';
import type { ICustomPartitioner, Message } from './types.ts';

type Key = NonNullable<Message['key']>;

const SEED = 0x9747b28c;
const MULTIPLIER = 0x5bd1e995;
const SHIFT = 24;

function toPositive(hash: number): number {
  return hash & 0x7fffffff;
}

/**
 * By the message's own partition, else by its key, else one available partition after the other.
 */
function partitionerBy(hashOf: (key: Key) => number): ICustomPartitioner {
  return () => {
    const counters = new Map<string, number>();
    return ({ topic, partitionMetadata, message }) => {
      const { partition, key } = message;
      if (partition !== null && partition !== undefined) return partition;
      if (key !== null && key !== undefined) {
        return toPositive(hashOf(key)) % partitionMetadata.length;
      }
      const turn = (counters.get(topic) ?? randomInt(2 ** 32)) + 1;
      counters.set(topic, turn);
      const available = partitionMetadata.filter(({ leader }) => leader >= 0);
      if (available.length === 0) return toPositive(turn) % partitionMetadata.length;
      return available[toPositive(turn) % available.length]!.partitionId;
    };
  };
}

function javaHash(key: Key): number {
  return key instanceof Uint8Array ? murmur2(key) : murmur2OfText(String(key));
}

/**
 * The hash of KafkaJS 1. Its products are rounded as floating-point numbers and its last block
 * reaches beyond the key, so it is no murmur2. It stays for topics whose records lie where it said.
 */
function legacyHash(key: Key): number {
  const data = key instanceof Uint8Array ? key : Buffer.from(String(key));
  const { length } = data;
  let hash = SEED ^ length;
  for (let block = 0; block * 4 < length; block++) {
    let word = 0;
    for (let i = 0; i < 4; i++) word += (data[block * 4 + i] ?? 0) << (8 * i);
    word *= MULTIPLIER;
    word ^= word >>> SHIFT;
    word *= MULTIPLIER;
    hash *= MULTIPLIER;
    hash ^= word;
  }
  const tail = length & ~3;
  const left = length % 4;
  if (left === 3) hash ^= data[tail + 2]! << 16;
  if (left >= 2) hash ^= data[tail + 1]! << 8;
  if (left >= 1) {
    hash ^= data[tail]!;
    hash *= MULTIPLIER;
  }
  hash ^= hash >>> 13;
  hash *= MULTIPLIER;
  return hash ^ (hash >>> 15);
}

const DefaultPartitioner = partitionerBy(javaHash);

export const Partitioners = {
  DefaultPartitioner,
  LegacyPartitioner: partitionerBy(legacyHash),
  JavaCompatiblePartitioner: DefaultPartitioner,
};
