import type { AskHost } from './asker.ts';
import type { Query, QueryRow } from './query.ts';
import type { StoreAsker } from './store-asker.ts';
import { StoreFinder } from './store-finder.ts';
import type { StoreQueryOptions } from './store-query-options.ts';

/** Asks the stores of this process alone, once. They live in other threads, so it takes a while. */
export class NearbyAsker<K, V> implements StoreAsker<K, V> {
  readonly #host: AskHost;
  readonly #name: string;
  readonly #options: StoreQueryOptions;
  readonly kind: string;

  constructor(host: AskHost, name: string, options: StoreQueryOptions) {
    this.#host = host;
    this.#name = name;
    this.#options = options;
    this.kind = new StoreFinder(host, name, options).spec.kind;
  }

  /** Records may be elsewhere than the default partitioner puts them: all stores here are asked. */
  ofKey(_key: K, query: Query<K>): Promise<QueryRow<K, V>[]> {
    return this.ofAll(query);
  }

  async ofAll(query: Query<K>): Promise<QueryRow<K, V>[]> {
    return await this.#host.here<K, V>(this.#name, query, this.#options);
  }
}
