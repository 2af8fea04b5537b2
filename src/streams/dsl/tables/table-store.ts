import type { KeyValueStore } from '../../topology/key-value-store.ts';
import type { NodeContext } from '../../topology/node-context.ts';
import type { CachedStore, StateStore } from '../../topology/state-store.ts';
import {
  NOT_PUT,
  VALID_TO_UNDEFINED,
  type VersionedKeyValueStore,
} from '../../topology/versioned-store.ts';

type AnyStore<K, V> = KeyValueStore<K, V> | VersionedKeyValueStore<K, V>;

/** A table's store, whether versioned or not. */
export class TableStore<K = unknown, V = unknown> {
  readonly isVersioned: boolean;
  /** False after a put of a version that is not the latest. */
  wasLatest = true;
  readonly #plain: KeyValueStore<K, V> | undefined;
  readonly #versioned: VersionedKeyValueStore<K, V> | undefined;

  constructor(context: NodeContext, name: string) {
    const store: AnyStore<K, V> & StateStore = context.store(name);
    this.isVersioned = 'getAsOf' in store;
    if ('getAsOf' in store) this.#versioned = store;
    else this.#plain = store;
  }

  /** The store if it may hold updates back. */
  get cached(): CachedStore<K, V> | undefined {
    return this.#plain;
  }

  get foundTimestamp(): number {
    const plain = this.#plain;
    if (plain !== undefined) return plain.foundTimestamp;
    return this.#versioned!.foundTimestamp;
  }

  get(key: K): V | null {
    const plain = this.#plain;
    return plain === undefined ? this.#versioned!.get(key) : plain.get(key);
  }

  getAsOf(key: K, asOf: number): V | null {
    return this.#versioned === undefined ? this.get(key) : this.#versioned.getAsOf(key, asOf);
  }

  /** False where the value was too old for the store; then nobody is told of it. */
  put(key: K, value: V | null, timestamp: number): boolean {
    const plain = this.#plain;
    if (plain !== undefined) {
      plain.put(key, value, timestamp);
      return true;
    }
    const validTo = this.#versioned!.put(key, value, timestamp);
    this.wasLatest = validTo === VALID_TO_UNDEFINED;
    return validTo !== NOT_PUT;
  }
}
