import type { Topic } from '../../client/serde/topic.ts';
import type { FixedKeyProcessorSource } from '../topology/fixed-key-processor.ts';
import type { ProcessorMaker } from '../topology/node-definitions.ts';
import type { ForwardedRecord, ProcessorSource } from '../topology/processor.ts';
import type { AnySerde } from '../topology/store-spec.ts';
import type { StreamRecord } from '../topology/stream-record.ts';
import type { TopicFunction } from '../topology/topic-function.ts';
import { userFixedKeyMaker } from '../topology/user-fixed-key-processor.ts';
import { userProcessorMaker } from '../topology/user-processor.ts';
import { type AsyncKind, asyncMaker } from './async-operators.ts';
import { BranchedStream } from './branched-stream.ts';
import type { Callback } from './callbacks.ts';
import type { GlobalTable } from './global-table.ts';
import { joinGlobalTable } from './join-global-table.ts';
import { joinStreams } from './join-streams.ts';
import { joinTable } from './join-table.ts';
import { KGroupedStream } from './kgrouped-stream.ts';
import type {
  Grouped,
  Known,
  Last,
  NewKey,
  NewPair,
  NewValue,
  NoPromise,
  OfBoth,
  RepartitionSerdes,
  SerdeOption,
  Settled,
} from './known.ts';
import type { KTable } from './ktable.ts';
import { mergeStreams } from './merge-streams.ts';
import type {
  AsyncOptions,
  GroupOptions,
  NameOptions,
  ProcessOptions,
  RepartitionOptions,
  SinkOptions,
  StreamJoinOptions,
  StreamTableJoinOptions,
  TableStoreOptions,
} from './operator-options.ts';
import { type PrintOptions, printer } from './print.ts';
import { stateless } from './processors/stateless.ts';
import { repartition } from './repartition.ts';
import { addOperator, type Effect } from './stream-operators.ts';
import type { StreamParts } from './stream-parts.ts';
import { toTable } from './to-table.ts';
import { toTopic } from './to-topic.ts';

/** Combines the values of two sides; what is missing on a side is null. */
export type Joiner<A, B, R, K> = (value: A, other: B, key: K) => R;
// biome-ignore lint/suspicious/noExplicitAny: what it writes may be wider than the stream.
type Target<K, V> = Topic<any, any, K, V>;
type Pair<K, V> = readonly [key: K, value: V];

/**
 * A stream of records. Callbacks get the value first, as in Array and Map, then the key, then the
 * whole record. Keys and values may be null at run time where their topic has such records. `H` is
 * what the types know of its serdes.
 */
export class KStream<K, V, H extends Known = 'key' | 'value'> {
  /**
   * What it consists of, beneath its types.
   * @internal
   */
  readonly parts: StreamParts;
  /** Types only: it holds what is known of the serdes. */
  declare readonly known: H;

  /** @internal */
  constructor(parts: StreamParts) {
    this.parts = parts;
  }

  /** Keeps the records for which the predicate is true. */
  filter(predicate: Callback<K, V, boolean>, options: NameOptions = {}): KStream<K, V, H> {
    return this.#next(stateless.filter(predicate, true), 'KSTREAM-FILTER-', 'none', options);
  }

  /** Keeps the records for which the predicate is false. */
  filterNot(predicate: Callback<K, V, boolean>, options: NameOptions = {}): KStream<K, V, H> {
    return this.#next(stateless.filter(predicate, false), 'KSTREAM-FILTER-', 'none', options);
  }

  /** Gives each record a new key. Grouping or joining then writes the records again. */
  selectKey<K2>(
    selector: Callback<K, V, K2> & NoPromise<K2>,
    options: NameOptions = {},
  ): KStream<K2, V, NewKey<H>> {
    return this.#next(stateless.selectKey(selector), 'KSTREAM-KEY-SELECT-', 'key', options);
  }

  /** Gives each record a new value. */
  mapValues<V2>(
    mapper: Callback<K, V, V2> & NoPromise<V2>,
    options: NameOptions = {},
  ): KStream<K, V2, NewValue<H>> {
    return this.#next(stateless.mapValues(mapper), 'KSTREAM-MAPVALUES-', 'value', options);
  }

