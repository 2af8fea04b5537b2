const SHARDS = 256;

/**
 * A map that is cheap to copy: copies share each shard until one of them changes it. Metadata is
 * copied for every commit, and a commit changes a few of many thousand topics. The order of entries
 * has no meaning, but the same changes always lead to the same order.
 */
export class ShardedMap<Value> implements ReadonlyMap<string, Value> {
  #shards: (Map<string, Value> | undefined)[] = new Array(SHARDS).fill(undefined);
  /** 1 for a shard that no other map shares. */
  readonly #owned = new Uint8Array(SHARDS);
  #size = 0;
  /** The shards that are not empty, or null when they must be collected again. */
  #filledShards: Map<string, Value>[] | null = null;

  copy(): ShardedMap<Value> {
    const copy = new ShardedMap<Value>();
    copy.#shards = this.#shards.slice();
    copy.#size = this.#size;
    this.#owned.fill(0);
    return copy;
  }

  get size(): number {
    return this.#size;
  }

  get(key: string): Value | undefined {
    return this.#shards[shardOf(key)]?.get(key);
  }

  has(key: string): boolean {
    return this.#shards[shardOf(key)]?.has(key) ?? false;
  }

  set(key: string, value: Value): void {
    const shard = this.#writable(shardOf(key));
    if (!shard.has(key)) this.#size++;
    shard.set(key, value);
  }

  delete(key: string): void {
    if (!this.has(key)) return;
    this.#writable(shardOf(key)).delete(key);
    this.#size--;
  }

  #writable(index: number): Map<string, Value> {
    let shard = this.#shards[index];
    if (shard === undefined || this.#owned[index] === 0) {
      shard = new Map(shard);
      this.#shards[index] = shard;
      this.#owned[index] = 1;
      this.#filledShards = null;
    }
    return shard;
  }

  /** With few topics most shards are empty, and looking at each of them is slow. */
  #filled(): Map<string, Value>[] {
    this.#filledShards ??= this.#shards.filter((shard) => shard !== undefined);
    return this.#filledShards;
  }

  *entries(): MapIterator<[string, Value]> {
    for (const shard of this.#filled()) yield* shard;
  }

  *keys(): MapIterator<string> {
    for (const shard of this.#filled()) yield* shard.keys();
  }

  *values(): MapIterator<Value> {
    for (const shard of this.#filled()) yield* shard.values();
  }

  [Symbol.iterator](): MapIterator<[string, Value]> {
    return this.entries();
  }

  forEach(visit: (value: Value, key: string, map: ReadonlyMap<string, Value>) => void): void {
    for (const [key, value] of this) visit(value, key, this);
  }
}

function shardOf(key: string): number {
  let hash = 0;
  for (let i = 0; i < key.length; i++) hash = (Math.imul(hash, 31) + key.charCodeAt(i)) | 0;
  return (hash ^ (hash >>> 8) ^ (hash >>> 16)) & (SHARDS - 1);
}
