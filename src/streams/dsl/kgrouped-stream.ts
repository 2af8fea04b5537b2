import { int64 } from '../serde/numbers.ts';
import { aggregateStream, namedAggregate } from './aggregate-stream.ts';
import type { Callback } from './callbacks.ts';
import { CogroupedStream } from './cogrouped-stream.ts';
import { ProcessorNode } from './graph/processor-node.ts';
import type { RepartitionNode } from './graph/repartition-node.ts';
import type { Known, Last, SerdeOption, Settled } from './known.ts';
import { KStream } from './kstream.ts';
import { KTable } from './ktable.ts';
import type { LateOutput } from './late-output.ts';
import { operatorName } from './operator-name.ts';
import type { GroupOptions, NameOptions, TableStoreOptions } from './operator-options.ts';
import { stateless } from './processors/stateless.ts';
import type { Aggregator } from './processors/stream-aggregate.ts';
import { StreamAggregate } from './processors/stream-aggregate.ts';
import type { Serdes } from './serdes.ts';
import { SessionWindowedStream } from './session-windowed-stream.ts';
import { countUnnamedStore, tableSpec } from './store-specs.ts';
import type { StreamParts } from './stream-parts.ts';
import { TimeWindowedStream } from './time-windowed-stream.ts';
import type { SessionWindows, SlidingWindows, TimeWindows } from './windows.ts';

/** What a grouped stream consists of, beneath its types. */
export interface GroupedParts extends StreamParts {
  /** The name that the program gave the repartition topic. */
  readonly repartitionName: string | undefined;
  /** Made by the first aggregate, shared by the others where the program gave a name. */
  repartition: RepartitionNode | undefined;
}

/** Of a grouping by windows. */
export interface LateOptions<K, V, H extends Known> {
  /** Gets the stream of the records that came too late for every window, to go on with. */
  readonly onLate?: ((late: KStream<K, V, H>) => void) | undefined;
}

/** Adds a value to an aggregate. */
export type Adder<K, V, A> = (aggregate: A, value: V, key: K) => A;

/** A stream whose records are taken together by key. Records without key or value are left out. */
export class KGroupedStream<K, V, H extends Known = 'key' | 'value'> {
  /**
   * What it consists of, beneath its types.
   * @internal
   */
  readonly parts: GroupedParts;
  /** Types only. */
  declare readonly types: readonly [key: K, value: V, known: H];

  /** @internal */
  constructor(parts: GroupedParts) {
    this.parts = parts;
  }

  /**
   * By the keys of a stream.
   * @internal
   */
  static byKey<K, V, H extends Known>(
    parts: StreamParts,
    options: GroupOptions & Serdes = {},
  ): KGroupedStream<K, V, H> {
    return new KGroupedStream({
      ...parts,
      key: options.key ?? parts.key,
      value: options.value ?? parts.value,
      repartitionName: options.as,
      repartition: undefined,
    });
  }

  /**
   * By new keys of a stream.
   * @internal
   */
  static by<K, V, K2, H extends Known>(
    parts: StreamParts,
    selector: Callback<K, V, K2>,
    options: GroupOptions & Serdes = {},
  ): KGroupedStream<K2, V, H> {
    const { graph } = parts;
    const name = operatorName(graph, options.as, 'KSTREAM-KEY-SELECT-');
    const node = new ProcessorNode(name, stateless.selectKey(selector));
    node.isKeyChanging = true;
    graph.add(parts.node, node);
    return new KGroupedStream({
      ...parts,
      node,
      name,
      key: options.key ?? graph.defaults.key,
      value: options.value ?? parts.value,
      isMoved: true,
      repartitionName: options.as,
      repartition: undefined,
    });
  }

  /** How many records each key has had. */
  count(
    ...[options]: Last<NameOptions & TableStoreOptions & SerdeOption<'key', K, H>>
  ): KTable<K, number, Settled<H>> {
    countUnnamedStore(this.parts.graph, options, 'KSTREAM-AGGREGATE-');
    return this.#aggregate(
      () => 0,
      (count) => (count as number) + 1,
      'KSTREAM-AGGREGATE-',
      { ...options, value: int64 },
    );
  }

  /** Makes one value of all values of a key, two at a time. */
  reduce(
    reducer: (aggregate: V, value: V) => V,
    ...[options]: Last<
      NameOptions & TableStoreOptions & SerdeOption<'key', K, H> & SerdeOption<'value', V, H>
    >
  ): KTable<K, V, Settled<H>> {
    const { value } = this.parts;
    const settings = { value, ...options };
    return this.#aggregate(undefined, reducer as never, 'KSTREAM-REDUCE-', settings);
  }

  /** Adds all values of a key to an aggregate. */
  aggregate<A>(
    initializer: () => A,
    adder: Adder<K, V, A>,
    ...[options]: Last<
      NameOptions &
        TableStoreOptions &
        SerdeOption<'key', K, H> &
        SerdeOption<'value', A, Extract<H, 'default'>>
    >
  ): KTable<K, A, Settled<H>> {
    return this.#aggregate(initializer, adder as never, 'KSTREAM-AGGREGATE-', options);
  }

  /** Aggregates by windows that begin at regular times, or that slide along the records. */
  windowedBy(
    windows: TimeWindows | SlidingWindows,
    options?: LateOptions<K, V, H>,
  ): TimeWindowedStream<K, V, H>;
  /** Aggregates by sessions. */
  windowedBy(
    windows: SessionWindows,
    options?: LateOptions<K, V, H>,
  ): SessionWindowedStream<K, V, H>;
  windowedBy(
    windows: TimeWindows | SlidingWindows | SessionWindows,
    { onLate }: LateOptions<K, V, H> = {},
  ): TimeWindowedStream<K, V, H> | SessionWindowedStream<K, V, H> {
    const output: LateOutput | undefined =
      onLate === undefined ? undefined : (late) => onLate(new KStream<K, V, H>(late));
    if (windows.kind === 'session') return new SessionWindowedStream(this.parts, windows, output);
    return new TimeWindowedStream(this.parts, windows, output);
  }

  /** Begins to aggregate several grouped streams into one table. */
  cogroup<A>(adder: Adder<K, V, A>): CogroupedStream<K, A, H> {
    const entries = { adders: new Map(), above: new Map() };
    return new CogroupedStream<K, A, H>(this.parts.graph, entries).cogroup(this, adder);
  }

  #aggregate<A>(
    initializer: (() => A) | undefined,
    adder: Aggregator,
    prefix: string,
    options: (NameOptions & TableStoreOptions & Serdes) | undefined,
  ): KTable<K, A, Settled<H>> {
    const { parts } = this;
    const { store, name, key, value } = namedAggregate(parts, prefix, options);
    const spec = tableSpec(store.name, key, value, options);
    const maker = new StreamAggregate(spec, initializer, adder);
    const node = new ProcessorNode(name, maker);
    node.outputVersioned = options?.history !== undefined;
    return new KTable(aggregateStream(parts, node, maker, store, key, value));
  }
}
