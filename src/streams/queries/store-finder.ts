import { partitionForKey } from '../../records/key-partitioner.ts';
import type { StoreSpec } from '../topology/store-spec.ts';
import { hostText } from './host-info.ts';
import { QueryError } from './query-error.ts';
import type { HostedStore, KnownStore, Position, StoreHost } from './store-host.ts';
import type { StoreQueryOptions } from './store-query-options.ts';

const ALIVE = ['REBALANCING', 'RUNNING'];

/** Finds the stores of one name that may be read now. */
export class StoreFinder<K = unknown> {
  readonly name: string;
  readonly spec: StoreSpec;
  readonly #host: StoreHost;
  readonly #options: StoreQueryOptions;

  constructor(host: StoreHost, name: string, options: StoreQueryOptions) {
    this.name = name;
    this.#host = host;
    this.#options = options;
    this.spec = this.#known().spec;
  }

  get host(): StoreHost {
    return this.#host;
  }

  get options(): StoreQueryOptions {
    return this.#options;
  }

  get isGlobal(): boolean {
    return this.#known().isGlobal;
  }

  get partitions(): number {
    return this.#known().partitions;
  }

  /** Throws where there is none, or not all that were asked for. `key` says where it would be. */
  stores<S>(key?: K): readonly S[] {
    const all = this.#host.hosted(this.name);
    const { partitions } = this.#options;
    const asked = all.filter((each) => {
      return each.role === 'global' || (partitions?.includes(each.partition) ?? true);
    });
    const readable = asked.filter((each) => this.#isReadable(each));
    const missing = partitions?.find((one) => {
      return !readable.some(({ partition, role }) => partition === one || role === 'global');
    });
    if (readable.length === 0 || missing !== undefined) throw this.#absence(asked, missing, key);
    return readable.map(({ store }) => store as S);
  }

  /** The partition where records of this key are; -1 where that is not known. */
  partitionOf(key: K): number {
    const { spec, partitions } = this.#known();
    if (!('key' in spec) || partitions === 0) return -1;
    const encoded = spec.key.serialize(key, '');
    if (encoded === null) return -1;
    const bytes = typeof encoded === 'string' ? Buffer.from(encoded) : encoded;
    return partitionForKey(bytes, partitions);
  }

  /** Nothing is here under the key: throws where it would be in another instance. */
  requireHere(key: K): void {
    if (this.#options.partitions !== undefined || this.isGlobal) return;
    const partition = this.partitionOf(key);
    const isHere = this.#host.hosted(this.name).some((each) => each.partition === partition);
    if (partition >= 0 && !isHere) throw this.#notHere(partition);
  }

  #known(): KnownStore {
    const known = this.#host.known(this.name);
    if (known !== undefined) return known;
    const names = this.#host.storeNames().join(', ');
    const has = names === '' ? 'it has none' : `it has ${names}`;
    const what = `the topology has no store ${this.name}: ${has}`;
    throw new QueryError('QUERY_UNKNOWN_STORE', what);
  }

  #isReadable({ role, lag, position }: HostedStore): boolean {
    const { maxLag, position: wanted } = this.#options;
    if (role === 'global') return true;
    if (role !== 'active' && (maxLag === undefined || lag < 0 || lag > maxLag)) return false;
    return wanted === undefined || isBehind(wanted, position());
  }

  #absence(
    asked: readonly HostedStore[],
    missing: number | undefined,
    key: K | undefined,
  ): QueryError {
    const { name } = this;
    const { state } = this.#host;
    if (!ALIVE.includes(state)) {
      return new QueryError('QUERY_NOT_RUNNING', `store ${name}: the application is ${state}`);
    }
    const here = asked.filter(({ partition }) => missing === undefined || partition === missing);
    if (here.some(({ role }) => role === 'active')) {
      const what = `store ${name} has not seen the position that was asked for`;
      return new QueryError('QUERY_STALE', what);
    }
    if (here.some(({ role }) => role === 'restoring') && this.#options.maxLag === undefined) {
      return new QueryError('QUERY_REBALANCING', `store ${name} is being restored`);
    }
    if (here.length > 0 && this.#options.maxLag !== undefined) {
      const lags = here.map(({ lag }) => (lag < 0 ? 'unknown' : lag)).join(', ');
      const what = `store ${name} is behind its changelog by more than maxLag: ${lags}`;
      return new QueryError('QUERY_STALE', what);
    }
    if (state === 'REBALANCING') {
      return new QueryError('QUERY_REBALANCING', `store ${name}: tasks are being shared out`);
    }
    return this.#notHere(missing ?? (key === undefined ? -1 : this.partitionOf(key)));
  }

  #notHere(partition: number): QueryError {
    const host = this.#host.hostOf(this.name, partition);
    const what = partition < 0 ? `store ${this.name}` : `partition ${partition} of ${this.name}`;
    const where = host === null ? 'another instance has it' : `${hostText(host)} has it`;
    return new QueryError('QUERY_NOT_HERE', `${what} is not here: ${where}`, host);
  }
}

/** Whether a store that is at `position` has seen all of `wanted` that it reads. */
function isBehind(wanted: Position, position: Position | null): boolean {
  if (position === null) return false;
  return Object.entries(wanted).every(([name, offset]) => {
    const seen = position[name];
    return seen === undefined || seen >= offset;
  });
}
