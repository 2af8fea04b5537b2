import type { ShardedMap } from '../../metadata/sharded-map.ts';

/** A map of the image that a draft is based on. The first change copies it. */
export class CopiedMap<Value> {
  #map: ShardedMap<Value>;
  #isCopied = false;

  constructor(base: ReadonlyMap<string, Value>) {
    this.#map = base as ShardedMap<Value>;
  }

  /** For reading, and for the next image. */
  get current(): ShardedMap<Value> {
    return this.#map;
  }

  get isCopied(): boolean {
    return this.#isCopied;
  }

  writable(): ShardedMap<Value> {
    if (!this.#isCopied) this.#map = this.#map.copy();
    this.#isCopied = true;
    return this.#map;
  }
}
