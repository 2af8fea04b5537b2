import { sessionWindowed, timeWindowed } from '../serde/windowed.ts';
import type { WindowedKey } from '../topology/windowed-key.ts';
import { CogroupBuilder, type CogroupEntries } from './cogroup-builder.ts';
import type { StreamsGraph } from './graph/streams-graph.ts';
import type { Adder, GroupedParts, KGroupedStream } from './kgrouped-stream.ts';
import type { Known, Last, SerdeOption, Settled } from './known.ts';
import { KTable } from './ktable.ts';
import type { NameOptions, TableStoreOptions, WindowStoreOptions } from './operator-options.ts';
import { SessionWindowAggregate } from './processors/session-window-aggregate.ts';
import { SlidingWindowAggregate } from './processors/sliding-window-aggregate.ts';
import type { Aggregator } from './processors/stream-aggregate.ts';
import { StreamAggregate } from './processors/stream-aggregate.ts';
import { TimeWindowAggregate } from './processors/time-window-aggregate.ts';
import type { Merger } from './session-windowed-stream.ts';
import { tableSpec } from './store-specs.ts';
import { sessionSpec, windowSpec } from './window-specs.ts';
import type { SessionWindows, SlidingWindows, TimeWindows } from './windows.ts';

type TableOptions<K, A, H extends Known> = NameOptions &
  TableStoreOptions &
  SerdeOption<'key', K, H> &
  SerdeOption<'value', A, Extract<H, 'default'>>;
type WindowOptions<K, A, H extends Known> = NameOptions &
  WindowStoreOptions &
  SerdeOption<'key', K, H> &
  SerdeOption<'value', A, Extract<H, 'default'>>;

/** Several grouped streams that are aggregated into one table. */
export class CogroupedStream<K, A, H extends Known = 'key' | 'value'> {
  /** Types only. */
  declare readonly types: readonly [key: K, aggregate: A, known: H];
  readonly #graph: StreamsGraph;
  readonly #entries: CogroupEntries;

  /** @internal */
  constructor(graph: StreamsGraph, entries: CogroupEntries) {
    this.#graph = graph;
    this.#entries = entries;
  }

  /** Adds one more stream, whose values this function adds to the aggregate. */
  cogroup<V, H2 extends Known>(
    grouped: KGroupedStream<K, V, H2>,
    adder: Adder<K, V, A>,
  ): CogroupedStream<K, A, H> {
    this.#entries.adders.set(grouped.parts as GroupedParts, adder as Aggregator);
    return this;
  }

  /** Aggregates all values of a key. */
  aggregate(
    initializer: () => A,
    ...[options]: Last<TableOptions<K, A, H>>
  ): KTable<K, A, Settled<H>> {
    const builder = new CogroupBuilder(this.#graph, this.#entries, options);
    const { store, key, value } = builder;
    const spec = tableSpec(store.name, key, value, options);
    const isVersioned = options?.history !== undefined;
    const make = (add: Aggregator) => new StreamAggregate(spec, initializer, add);
    return new KTable(builder.build(make, key, { isVersioned }));
  }

  /** Aggregates by windows that begin at regular times, or that slide along the records. */
  windowedBy(windows: TimeWindows | SlidingWindows): TimeWindowedCogroupedStream<K, A, H>;
  /** Aggregates by sessions. */
  windowedBy(windows: SessionWindows): SessionWindowedCogroupedStream<K, A, H>;
  windowedBy(
    windows: TimeWindows | SlidingWindows | SessionWindows,
  ): TimeWindowedCogroupedStream<K, A, H> | SessionWindowedCogroupedStream<K, A, H> {
    if (windows.kind === 'session') {
      return new SessionWindowedCogroupedStream(this.#graph, this.#entries, windows);
    }
    return new TimeWindowedCogroupedStream(this.#graph, this.#entries, windows);
  }
}

/** Several grouped streams by tumbling, hopping or sliding windows. */
export class TimeWindowedCogroupedStream<K, A, H extends Known = 'key' | 'value'> {
  /** Types only. */
  declare readonly types: readonly [key: K, aggregate: A, known: H];
  readonly #graph: StreamsGraph;
  readonly #entries: CogroupEntries;
  readonly #windows: TimeWindows | SlidingWindows;

  /** @internal */
  constructor(graph: StreamsGraph, entries: CogroupEntries, windows: TimeWindows | SlidingWindows) {
    this.#graph = graph;
    this.#entries = entries;
    this.#windows = windows;
  }

  /** Aggregates all values of a key in a window. */
  aggregate(
    initialize: () => A,
    ...[options]: Last<WindowOptions<K, A, H>>
  ): KTable<WindowedKey<K>, A, Settled<H>> {
    const builder = new CogroupBuilder(this.#graph, this.#entries, options);
    const { store, key, value } = builder;
    const windows = this.#windows;
    const spec = windowSpec(store.name, windows, 'on-update', { key, value }, options);
    const make = (aggregate: Aggregator) => {
      const how = { spec, emit: 'on-update', initialize, aggregate } as const;
      if (windows.kind === 'time') return new TimeWindowAggregate(windows, how);
      return new SlidingWindowAggregate(windows, how);
    };
    const windowedKey = timeWindowed(key, spec.windowMs);
    return new KTable(builder.build(make, windowedKey, { graceMs: windows.graceMs }));
  }
}

/** Several grouped streams by sessions. */
export class SessionWindowedCogroupedStream<K, A, H extends Known = 'key' | 'value'> {
  /** Types only. */
  declare readonly types: readonly [key: K, aggregate: A, known: H];
  readonly #graph: StreamsGraph;
  readonly #entries: CogroupEntries;
  readonly #windows: SessionWindows;

  /** @internal */
  constructor(graph: StreamsGraph, entries: CogroupEntries, windows: SessionWindows) {
    this.#graph = graph;
    this.#entries = entries;
    this.#windows = windows;
  }

  /** Aggregates all values of a session; two sessions that a record joins are merged. */
  aggregate(
    initialize: () => A,
    merger: Merger<K, A>,
    ...[options]: Last<WindowOptions<K, A, H>>
  ): KTable<WindowedKey<K>, A, Settled<H>> {
    const builder = new CogroupBuilder(this.#graph, this.#entries, options);
    const { store, key, value } = builder;
    const windows = this.#windows;
    const spec = sessionSpec(store.name, windows, 'on-update', { key, value }, options);
    const make = (aggregate: Aggregator) => {
      const how = { spec, emit: 'on-update', initialize, aggregate } as const;
      return new SessionWindowAggregate(windows, how, merger as Aggregator);
    };
    const graceMs = windows.graceMs + windows.gapMs;
    return new KTable(builder.build(make, sessionWindowed(key), { graceMs }));
  }
}