  /** Gives each record a new key and a new value. */
  map<K2, V2>(
    mapper: Callback<K, V, Pair<K2, V2>>,
    options: NameOptions = {},
  ): KStream<K2, V2, NewPair<H>> {
    return this.#next(stateless.map(mapper), 'KSTREAM-MAP-', 'pair', options);
  }

  /** Makes any number of records of each. */
  flatMap<K2, V2>(
    mapper: Callback<K, V, Iterable<Pair<K2, V2>>>,
    options: NameOptions = {},
  ): KStream<K2, V2, NewPair<H>> {
    return this.#next(stateless.flatMap(mapper), 'KSTREAM-FLATMAP-', 'pair', options);
  }

  /** Makes any number of records of each, all with its key. */
  flatMapValues<V2>(
    mapper: Callback<K, V, Iterable<V2>>,
    options: NameOptions = {},
  ): KStream<K, V2, NewValue<H>> {
    const maker = stateless.flatMapValues(mapper);
    return this.#next(maker, 'KSTREAM-FLATMAPVALUES-', 'value', options);
  }

  /** Looks at each record. */
  peek<R>(action: Callback<K, V, R> & NoPromise<R>, options: NameOptions = {}): KStream<K, V, H> {
    return this.#next(stateless.peek(action), 'KSTREAM-PEEK-', 'none', options);
  }

  /** Ends the stream with an action for each record. */
  forEach<R>(action: Callback<K, V, R> & NoPromise<R>, options: NameOptions = {}): void {
    this.#next(stateless.forEach(action), 'KSTREAM-FOREACH-', 'none', options);
  }

  /** Ends the stream with a line for each record: on the console, or wherever it is told. */
  print(options: PrintOptions<K, V> = {}): void {
    const action = printer(this.parts.name, options);
    this.#next(stateless.forEach(action), 'KSTREAM-PRINTER-', 'none', options);
  }

  /** As `mapValues`, with a promise. Offsets never pass an unfinished record. */
  mapValuesAsync<V2>(
    mapper: Callback<K, V, PromiseLike<V2> | V2>,
    options: AsyncOptions = {},
  ): KStream<K, V2, NewValue<H>> {
    return this.#nextAsync('mapValues', mapper, 'KSTREAM-MAPVALUES-', 'value', options);
  }

  /** As `filter`, with a promise. */
  filterAsync(
    predicate: Callback<K, V, PromiseLike<boolean> | boolean>,
    options: AsyncOptions = {},
  ): KStream<K, V, H> {
    return this.#nextAsync('filter', predicate, 'KSTREAM-FILTER-', 'none', options);
  }

  /** As `map`, with a promise. */
  mapAsync<K2, V2>(
    mapper: Callback<K, V, PromiseLike<Pair<K2, V2>> | Pair<K2, V2>>,
    options: AsyncOptions = {},
  ): KStream<K2, V2, NewPair<H>> {
    return this.#nextAsync('map', mapper, 'KSTREAM-MAP-', 'pair', options);
  }

  /** As `flatMap`, with a promise. */
  flatMapAsync<K2, V2>(
    mapper: Callback<K, V, PromiseLike<Iterable<Pair<K2, V2>>> | Iterable<Pair<K2, V2>>>,
    options: AsyncOptions = {},
  ): KStream<K2, V2, NewPair<H>> {
    return this.#nextAsync('flatMap', mapper, 'KSTREAM-FLATMAP-', 'pair', options);
  }

  /** As `flatMapValues`, with a promise. */
  flatMapValuesAsync<V2>(
    mapper: Callback<K, V, PromiseLike<Iterable<V2>> | Iterable<V2>>,
    options: AsyncOptions = {},
  ): KStream<K, V2, NewValue<H>> {
    return this.#nextAsync('flatMapValues', mapper, 'KSTREAM-FLATMAPVALUES-', 'value', options);
  }

  /** As `forEach`, with a promise. */
  forEachAsync(action: Callback<K, V, unknown>, options: AsyncOptions = {}): void {
    this.#nextAsync('forEach', action, 'KSTREAM-FOREACH-', 'none', options);
  }

