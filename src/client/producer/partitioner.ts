import { murmur2 } from '../../records/key-partitioner.ts';
import type { TopicImage } from '../metadata/topic-image.ts';
import type { Encoded } from '../serde/serde.ts';

/** What a custom partitioner may look at. */
export interface PartitionerView {
  readonly topic: TopicImage;
  /** The numbers of the partitions that have a leader. */
  readonly available: readonly number[];
}

/** The partition of a record, by its encoded key and value. */
export type Partitioner = (key: Encoded, value: Encoded, view: PartitionerView) => number;

const POSITIVE = 0x7fffffff;
const SEED = 0x9747b28c;
const MULTIPLIER = 0x5bd1e995;

/** Where Java's client sends a record with this key. */
export function partitionOfKey(key: string | Uint8Array, partitions: number): number {
  if (partitions === 1) return 0;
  const hash = typeof key === 'string' ? murmur2OfText(key) : murmur2(key);
  return (hash & POSITIVE) % partitions;
}

/** Murmur2 of the text's UTF-8, which for ASCII is not made. */
export function murmur2OfText(text: string): number {
  const { length } = text;
  let hash = SEED ^ length;
  let seen = 0;
  let at = 0;
  for (; at + 4 <= length; at += 4) {
    const a = text.charCodeAt(at);
    const b = text.charCodeAt(at + 1);
    const c = text.charCodeAt(at + 2);
    const d = text.charCodeAt(at + 3);
    seen |= a | b | c | d;
    const word = Math.imul(a | (b << 8) | (c << 16) | (d << 24), MULTIPLIER);
    hash = Math.imul(hash, MULTIPLIER) ^ Math.imul(word ^ (word >>> 24), MULTIPLIER);
  }
  if (at < length) {
    for (let i = length - 1; i >= at; i--) {
      const unit = text.charCodeAt(i);
      seen |= unit;
      hash ^= unit << (8 * (i - at));
    }
    hash = Math.imul(hash, MULTIPLIER);
  }
  if (seen >= 0x80) return murmur2(Buffer.from(text));
  hash = Math.imul(hash ^ (hash >>> 13), MULTIPLIER);
  return hash ^ (hash >>> 15);
}

/** One partition after the other, of those with a leader. */
export function roundRobin(): Partitioner {
  let next = 0;
  return (_key, _value, { available, topic }) => {
    const turn = next;
    next = (next + 1) & POSITIVE;
    if (available.length === 0) return turn % topic.partitions.length;
    return available[turn % available.length]!;
  };
}
