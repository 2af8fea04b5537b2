import type { StoreEntry } from '../topology/key-value-store.ts';
import type { SessionEntry } from '../topology/session-store.ts';
import type { ValueVersion } from '../topology/versioned-store.ts';
import type { WindowEntry, WindowedEntry } from '../topology/window-store.ts';
import type { WindowedKey } from '../topology/windowed-key.ts';
import type { KeyOrder } from './key-value-view.ts';
import type { Public } from './open-view.ts';
import type { QueryRow } from './query.ts';
import type { StoreAsker } from './store-asker.ts';
import { type OrderedTimeRange, type TimeRange, timesOf } from './time-range.ts';
import type { VersionRange } from './versioned-view.ts';

/** A key-value store, wherever its partitions are. */
export class KeyValueAsk<K, V> {
  readonly #asker: StoreAsker<K, V>;

  /** @internal */
  constructor(asker: StoreAsker<K, V>) {
    this.#asker = asker;
  }

  /** Null without the key. */
  async get(key: K): Promise<V | null> {
    return (await this.find(key))?.value ?? null;
  }

  /** The value with its time; null without the key. */
  async find(key: K): Promise<StoreEntry<K, V> | null> {
    const [row] = await this.#asker.ofKey(key, { op: 'get', key });
    return row === undefined ? null : { key, value: row.value, timestamp: row.timestamp };
  }

