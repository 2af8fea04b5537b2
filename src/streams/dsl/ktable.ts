import type { AnySerde } from '../topology/store-spec.ts';
import type { ValueTransformerSupplier } from '../topology/value-transformer.ts';
import { type Callback, caller } from './callbacks.ts';
import { joinForeignKey } from './join-foreign-key.ts';
import { joinTables } from './join-tables.ts';
import { KGroupedTable } from './kgrouped-table.ts';
import type {
  Known,
  Last,
  NewKey,
  NewValue,
  NoPromise,
  SerdeOption,
  Settled,
  WithValue,
} from './known.ts';
import { type Joiner, KStream } from './kstream.ts';
import { mapRows } from './map-rows.ts';
import type {
  ForeignKeyJoinOptions,
  GroupOptions,
  NameOptions,
  ProcessOptions,
  TableStoreOptions,
} from './operator-options.ts';
import { stateless } from './processors/stateless.ts';
import type { RowMapper } from './processors/table-operators.ts';
import type { Serdes } from './serdes.ts';
import { addOperator } from './stream-operators.ts';
import { suppressTable } from './suppress-table.ts';
import type { Suppressed } from './suppressed.ts';
import type { TableParts } from './table-parts.ts';
import type { ParentTable } from './tables/parent-table.ts';
import { transformTable } from './transform-table.ts';

type Pair<K, V> = readonly [key: K, value: V];
/** Of an operator whose result may be kept in a store of its own. */
type StoreOf<K, V> = NameOptions &
  TableStoreOptions & {
    readonly key?: AnySerde<K> | undefined;
    readonly value?: AnySerde<V> | undefined;
  };

/**
 * A table: the latest value of each key, and the stream of its updates. Callbacks get the value
 * first, then the key, then the whole record; a row that is gone is never given to them. `H` is
 * what the types know of its serdes.
 */
export class KTable<K, V, H extends Known = 'key' | 'value'> {
  /**
   * What it consists of, beneath its types.
   * @internal
   */
  readonly parts: TableParts;
  /** Types only. */
  declare readonly types: readonly [key: K, value: V, known: H];
  #sendsOldValues = false;

  /** @internal */
  constructor(parts: TableParts) {
    this.parts = parts;
  }

  /** Under which it can be queried; undefined where its store was not named. */
  get queryableStoreName(): string | undefined {
    return this.parts.storeName;
  }

  /** The rows for which the predicate is true. */
  filter(predicate: Callback<K, V, boolean>, options: StoreOf<K, V> = {}): KTable<K, V, H> {
    return this.#filter(predicate, true, options);
  }

  /** The rows for which the predicate is false. */
  filterNot(predicate: Callback<K, V, boolean>, options: StoreOf<K, V> = {}): KTable<K, V, H> {
    return this.#filter(predicate, false, options);
  }

  /** Gives each row a new value. With `as` and a serde the result is kept in a store. */
  mapValues<V2, O extends StoreOf<K, V2> = NameOptions>(
    mapper: Callback<K, V, V2> & NoPromise<V2>,
    options?: O,
  ): KTable<K, V2, WithValue<H, O>> {
    const map = caller(mapper) as RowMapper;
    return new KTable(
      mapRows(this.parts, this.own, map, 'KTABLE-MAPVALUES-', false, options ?? {}),
    );
  }

  /** Gives each row a new value by a transformer of the program, which may read stores. */
  transformValues<V2, O extends ProcessOptions & StoreOf<K, V2> = NameOptions>(
    supplier: ValueTransformerSupplier<K, V, V2>,
    options?: O,
  ): KTable<K, V2, WithValue<H, O>> {
    return new KTable(transformTable(this.parts, this.own, supplier as never, options ?? {}));
  }

  /** The stream of its updates under new keys. */
  toStream<K2>(selector: Callback<K, V, K2>, options?: NameOptions): KStream<K2, V, NewKey<H>>;
  /** The stream of its updates; a deletion has the value null. */
  toStream(options?: NameOptions): KStream<K, V, H>;
  toStream(first?: NameOptions | Callback<K, V, unknown>, second?: NameOptions): unknown {
    const selector = typeof first === 'function' ? first : undefined;
    const { name } = (typeof first === 'object' ? first : second) ?? {};
    const maker = stateless.mapValues((change) => change.newValue);
    const shape = { name, prefix: 'KTABLE-TOSTREAM-', effect: 'none' } as const;
    const { graph, node, name: from, key, value, sources } = this.parts;
    const parts = { graph, node, name: from, key, value, sources, isMoved: false };
    const stream = new KStream<K, V, H>(addOperator(parts, maker, shape));
    return selector === undefined ? stream : stream.selectKey(selector as never);
  }