  /** Begins to share the records out among branches: each goes to the first that takes it. */
  split(options: NameOptions = {}): BranchedStream<K, V, H> {
    return new BranchedStream(this.parts, options.name);
  }

  /** The records of both streams, in no order between them. */
  merge<H2 extends Known>(
    other: KStream<K, V, H2>,
    options: NameOptions = {},
  ): KStream<K, V, OfBoth<H, H2>> {
    return new KStream(mergeStreams(this.parts, other.parts, options.name));
  }

  /** Writes the records to a topic of their own, by key, and reads them again. */
  repartition(
    ...[options]: Last<RepartitionOptions & SerdeOption<'key', K, H> & SerdeOption<'value', V, H>>
  ): KStream<K, V, Settled<H>> {
    return new KStream(repartition(this.parts, options));
  }

  /** Writes the records to a topic, given with its types. */
  to(topic: Target<K, V>, options?: SinkOptions): void;
  /** Writes the records to a topic by its name, or to one that is chosen for each record. */
  to(
    topic: string | TopicFunction<K, V>,
    ...[options]: Last<SinkOptions & SerdeOption<'key', K, H> & SerdeOption<'value', V, H>>
  ): void;
  to(topic: Target<K, V> | string | TopicFunction<K, V>, options: SinkOptions = {}): void {
    toTopic(
      this.parts,
      topic as Target<unknown, unknown> | string | TopicFunction<never, never>,
      options,
    );
  }

  /** A table of the latest value of each key. */
  toTable(
    ...[options]: Last<
      NameOptions & TableStoreOptions & SerdeOption<'key', K, H> & SerdeOption<'value', V, H>
    >
  ): KTable<K, V, Settled<H>> {
    return toTable(this.parts, options);
  }

  /** Groups by the keys that the records have. */
  groupByKey(
    ...[options]: Last<GroupOptions & RepartitionSerdes<K, V, H>>
  ): KGroupedStream<K, V, Grouped<H>> {
    return KGroupedStream.byKey(this.parts, options);
  }

  /** Groups by new keys. The records are written again, by key. */
  groupBy<K2>(
    selector: Callback<K, V, K2> & NoPromise<K2>,
    ...[options]: Last<
      GroupOptions & SerdeOption<'key', K2, Extract<H, 'default'>> & SerdeOption<'value', V, H>
    >
  ): KGroupedStream<K2, V, Settled<H>> {
    return KGroupedStream.by(this.parts, selector, options);
  }

  /** Pairs of records of two streams with the same key, near each other in time. */
  join<V2, R, H2 extends Known>(
    other: KStream<K, V2, H2>,
    joiner: Joiner<V, V2, R, K> & NoPromise<R>,
    options: StreamJoinOptions<K, V, V2>,
  ): KStream<K, R, NewValue<Settled<H>>>;
  /** Each record with the row of the table that has its key, where there is one. */
  join<V2, R, H2 extends Known>(
    table: KTable<K, V2, H2>,
    joiner: Joiner<V, V2, R, K> & NoPromise<R>,
    ...options: Last<StreamTableJoinOptions & RepartitionSerdes<K, V, H>>
  ): KStream<K, R, NewValue<Grouped<H>>>;
  /** Each record with the row of a global table that the selector names, where there is one. */
  join<K2, V2, R>(
    table: GlobalTable<K2, V2>,
    selector: Callback<K, V, K2>,
    joiner: Joiner<V, V2, R, K> & NoPromise<R>,
    options?: NameOptions,
  ): KStream<K, R, NewValue<H>>;
  join(...args: readonly unknown[]): unknown {
    return this.#join(args, 'inner');
  }

