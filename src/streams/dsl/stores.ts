import { type Duration, durationMs } from '../topology/duration.ts';
import { checkedName } from '../topology/node-name.ts';
import type {
  AnySerde,
  KeyValueSpec,
  SessionSpec,
  StoreSettings,
  VersionedSpec,
  WindowSpec,
} from '../topology/store-spec.ts';
import type { StoreType } from '../topology/store-type.ts';
import { TopologyError } from '../topology/topology-error.ts';
import { required, segmentOf, storeSettings, ttlOf } from './store-specs.ts';

/** What every store is described by. */
export interface NewStoreOptions {
  /** Under which processors and queries find it. */
  readonly name: string;
  /** Of the keys. */
  readonly key: AnySerde;
  /** Of the values. */
  readonly value: AnySerde;
  /** False has no changelog; an object has settings of the changelog's topic. */
  readonly logging?: boolean | Readonly<Record<string, string>> | undefined;
  /** True lets updates wait in the record cache. As in Kafka, stores by hand do not by default. */
  readonly caching?: boolean | undefined;
  /** False keeps it in memory only. */
  readonly persistent?: boolean | undefined;
  /** True keeps the headers of records beside the values (KIP-1271). */
  readonly headers?: boolean | undefined;
  /** Where it keeps its rows, if not in memory: `lmdbStores()` of `millrace/streams/lmdb`. */
  readonly storeType?: StoreType | undefined;
}

/** Of a key-value store. */
export interface NewKeyValueStoreOptions extends NewStoreOptions {
  /** Deletes rows that were not written for so long. */
  readonly ttl?: Duration | undefined;
}

/** Of a versioned store. */
export interface NewVersionedStoreOptions
  extends Omit<NewStoreOptions, 'headers' | 'caching' | 'storeType'> {
  /** How long the versions of a key can be read. */
  readonly history: Duration;
}

/** Of a window store. */
export interface NewWindowStoreOptions extends NewStoreOptions {
  /** Of a window; its end is not kept. */
  readonly size: Duration;
  /** How long windows can be read. */
  readonly retention: Duration;
  /** True keeps each put as a row of its own. */
  readonly retainDuplicates?: boolean | undefined;
}

/** Of a session store. */
export interface NewSessionStoreOptions extends NewStoreOptions {
  /** How long sessions can be read. */
  readonly retention: Duration;
}

/** Descriptions of stores for `Topology.addStateStore` and `StreamsBuilder.addStateStore`. */
export const stores = {
  /** Values by key. */
  keyValue(options: NewKeyValueStoreOptions): KeyValueSpec {
    return { ...keyValueSpec(options), timestamped: false };
  },

  /** Values by key, each with the timestamp of its record. */
  timestampedKeyValue(options: NewKeyValueStoreOptions): KeyValueSpec {
    return { ...keyValueSpec(options), timestamped: true };
  },

  /** Values by key with their history. */
  versionedKeyValue(options: NewVersionedStoreOptions): VersionedSpec {
    const historyMs = durationMs(options.history, `The history of ${options.name}`);
    const segmentMs = segmentOf(historyMs);
    return {
      kind: 'versioned',
      ...settingsOf(options),
      ...serdesOf(options),
      historyMs,
      segmentMs,
    };
  },

  /** Values by key and start of window. */
  window(options: NewWindowStoreOptions): WindowSpec {
    return { ...windowSpec(options), timestamped: false };
  },

  /** Values by key and start of window, each with the timestamp of its record. */
  timestampedWindow(options: NewWindowStoreOptions): WindowSpec {
    return { ...windowSpec(options), timestamped: true };
  },

  /** Values by key and session. */
  session(options: NewSessionStoreOptions): SessionSpec {
    const { name, retention, headers } = options;
    const retentionMs = durationMs(retention, `The retention of ${name}`);
    const serdes = serdesOf(options);
    const settings = settingsOf(options);
    return { kind: 'session', ...settings, ...serdes, retentionMs, headers, timeOrdered: false };
  },
} as const;

function keyValueSpec(options: NewKeyValueStoreOptions): Omit<KeyValueSpec, 'timestamped'> {
  const { name, ttl, headers } = options;
  const ttlMs = ttlOf(name, ttl, options.storeType);
  return { kind: 'key-value', ...settingsOf(options), ...serdesOf(options), ttlMs, headers };
}

function windowSpec(options: NewWindowStoreOptions): Omit<WindowSpec, 'timestamped'> {
  const { name, headers, retainDuplicates = false } = options;
  const windowMs = durationMs(options.size, `The size of windows in ${name}`);
  const retentionMs = durationMs(options.retention, `The retention of ${name}`);
  if (windowMs > retentionMs) {
    const what = `the retention of ${name}, ${retentionMs} ms, is shorter than its windows`;
    throw new TopologyError(`${what} of ${windowMs} ms.`);
  }
  return {
    kind: 'window',
    ...settingsOf(options),
    ...serdesOf(options),
    windowMs,
    retentionMs,
    retainDuplicates,
    headers,
    timeOrdered: false,
  };
}

function settingsOf(options: Omit<NewStoreOptions, 'headers'>): StoreSettings {
  return storeSettings(checkedName(options.name), {
    ...options,
    caching: options.caching ?? false,
  });
}

function serdesOf({ name, key, value }: Omit<NewStoreOptions, 'headers'>) {
  return { key: required(key, 'keys', name), value: required(value, 'values', name) };
}
