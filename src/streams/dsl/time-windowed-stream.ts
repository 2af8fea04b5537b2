import { int64 } from '../serde/numbers.ts';
import { timeWindowed } from '../serde/windowed.ts';
import { TopologyError } from '../topology/topology-error.ts';
import type { WindowedKey } from '../topology/windowed-key.ts';
import { aggregateStream, namedAggregate } from './aggregate-stream.ts';
import { ProcessorNode } from './graph/processor-node.ts';
import type { Adder, GroupedParts } from './kgrouped-stream.ts';
import type { Known, Last, SerdeOption, Settled } from './known.ts';
import { KTable } from './ktable.ts';
import { addLateOutput, type LateOutput, lateName } from './late-output.ts';
import type { NameOptions, WindowStoreOptions } from './operator-options.ts';
import { SlidingWindowAggregate } from './processors/sliding-window-aggregate.ts';
import type { Aggregator } from './processors/stream-aggregate.ts';
import { TimeWindowAggregate } from './processors/time-window-aggregate.ts';
import type { EmitStrategy } from './processors/window-aggregation.ts';
import type { Serdes } from './serdes.ts';
import { countUnnamedStore } from './store-specs.ts';
import { windowSpec } from './window-specs.ts';
import type { SlidingWindows, TimeWindows } from './windows.ts';

type Options = NameOptions & WindowStoreOptions & Serdes;

/** A grouped stream by tumbling, hopping or sliding windows. */
export class TimeWindowedStream<K, V, H extends Known = 'key' | 'value'> {
  /** Types only. */
  declare readonly types: readonly [key: K, value: V, known: H];
  readonly #grouped: GroupedParts;
  readonly #windows: TimeWindows | SlidingWindows;
  readonly #onLate: LateOutput | undefined;
  #emit: EmitStrategy = 'on-update';

  /** @internal */
  constructor(grouped: GroupedParts, windows: TimeWindows | SlidingWindows, onLate?: LateOutput) {
    this.#onLate = onLate;
    this.#grouped = grouped;
    this.#windows = windows;
  }

  /** `on-close` gives one result for each window, when it can change no more (KIP-825). */
  emitStrategy(emit: EmitStrategy): this {
    const windows = this.#windows;
    const isUnlimited = windows.kind === 'time' && windows.onlyStartMs !== undefined;
    if (isUnlimited && emit === 'on-close') {
      throw new TopologyError(
        'Unlimited windows never close: they have no emit strategy on-close.',
      );
    }
    this.#emit = emit;
    return this;
  }

  /** How many records each key has had in each window. */
  count(
    ...[options]: Last<NameOptions & WindowStoreOptions & SerdeOption<'key', K, H>>
  ): KTable<WindowedKey<K>, number, Settled<H>> {
    if (this.#windows.kind === 'time') {
      countUnnamedStore(this.#grouped.graph, options, 'KSTREAM-AGGREGATE-');
    }
    const add = (count: unknown) => (count as number) + 1;
    return this.#aggregate(() => 0, add, 'KSTREAM-AGGREGATE-', { ...options, value: int64 });
  }

  /** Makes one value of all values of a key in a window, two at a time. */
  reduce(
    reducer: (aggregate: V, value: V) => V,
    ...[options]: Last<
      NameOptions & WindowStoreOptions & SerdeOption<'key', K, H> & SerdeOption<'value', V, H>
    >
  ): KTable<WindowedKey<K>, V, Settled<H>> {
    const { value } = this.#grouped;
    const settings = { value, ...options };
    return this.#aggregate(undefined, reducer as never, 'KSTREAM-REDUCE-', settings);
  }

  /** Adds all values of a key in a window to an aggregate. */
  aggregate<A>(
    initializer: () => A,
    adder: Adder<K, V, A>,
    ...[options]: Last<
      NameOptions &
        WindowStoreOptions &
        SerdeOption<'key', K, H> &
        SerdeOption<'value', A, Extract<H, 'default'>>
    >
  ): KTable<WindowedKey<K>, A, Settled<H>> {
    return this.#aggregate(initializer, adder as never, 'KSTREAM-AGGREGATE-', options);
  }

  #aggregate<A>(
    initialize: (() => A) | undefined,
    aggregate: Aggregator,
    prefix: string,
    options: Options | undefined,
  ): KTable<WindowedKey<K>, A, Settled<H>> {
    const grouped = this.#grouped;
    const windows = this.#windows;
    const { store, name, key, value } = namedAggregate(grouped, prefix, options);
    const spec = windowSpec(store.name, windows, this.#emit, { key, value }, options);
    const late = lateName(grouped, this.#onLate);
    const how = { spec, emit: this.#emit, initialize, aggregate, late };
    const maker =
      windows.kind === 'time'
        ? new TimeWindowAggregate(windows, how)
        : new SlidingWindowAggregate(windows, how);
    const node = new ProcessorNode(name, maker, { graceMs: windows.graceMs });
    node.outputVersioned = false;
    const windowedKey = timeWindowed(key, spec.windowMs);
    const table = aggregateStream(grouped, node, maker, store, windowedKey, value);
    return new KTable(addLateOutput(grouped, table, late, this.#onLate));
  }
}