  /** Holds updates back: until their windows close, or for a time. */
  suppress(suppressed: Suppressed): KTable<K, V, H> {
    return new KTable(suppressTable(this.parts, this.own, suppressed));
  }

  /**
   * Groups the rows by new keys, with new values. Rows whose new key or value is null are left out.
   */
  groupBy<K2, V2>(
    selector: Callback<K, V, Pair<K2, V2>>,
    ...[options]: Last<
      GroupOptions &
        SerdeOption<'key', K2, Extract<H, 'default'>> &
        SerdeOption<'value', V2, Extract<H, 'default'>>
    >
  ): KGroupedTable<K2, V2, Settled<H>> {
    const select = caller(selector) as RowMapper;
    return new KGroupedTable(KGroupedTable.partsOf(this.parts, this.own, select, options));
  }

  /** The rows that both tables have. */
  join<V2, R, H2 extends Known, O extends StoreOf<K, R> = NameOptions>(
    other: KTable<K, V2, H2>,
    joiner: Joiner<V, V2, R, K> & NoPromise<R>,
    options?: O,
  ): KTable<K, R, WithValue<H, O>>;
  /** Each row with the row of another table that it names by its key there, where there is one. */
  join<K2, V2, R, H2 extends Known, O extends ForeignKeyJoinOptions & StoreOf<K, R> = NameOptions>(
    other: KTable<K2, V2, H2>,
    foreignKey: Callback<K, V, K2 | null>,
    joiner: Joiner<V, V2, R, K> & NoPromise<R>,
    options?: O,
  ): KTable<K, R, WithValue<H, O>>;
  join(...args: readonly unknown[]): unknown {
    return this.#join(args, 'inner');
  }

  /** All rows of this table, with those of the other or null. */
  leftJoin<V2, R, H2 extends Known, O extends StoreOf<K, R> = NameOptions>(
    other: KTable<K, V2, H2>,
    joiner: Joiner<V, V2 | null, R, K> & NoPromise<R>,
    options?: O,
  ): KTable<K, R, WithValue<H, O>>;
  /** Each row with the row of another table that it names by its key there, or null. */
  leftJoin<
    K2,
    V2,
    R,
    H2 extends Known,
    O extends ForeignKeyJoinOptions & StoreOf<K, R> = NameOptions,
  >(
    other: KTable<K2, V2, H2>,
    foreignKey: Callback<K, V, K2 | null>,
    joiner: Joiner<V, V2 | null, R, K> & NoPromise<R>,
    options?: O,
  ): KTable<K, R, WithValue<H, O>>;
  leftJoin(...args: readonly unknown[]): unknown {
    return this.#join(args, 'left');
  }

  /** The rows that either table has. */
  outerJoin<V2, R, H2 extends Known, O extends StoreOf<K, R> = NameOptions>(
    other: KTable<K, V2, H2>,
    joiner: Joiner<V | null, V2 | null, R, K> & NoPromise<R>,
    options?: O,
  ): KTable<K, R, WithValue<H, O>> {
    return new KTable(joinTables(this, other, joiner as never, options ?? {}, 'outer'));
  }

  /**
   * As operators below see it: asking changes what it keeps and sends.
   * @internal
   */
  get own(): ParentTable {
    return {
      view: () => this.parts.maker.view(),
      sendOldValues: (force) => this.#sendOldValues(force),
    };
  }

  #sendOldValues(force: boolean): boolean {
    this.#sendsOldValues ||= this.parts.maker.sendOldValues(force);
    return this.#sendsOldValues;
  }

  #filter(
    predicate: Callback<K, V, boolean>,
    keeps: boolean,
    options: StoreOf<K, V>,
  ): KTable<K, V, H> {
    const test = caller(predicate) as RowMapper;
    const filter: RowMapper = (value, key, timestamp, headers) => {
      return Boolean(test(value, key, timestamp, headers)) === keeps ? value : null;
    };
    return new KTable(mapRows(this.parts, this.own, filter, 'KTABLE-FILTER-', true, options));
  }

  #join(args: readonly unknown[], kind: 'inner' | 'left'): KTable<K, never, NewValue<H>> {
    const [other, second, third, fourth] = args;
    const table = other as KTable<unknown, unknown, never>;
    if (typeof third === 'function') {
      const options = (fourth ?? {}) as ForeignKeyJoinOptions & TableStoreOptions & Serdes;
      const settings = { ...options, isLeft: kind === 'left' };
      return new KTable(joinForeignKey(this, table, second as never, third as never, settings));
    }
    const options = (third ?? {}) as NameOptions & TableStoreOptions & Serdes;
    return new KTable(joinTables(this, table, second as never, options, kind));
  }
}
