import type { AsyncOrder } from '../topology/async-operator.ts';
import type { Duration } from '../topology/duration.ts';
import type { AnySerde } from '../topology/store-spec.ts';
import type { StoreType } from '../topology/store-type.ts';
import type {
  OffsetReset,
  StreamPartitioner,
  TimestampExtractor,
} from '../topology/topology-plan.ts';

/** Of every operator. */
export interface NameOptions {
  /** Of the operator's node, in place of a generated one. */
  readonly name?: string | undefined;
}

/** Of a stream or a table that is read from topics. */
export interface SourceOptions extends NameOptions {
  /** Where it begins without committed offsets; by default as the application's consumer. */
  readonly reset?: OffsetReset | undefined;
  /** Gives records their timestamps; by default the records' own. */
  readonly extractor?: TimestampExtractor | undefined;
}

/** Of the store of a table. */
export interface StoreOptions {
  /** Its name, under which it can be queried and its changelog is found again. */
  readonly as?: string | undefined;
  /** False has no changelog; an object has settings of the changelog's topic. */
  readonly logging?: boolean | Readonly<Record<string, string>> | undefined;
  /** False tells of each update at once; true by default, where the application has a cache. */
  readonly caching?: boolean | undefined;
  /** False keeps it in memory only. */
  readonly persistent?: boolean | undefined;
  /** True keeps the headers of records beside the values (KIP-1271). */
  readonly headers?: boolean | undefined;
  /** Where it keeps its rows, if not in memory: `lmdbStores()` of `millrace/streams/lmdb`. */
  readonly storeType?: StoreType | undefined;
}

/** Of the key-value store of a table. */
export interface TableStoreOptions extends StoreOptions {
  /** Keeps each key's history for so long: the table is versioned. */
  readonly history?: Duration | undefined;
  /** Deletes rows that were not written for so long. */
  readonly ttl?: Duration | undefined;
}

/** Of the store of a windowed table. */
export interface WindowStoreOptions extends StoreOptions {
  /** How long windows can be read; by default their size and their grace. */
  readonly retention?: Duration | undefined;
}

/** Of a sink. */
export interface SinkOptions extends NameOptions {
  /** Chooses partitions; by default the producer does, by key. */
  readonly partitioner?: StreamPartitioner | undefined;
}

/** Of an explicit repartition. */
export interface RepartitionOptions {
  /** Names the topic: the application id in front, `-repartition` behind. */
  readonly as?: string | undefined;
  /** By default as many as the inputs have. */
  readonly partitions?: number | undefined;
  /** Chooses partitions; by default the producer does, by key. */
  readonly partitioner?: StreamPartitioner | undefined;
}

/** Of a grouping. */
export interface GroupOptions {
  /** Names the node and the repartition topic, if there is one. */
  readonly as?: string | undefined;
}

/** Of a stream-stream join. */
export interface StreamJoinOptions<K, V, VOther> extends NameOptions {
  /** How far apart the times of two records may be. */
  readonly within: Duration;
  /** How far the other record may lie before this one; `within` by default. */
  readonly before?: Duration | undefined;
  /** How far the other record may lie after this one; `within` by default. */
  readonly after?: Duration | undefined;
  /** How long after its window a record is still taken; 0 by default. */
  readonly grace?: Duration | undefined;
  /** Names the stores: this name with a suffix for each. */
  readonly as?: string | undefined;
  /** Names the stores of this stream's and the other's records, in place of `as`. */
  readonly stores?: readonly [own: string, other: string] | undefined;
  /** Of the keys, where it is not known. */
  readonly key?: AnySerde<K> | undefined;
  /** Of this stream's values, where it is not known. */
  readonly value?: AnySerde<V> | undefined;
  /** Of the other stream's values, where it is not known. */
  readonly otherValue?: AnySerde<VOther> | undefined;
  /** False has no changelogs; an object has settings of their topics. */
  readonly logging?: boolean | Readonly<Record<string, string>> | undefined;
  /** False keeps the stores in memory only. */
  readonly persistent?: boolean | undefined;
  /** Where the stores of both streams' records keep their rows, if not in memory. */
  readonly storeType?: StoreType | undefined;
}

/** Of a stream-table join. */
export interface StreamTableJoinOptions extends NameOptions {
  /** Waits so long for out-of-order updates of a versioned table. */
  readonly grace?: Duration | undefined;
}

/** Of a foreign-key join. */
export interface ForeignKeyJoinOptions extends NameOptions {
  /** Chooses partitions of the foreign table's side. */
  readonly otherPartitioner?: StreamPartitioner | undefined;
  /** Chooses partitions of this table's side. */
  readonly partitioner?: StreamPartitioner | undefined;
}

/** Of a processor of the program. */
export interface ProcessOptions extends NameOptions {
  /** Names of stores that it uses, added before by `addStateStore`. */
  readonly stores?: readonly string[] | undefined;
}

/** Of an asynchronous operator. */
export interface AsyncOptions extends NameOptions {
  /** Calls under way at once in a task; 16 by default. */
  readonly concurrency?: number | undefined;
  /** What may not overtake: records of one key (default), all of a partition, or nothing. */
  readonly order?: AsyncOrder | undefined;
  /** A call that takes longer has failed. */
  readonly timeout?: Duration | undefined;
  /** Attempts after a failed one; 0 by default. */
  readonly retries?: number | undefined;
  /** The pause before another attempt; 100 ms by default. */
  readonly retryBackoff?: Duration | undefined;
}