  /** Keys from..to, both inclusive; null is open. One partition after the other. */
  async range(from: K | null, to: K | null, order: KeyOrder = {}): Promise<StoreEntry<K, V>[]> {
    const reverse = order.reverse === true;
    return (await this.#asker.ofAll({ op: 'range', from, to, reverse })).map(entryOf);
  }

  /** Keys whose bytes begin so. */
  async prefix(prefix: Uint8Array | string): Promise<StoreEntry<K, V>[]> {
    const bytes = typeof prefix === 'string' ? Buffer.from(prefix) : prefix;
    return (await this.#asker.ofAll({ op: 'prefix', prefix: bytes })).map(entryOf);
  }

  /** Every entry. */
  async all(order: KeyOrder = {}): Promise<StoreEntry<K, V>[]> {
    const reverse = order.reverse === true;
    return (await this.#asker.ofAll({ op: 'all', reverse })).map(entryOf);
  }
}

/** A versioned store, wherever its partitions are. */
export class VersionedAsk<K, V> {
  readonly #asker: StoreAsker<K, V>;

  /** @internal */
  constructor(asker: StoreAsker<K, V>) {
    this.#asker = asker;
  }

  /** Of the latest version; null where it is a tombstone or there is none. */
  async get(key: K): Promise<V | null> {
    const [row] = await this.#asker.ofKey(key, { op: 'get', key });
    return row?.value ?? null;
  }

  /** Of the version that was valid then. */
  async getAsOf(key: K, at: number): Promise<V | null> {
    const [row] = await this.#asker.ofKey(key, { op: 'getAsOf', key, at });
    return row?.value ?? null;
  }

  /** The versions of a key that are valid within the times, newest first. */
  async versions(key: K, range: VersionRange = {}): Promise<ValueVersion<V>[]> {
    const { from: fromTime, to: toTime } = timesOf(range);
    const reverse = range.ascending === true;
    const query = { op: 'versions', key, fromTime, toTime, reverse } as const;
    return (await this.#asker.ofKey(key, query)).map(({ value, timestamp, end }) => {
      return { value, timestamp, validTo: end < 0 ? undefined : end };
    });
  }
}

/** A window store, wherever its partitions are. */
export class WindowAsk<K, V> {
  readonly #asker: StoreAsker<K, V>;

  /** @internal */
  constructor(asker: StoreAsker<K, V>) {
    this.#asker = asker;
  }

  /** Of the window that starts then; null without it. */
  async get(key: K, windowStart: number): Promise<V | null> {
    const [row] = await this.#asker.ofKey(key, { op: 'get', key, start: windowStart });
    return row?.value ?? null;
  }

  /** The windows of one key that start within the times, in the order of their starts. */
  async fetch(key: K, range: OrderedTimeRange = {}): Promise<WindowEntry<V>[]> {
    const { from: fromTime, to: toTime } = timesOf(range);
    const reverse = range.reverse === true;
    const query = { op: 'fetch', key, fromTime, toTime, reverse } as const;
    return (await this.#asker.ofKey(key, query)).map(({ start: windowStart, value, timestamp }) => {
      return { windowStart, value, timestamp };
    });
  }

  /** The windows of the keys keyFrom..keyTo (null is open) that start within the times. */
  async fetchRange(
    from: K | null,
    to: K | null,
    range: TimeRange = {},
  ): Promise<WindowedEntry<K, V>[]> {
    const { from: fromTime, to: toTime } = timesOf(range);
    const rows = await this.#asker.ofAll({ op: 'fetchRange', from, to, fromTime, toTime });
    return rows.map(windowedOf);
  }

  /** The windows of all keys that start within the times. */
  async fetchAll(range: TimeRange = {}): Promise<WindowedEntry<K, V>[]> {
    const { from: fromTime, to: toTime } = timesOf(range);
    return (await this.#asker.ofAll({ op: 'fetchAll', fromTime, toTime })).map(windowedOf);
  }
}

/** A session store, wherever its partitions are. */
export class SessionAsk<K, V> {
  readonly #asker: StoreAsker<K, V>;

  /** @internal */
  constructor(asker: StoreAsker<K, V>) {
    this.#asker = asker;
  }

  /** Of exactly this session; null without it. */
  async get(key: K, start: number, end: number): Promise<V | null> {
    const [row] = await this.#asker.ofKey(key, { op: 'get', key, start, end });
    return row?.value ?? null;
  }

  /** The sessions of one key that lie within the times, in part or as a whole, by their ends. */
  async fetch(key: K, range: OrderedTimeRange = {}): Promise<SessionEntry<K, V>[]> {
    const { from: fromTime, to: toTime } = timesOf(range);
    const reverse = range.reverse === true;
    const query = { op: 'fetch', key, fromTime, toTime, reverse } as const;
    return (await this.#asker.ofKey(key, query)).map(sessionOf);
  }

  /** The sessions of all keys that end within the times. */
  async fetchAll(range: TimeRange = {}): Promise<SessionEntry<K, V>[]> {
    const { from: fromTime, to: toTime } = timesOf(range);
    return (await this.#asker.ofAll({ op: 'fetchAll', fromTime, toTime })).map(sessionOf);
  }
}

/** A store that is known by name alone: what it answers depends on its kind. */
export type AnyStoreAsk<K, V> = Public<KeyValueAsk<K, V>> &
  Public<WindowAsk<K, V>> &
  Public<SessionAsk<K, V>> &
  Public<VersionedAsk<K, V>>;

/** By the type of a table's keys one of two kinds each. */
export type StoreAskOf<K, V> =
  K extends WindowedKey<infer Inner>
    ? Public<WindowAsk<Inner, V>> & Public<SessionAsk<Inner, V>>
    : Public<KeyValueAsk<K, V>> & Public<VersionedAsk<K, V>>;

/** By the kind of the store. */
export function askStore<K, V>(asker: StoreAsker<K, V>) {
  if (asker.kind === 'window') return new WindowAsk(asker);
  if (asker.kind === 'session') return new SessionAsk(asker);
  return asker.kind === 'versioned' ? new VersionedAsk(asker) : new KeyValueAsk(asker);
}

function entryOf<K, V>({ key, value, timestamp }: QueryRow<K, V>): StoreEntry<K, V> {
  return { key: key!, value, timestamp };
}

function windowedOf<K, V>(row: QueryRow<K, V>): WindowedEntry<K, V> {
  const { key, value, timestamp, start, end } = row;
  return { key: { key: key!, window: { start, end } }, value, timestamp };
}

function sessionOf<K, V>({ key, value, start, end }: QueryRow<K, V>): SessionEntry<K, V> {
  return { key: { key: key!, window: { start, end } }, value };
}
