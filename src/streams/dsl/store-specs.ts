import { type Duration, durationMs } from '../topology/duration.ts';
import { checkedName } from '../topology/node-name.ts';
import type {
  AnySerde,
  KeyValueSpec,
  StoreSettings,
  VersionedSpec,
} from '../topology/store-spec.ts';
import type { StoreType } from '../topology/store-type.ts';
import { TopologyError } from '../topology/topology-error.ts';
import type { StreamsGraph } from './graph/streams-graph.ts';
import type { StoreOptions, TableStoreOptions } from './operator-options.ts';

const OPTION_NAMES = [
  'as',
  'key',
  'value',
  'logging',
  'caching',
  'persistent',
  'history',
  'ttl',
  'retention',
  'headers',
  'storeType',
];
/**
 * Kafka's segments of versioned stores: histories up to `history` have so many, of at least `min`.
 */
const SEGMENTS = [
  { history: 60_000, count: 3, min: 2000 },
  { history: 300_000, count: 5, min: 20_000 },
  { history: 3_600_000, count: 12, min: 60_000 },
  { history: Number.POSITIVE_INFINITY, count: 24, min: 300_000 },
] as const;

/** A store's name. */
export interface StoreName {
  readonly name: string;
  /** The name if the program gave it: only then can the store be queried. */
  readonly given: string | undefined;
}

/** Whether any option is about the store: then names are counted as with Java's Materialized. */
export function isAboutStore(options: object | undefined): boolean {
  if (options === undefined) return false;
  return OPTION_NAMES.some((name) => (options as Record<string, unknown>)[name] !== undefined);
}

/** Counts a name more, as where Java's caller passes a Materialized without a name. */
export function countUnnamedStore(
  graph: StreamsGraph,
  options: StoreOptions | undefined,
  prefix: string,
): void {
  if (isAboutStore(options) && options?.as === undefined) graph.newStoreName(prefix);
}

/** The given name, or the next generated one, which is counted only then. */
export function storeName(
  graph: StreamsGraph,
  options: StoreOptions | undefined,
  prefix: string,
): StoreName {
  const given = options?.as;
  if (given !== undefined) return { name: checkedName(given), given };
  return { name: graph.newStoreName(prefix), given };
}

/** What the options say of any store. */
export function storeSettings(name: string, options: StoreOptions = {}): StoreSettings {
  const { logging = true, caching = true, persistent = true, storeType } = options;
  return {
    name,
    logging: logging !== false,
    logConfig: typeof logging === 'object' ? logging : {},
    caching,
    persistent,
    storeType,
  };
}

/** The store of a table: versioned where it keeps a history. */
export function tableSpec(
  name: string,
  key: AnySerde | undefined,
  value: AnySerde | undefined,
  options: TableStoreOptions = {},
): KeyValueSpec | VersionedSpec {
  const settings = storeSettings(name, options);
  const serdes = { key: required(key, 'keys', name), value: required(value, 'values', name) };
  const { history, ttl, headers } = options;
  if (history === undefined) {
    const ttlMs = ttlOf(name, ttl, options.storeType);
    return { kind: 'key-value', timestamped: true, ...serdes, ...settings, ttlMs, headers };
  }
  if (ttl !== undefined) throw new TopologyError(`${name} has a history, and so no TTL.`);
  if (headers === true) throw new TopologyError(`${name} has a history, and so no headers.`);
  if (options.storeType !== undefined) {
    throw new TopologyError(`${name} has a history, and so its rows are in memory.`);
  }
  const historyMs = durationMs(history, `The history of ${name}`);
  const segmentMs = segmentOf(historyMs);
  return { kind: 'versioned', ...serdes, ...settings, caching: false, historyMs, segmentMs };
}

/** Rows are found by their age only in memory. */
export function ttlOf(
  name: string,
  ttl: Duration | undefined,
  type: StoreType | undefined,
): number | undefined {
  if (ttl === undefined) return undefined;
  if (type === undefined) return durationMs(ttl, `The TTL of ${name}`);
  throw new TopologyError(`${name} has a TTL, and so its rows cannot be in ${type.name}.`);
}

/** How long a segment of Kafka's versioned store is. */
export function segmentOf(historyMs: number): number {
  const { count, min } = SEGMENTS.find(({ history }) => historyMs <= history) ?? SEGMENTS[3];
  return Math.max(Math.floor(historyMs / count), min);
}

/** A serde that must be known by now. */
export function required(serde: AnySerde | undefined, side: string, where: string): AnySerde {
  if (serde !== undefined) return serde;
  throw new TopologyError(`${where} needs a serde for its ${side}, and none is known there.`);
}
