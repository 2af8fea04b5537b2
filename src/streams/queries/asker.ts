import type { HostInfo } from './host-info.ts';
import type { Query, QueryRow } from './query.ts';
import type { QueryClient } from './query-client.ts';
import { QueryCodec } from './query-codec.ts';
import { QueryError, type QueryErrorCode } from './query-error.ts';
import type { StoreAsker } from './store-asker.ts';
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
  /** Asks the stores of this process. */
  here<K, V>(
    name: string,
    query: Query<K>,
    options: StoreQueryOptions,
  ): QueryRow<K, V>[] | Promise<QueryRow<K, V>[]>;
  /** Asks the group anew who has what. */
  refreshHosts(): Promise<void>;
  readonly client: QueryClient;
}

/** Where this instance cannot answer, and another may. */
const ELSEWHERE: readonly QueryErrorCode[] = ['QUERY_NOT_HERE', 'QUERY_REBALANCING', 'QUERY_STALE'];
const TIMEOUT_MS = 10_000;
const PAUSE_MS = 100;

/** Asks whichever instances have a store: this one too, and then without any request. */
export class Asker<K, V> implements StoreAsker<K, V> {
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
      const hosts = this.#elsewhere(thrown, partition);
      if (hosts.length === 0) throw thrown;
      return await this.#atHosts(hosts, query, options);
    }
  }

  /** The first one that answers; what the last one says where none does. */
  async #atHosts(
    hosts: readonly HostInfo[],
    query: Query<K>,
    options: StoreQueryOptions,
  ): Promise<QueryRow<K, V>[]> {
    const [host, ...others] = hosts;
    try {
      const answer = await this.#host.client.ask(host!, this.#codec.encode(query, options));
      return this.#codec.decodeRows(answer);
    } catch (thrown) {
      const passes = thrown instanceof QueryError && thrown.isPassing;
      if (!passes || others.length === 0) throw thrown;
      return await this.#atHosts(others, query, options);
    }
  }

  /**
   * The instances to ask where this one cannot answer: the one that runs the task, and where some
   * lag is allowed, those that have copies of it.
   */
  #elsewhere(thrown: unknown, partition: number): HostInfo[] {
    if (!(thrown instanceof QueryError) || !ELSEWHERE.includes(thrown.code)) return [];
    const active = this.#host.hostOf(this.#finder.name, partition);
    const copies = this.#host.copiesOf(this.#finder.name, partition);
    return [
      ...(active === null ? [] : [active]),
      ...(this.#options.maxLag === undefined ? [] : copies),
    ];
  }

  async #here(query: Query<K>, options: StoreQueryOptions): Promise<QueryRow<K, V>[]> {
    return await this.#host.here<K, V>(this.#finder.name, query, options);
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
