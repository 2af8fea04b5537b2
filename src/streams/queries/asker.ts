import type { HostInfo } from './host-info.ts';
import { openView, type StoreView } from './open-view.ts';
import type { Query, QueryRow } from './query.ts';
import type { QueryClient } from './query-client.ts';
import { QueryCodec } from './query-codec.ts';
import { QueryError } from './query-error.ts';
import { runQuery } from './run-query.ts';
import { StoreFinder } from './store-finder.ts';
import type { StoreHost } from './store-host.ts';
import type { StoreQueryOptions } from './store-query-options.ts';

/** How a question may be asked. */
export interface AskOptions extends StoreQueryOptions {
  /** For how long it is asked again while tasks move; 10,000. */
  readonly timeoutMs?: number | undefined;
  /** Where the records of a key are, where the sink that wrote them has its own partitioner. */
  readonly partitioner?: ((key: never, partitions: number) => number) | undefined;
}

/** What asking needs of the application. */
export interface AskHost extends StoreHost {
  /** Asks the group anew who has what. */
  refreshHosts(): Promise<void>;
  readonly client: QueryClient;
}

const TIMEOUT_MS = 10_000;
const PAUSE_MS = 100;

/** Asks whichever instances have a store: this one too, and then without any request. */
export class Asker<K, V> {
  readonly #host: AskHost;
  readonly #finder: StoreFinder<K>;
  readonly #codec: QueryCodec<K, V>;
  readonly #options: AskOptions;

  constructor(host: AskHost, name: string, options: AskOptions) {
    this.#host = host;
    this.#options = options;
    this.#finder = new StoreFinder(host, name, options);
    this.#codec = new QueryCodec(this.#finder.spec);
  }

  get kind(): string {
    return this.#finder.spec.kind;
  }

  /** Of the partition where the key is. */
  ofKey(key: K, query: Query<K>): Promise<QueryRow<K, V>[]> {
    return this.#untilDone(() => {
      if (this.#finder.isGlobal) return this.#here(query, this.#options);
      return this.#atPartitions(query, this.#partitionsOf(key));
    });
  }

  /** Of all partitions, in their order. */
  ofAll(query: Query<K>): Promise<QueryRow<K, V>[]> {
    return this.#untilDone(() => {
      if (this.#finder.isGlobal) return this.#here(query, this.#options);
      const { partitions } = this.#finder;
      if (partitions === 0) throw this.#unknown();
      const wanted = this.#options.partitions ?? Array.from({ length: partitions }, (_, i) => i);
      return this.#atPartitions(query, wanted);
    });
  }

  #partitionsOf(key: K): readonly number[] {
    const { partitions, partitioner } = this.#options;
    if (partitions !== undefined) return partitions;
    const count = this.#finder.partitions;
    if (partitioner !== undefined && count > 0) return [partitioner(key as never, count)];
    const partition = this.#finder.partitionOf(key);
    if (partition < 0) throw this.#unknown();
    return [partition];
  }

  async #atPartitions(query: Query<K>, partitions: readonly number[]): Promise<QueryRow<K, V>[]> {
    const answers = await Promise.all(
      partitions.map((partition) => this.#atPartition(query, partition)),
    );
    return answers.flat();
  }

  async #atPartition(query: Query<K>, partition: number): Promise<QueryRow<K, V>[]> {
    const options = { ...this.#options, partitions: [partition] };
    try {
      return await this.#here(query, options);
    } catch (thrown) {
      const host = this.#elsewhere(thrown, partition);
      if (host === null) throw thrown;
      const answer = await this.#host.client.ask(host, this.#codec.encode(query, options));
      return this.#codec.decodeRows(answer);
    }
  }

  /** The instance to ask where this one cannot answer; null where there is none. */
  #elsewhere(thrown: unknown, partition: number): HostInfo | null {
    if (!(thrown instanceof QueryError)) return null;
    const isElsewhere = ['QUERY_NOT_HERE', 'QUERY_REBALANCING', 'QUERY_STALE'].includes(
      thrown.code,
    );
    return isElsewhere ? this.#host.hostOf(this.#finder.name, partition) : null;
  }

  async #here(query: Query<K>, options: StoreQueryOptions): Promise<QueryRow<K, V>[]> {
    const view: StoreView<K, V> = openView(this.#host, this.#finder.name, options);
    return await Promise.resolve(runQuery(view, query));
  }

  async #untilDone<Answer>(run: () => Promise<Answer>): Promise<Answer> {
    const endMs = performance.now() + (this.#options.timeoutMs ?? TIMEOUT_MS);
    for (;;) {
      try {
        return await run();
      } catch (thrown) {
        const passes = thrown instanceof QueryError && thrown.isPassing;
        if (!passes || performance.now() >= endMs) throw thrown;
        await this.#host.refreshHosts();
        await new Promise((resolve) => setTimeout(resolve, PAUSE_MS));
      }
    }
  }

  #unknown(): QueryError {
    const what = `the partitions of store ${this.#finder.name} are not known yet`;
    return new QueryError('QUERY_REBALANCING', what);
  }
}
