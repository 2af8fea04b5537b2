import { int64 } from '../serde/numbers.ts';
import { sessionWindowed } from '../serde/windowed.ts';
import type { WindowedKey } from '../topology/windowed-key.ts';
import { aggregateStream, namedAggregate } from './aggregate-stream.ts';
import { ProcessorNode } from './graph/processor-node.ts';
import type { Adder, GroupedParts } from './kgrouped-stream.ts';
import type { Known, Last, SerdeOption, Settled } from './known.ts';
import { KTable } from './ktable.ts';
import { addLateOutput, type LateOutput, lateName } from './late-output.ts';
import type { NameOptions, WindowStoreOptions } from './operator-options.ts';
import { SessionWindowAggregate } from './processors/session-window-aggregate.ts';
import type { Aggregator } from './processors/stream-aggregate.ts';
import type { EmitStrategy } from './processors/window-aggregation.ts';
import type { Serdes } from './serdes.ts';
import { countUnnamedStore } from './store-specs.ts';
import { sessionSpec } from './window-specs.ts';
import type { SessionWindows } from './windows.ts';

type Options = NameOptions & WindowStoreOptions & Serdes;

/** Makes one aggregate of two. */
export type Merger<K, A> = (one: A, other: A, key: K) => A;

/** A grouped stream by sessions. */
export class SessionWindowedStream<K, V, H extends Known = 'key' | 'value'> {
  /** Types only. */
  declare readonly types: readonly [key: K, value: V, known: H];
  readonly #grouped: GroupedParts;
  readonly #windows: SessionWindows;
  readonly #onLate: LateOutput | undefined;
  #emit: EmitStrategy = 'on-update';

  /** @internal */
  constructor(grouped: GroupedParts, windows: SessionWindows, onLate?: LateOutput) {
    this.#onLate = onLate;
    this.#grouped = grouped;
    this.#windows = windows;
  }

  /** `on-close` gives one result for each session, when it can change no more (KIP-825). */
  emitStrategy(emit: EmitStrategy): this {
    this.#emit = emit;
    return this;
  }

  /** How many records each session has. */
  count(
    ...[options]: Last<NameOptions & WindowStoreOptions & SerdeOption<'key', K, H>>
  ): KTable<WindowedKey<K>, number, Settled<H>> {
    countUnnamedStore(this.#grouped.graph, options, 'KSTREAM-AGGREGATE-');
    const add = (count: unknown) => (count as number) + 1;
    const merge = (one: unknown, other: unknown) => (one as number) + (other as number);
    const settings = { ...options, value: int64 };
    return this.#aggregate(() => 0, add, merge, 'KSTREAM-AGGREGATE-', settings);
  }

  /** Makes one value of all values of a session, two at a time. */
  reduce(
    reducer: (aggregate: V, value: V) => V,
    ...[options]: Last<
      NameOptions & WindowStoreOptions & SerdeOption<'key', K, H> & SerdeOption<'value', V, H>
    >
  ): KTable<WindowedKey<K>, V, Settled<H>> {
    const { value } = this.#grouped;
    const reduce = reducer as (aggregate: unknown, value: unknown) => unknown;
    return this.#aggregate(undefined, reduce, reduce, 'KSTREAM-REDUCE-', { value, ...options });
  }

  /** Adds all values of a session to an aggregate; two sessions that a record joins are merged. */
  aggregate<A>(
    initializer: () => A,
    adder: Adder<K, V, A>,
    merger: Merger<K, A>,
    ...[options]: Last<
      NameOptions &
        WindowStoreOptions &
        SerdeOption<'key', K, H> &
        SerdeOption<'value', A, Extract<H, 'default'>>
    >
  ): KTable<WindowedKey<K>, A, Settled<H>> {
    const merge = merger as Aggregator;
    return this.#aggregate(initializer, adder as never, merge, 'KSTREAM-AGGREGATE-', options);
  }

  #aggregate<A>(
    initialize: (() => A) | undefined,
    aggregate: Aggregator,
    merge: Aggregator,
    prefix: string,
    options: Options | undefined,
  ): KTable<WindowedKey<K>, A, Settled<H>> {
    const grouped = this.#grouped;
    const windows = this.#windows;
    const { store, name, key, value } = namedAggregate(grouped, prefix, options);
    const spec = sessionSpec(store.name, windows, this.#emit, { key, value }, options);
    const late = lateName(grouped, this.#onLate);
    const how = { spec, emit: this.#emit, initialize, aggregate, late };
    const maker = new SessionWindowAggregate(windows, how, merge);
    const node = new ProcessorNode(name, maker, { graceMs: windows.graceMs + windows.gapMs });
    node.outputVersioned = false;
    const windowedKey = sessionWindowed(key);
    const table = aggregateStream(grouped, node, maker, store, windowedKey, value);
    return new KTable(addLateOutput(grouped, table, late, this.#onLate));
  }
}