  /** As `join`, but every record of this stream gives a result, late ones without a pair too. */
  leftJoin<V2, R, H2 extends Known>(
    other: KStream<K, V2, H2>,
    joiner: Joiner<V, V2 | null, R, K> & NoPromise<R>,
    options: StreamJoinOptions<K, V, V2>,
  ): KStream<K, R, NewValue<Settled<H>>>;
  /** Each record with the row of the table that has its key, or null. */
  leftJoin<V2, R, H2 extends Known>(
    table: KTable<K, V2, H2>,
    joiner: Joiner<V, V2 | null, R, K> & NoPromise<R>,
    ...options: Last<StreamTableJoinOptions & RepartitionSerdes<K, V, H>>
  ): KStream<K, R, NewValue<Grouped<H>>>;
  /** Each record with the row of a global table that the selector names, or null. */
  leftJoin<K2, V2, R>(
    table: GlobalTable<K2, V2>,
    selector: Callback<K, V, K2>,
    joiner: Joiner<V, V2 | null, R, K> & NoPromise<R>,
    options?: NameOptions,
  ): KStream<K, R, NewValue<H>>;
  leftJoin(...args: readonly unknown[]): unknown {
    return this.#join(args, 'left');
  }

  /** As `join`, but every record of both streams gives a result. */
  outerJoin<V2, R, H2 extends Known>(
    other: KStream<K, V2, H2>,
    joiner: Joiner<V | null, V2 | null, R, K> & NoPromise<R>,
    options: StreamJoinOptions<K, V, V2>,
  ): KStream<K, R, NewValue<Settled<H>>> {
    const parts = joinStreams(this.parts, other.parts, joiner as never, options, 'outer');
    return new KStream(parts);
  }

  /** Runs a processor of the program on each record. */
  process<K2, V2>(
    source: ProcessorSource<K, V, K2, V2>,
    options: ProcessOptions = {},
  ): KStream<K2, V2, NewPair<H>> {
    return this.#processed(userProcessorMaker(source), 'KSTREAM-PROCESSOR-', 'pair', options);
  }

  /** Runs a processor of the program that cannot change the keys. */
  processValues<V2>(
    source: FixedKeyProcessorSource<K, V, V2>,
    options: ProcessOptions = {},
  ): KStream<K, V2, NewValue<H>> {
    return this.#processed(userFixedKeyMaker(source), 'KSTREAM-PROCESSVALUES-', 'value', options);
  }

  /** As `process`, with a promise of all records that come of one. */
  processAsync<K2, V2>(
    work: (record: StreamRecord<K, V>) => PromiseLike<Iterable<ForwardedRecord<K2, V2>>>,
    options: AsyncOptions = {},
  ): KStream<K2, V2, NewPair<H>> {
    const call: Callback<K, V, unknown> = (_value, _key, record) => work(record);
    return this.#nextAsync('process', call, 'KSTREAM-PROCESSOR-', 'pair', options);
  }

  #join(args: readonly unknown[], kind: 'inner' | 'left'): KStream<K, never, never> {
    const [other, second, third, fourth] = args;
    if (other instanceof KStream) {
      const parts = joinStreams(this.parts, other.parts, second as never, third as never, kind);
      return new KStream(parts);
    }
    if (typeof third === 'function') {
      const table = other as GlobalTable<unknown, unknown>;
      const options = (fourth ?? {}) as NameOptions;
      const parts = joinGlobalTable(
        this.parts,
        table,
        second as never,
        third as never,
        kind,
        options,
      );
      return new KStream(parts);
    }
    const table = other as KTable<K, unknown, never>;
    const options = (third ?? {}) as StreamTableJoinOptions & { key?: AnySerde; value?: AnySerde };
    return new KStream(joinTable(this.parts, table.parts, second as never, kind, options));
  }

  #next<K2, V2, H2 extends Known>(
    maker: ProcessorMaker,
    prefix: string,
    effect: Effect,
    { name }: NameOptions,
  ): KStream<K2, V2, H2> {
    return new KStream(addOperator(this.parts, maker, { name, prefix, effect }));
  }

  #processed<K2, V2, H2 extends Known>(
    maker: ProcessorMaker,
    prefix: string,
    effect: Effect,
    { name, stores = [] }: ProcessOptions,
  ): KStream<K2, V2, H2> {
    const shape = { name, prefix, effect, stores, isOpaque: true };
    return new KStream(addOperator(this.parts, maker, shape));
  }

  #nextAsync<K2, V2, H2 extends Known>(
    kind: AsyncKind,
    callback: Callback<K, V, unknown>,
    prefix: string,
    effect: Effect,
    options: AsyncOptions,
  ): KStream<K2, V2, H2> {
    return this.#next(asyncMaker(kind, callback, options), prefix, effect, options);
  }
}
