/**
 * Where a record with a key goes: the positive murmur2 of the key, modulo the partitions, as every
 * Kafka client does it. Two clients that disagree would break the order of a key's records.
 */
const SEED = 0x9747b28c;
const MULTIPLIER = 0x5bd1e995;
const SHIFT = 24;
const POSITIVE = 0x7fffffff;

function mix(word: number): number {
  const multiplied = Math.imul(word, MULTIPLIER);
  return Math.imul(multiplied ^ (multiplied >>> SHIFT), MULTIPLIER);
}

/** 32-bit murmur2, signed. */
export function murmur2(bytes: Uint8Array): number {
  const { length } = bytes;
  let hash = SEED ^ length;
  let at = 0;
  for (; at + 4 <= length; at += 4) {
    const word =
      bytes[at]! | (bytes[at + 1]! << 8) | (bytes[at + 2]! << 16) | (bytes[at + 3]! << 24);
    hash = Math.imul(hash, MULTIPLIER) ^ mix(word);
  }
  if (at < length) {
    for (let i = length - 1; i >= at; i--) hash ^= bytes[i]! << (8 * (i - at));
    hash = Math.imul(hash, MULTIPLIER);
  }
  hash = Math.imul(hash ^ (hash >>> 13), MULTIPLIER);
  return hash ^ (hash >>> 15);
}

export function partitionForKey(key: Uint8Array, partitions: number): number {
  return (murmur2(key) & POSITIVE) % partitions;
}
