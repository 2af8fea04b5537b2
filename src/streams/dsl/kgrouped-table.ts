import { changed } from '../serde/changed.ts';
import { int64 } from '../serde/numbers.ts';
import { ProcessorNode } from './graph/processor-node.ts';
import { RepartitionNode } from './graph/repartition-node.ts';
import type { Adder } from './kgrouped-stream.ts';
import type { Known, Last, SerdeOption, Settled } from './known.ts';
import { KTable } from './ktable.ts';
import { operatorName, suffixedName } from './operator-name.ts';
import type { GroupOptions, NameOptions, TableStoreOptions } from './operator-options.ts';
import type { Aggregator } from './processors/stream-aggregate.ts';
import { TableAggregate, type TableAggregation } from './processors/table-aggregate.ts';
import type { RowMapper } from './processors/table-operators.ts';
import { TableRepartitionMap } from './processors/table-repartition-map.ts';
import type { Serdes } from './serdes.ts';
import { required, storeName, tableSpec } from './store-specs.ts';
import type { StreamParts } from './stream-parts.ts';
import type { TableParts } from './table-parts.ts';
import type { ParentTable } from './tables/parent-table.ts';

type Options = NameOptions & TableStoreOptions & Serdes;

/** What a grouped table consists of, beneath its types. */
interface GroupedTableParts extends StreamParts {
  readonly repartitionName: string | undefined;
  repartition: RepartitionNode | undefined;
}

/**
 * A table whose rows are taken together by new keys. When a row changes or goes, its old value is
 * subtracted.
 */
export class KGroupedTable<K, V, H extends Known = 'key' | 'value'> {
  /** Types only. */
  declare readonly types: readonly [key: K, value: V, known: H];
  readonly #parts: GroupedTableParts;

  /** @internal */
  constructor(parts: GroupedTableParts) {
    this.#parts = parts;
  }

  /**
   * By new keys and values of a table.
   * @internal
   */
  static partsOf(
    table: TableParts,
    own: ParentTable,
    select: RowMapper,
    options: GroupOptions & Serdes = {},
  ): GroupedTableParts {
    const { graph } = table;
    const name = operatorName(graph, options.as, 'KTABLE-SELECT-');
    const maker = new TableRepartitionMap(select);
    const node = new ProcessorNode(name, maker, {
      useVersionedSemantics: () => {
        maker.usesVersionedSemantics = true;
      },
    });
    graph.add(table.node, node);
    own.sendOldValues(true);
    return {
      graph,
      node,
      name,
      key: options.key ?? graph.defaults.key,
      value: options.value ?? graph.defaults.value,
      sources: table.sources,
      isMoved: true,
      repartitionName: options.as,
      repartition: undefined,
    };
  }

  /** How many rows each group has. */
  count(...[options]: Last<NameOptions & TableStoreOptions>): KTable<K, number, Settled<H>> {
    const how = {
      initialize: () => 0,
      add: (count: unknown) => (count as number) + 1,
      subtract: (count: unknown) => (count as number) - 1,
    };
    return this.#aggregate(how, 'KTABLE-AGGREGATE-', { ...options, value: int64 });
  }

  /** Makes one value of all values of a group; what is no longer in it is taken out again. */
  reduce(
    adder: (aggregate: V, value: V) => V,
    subtractor: (aggregate: V, value: V) => V,
    ...[options]: Last<NameOptions & TableStoreOptions & SerdeOption<'value', V, H>>
  ): KTable<K, V, Settled<H>> {
    const how = {
      initialize: undefined,
      add: adder as Aggregator,
      subtract: subtractor as Aggregator,
    };
    const settings = { value: this.#parts.value, ...options };
    return this.#aggregate(how, 'KTABLE-REDUCE-', settings);
  }

  /** Adds all values of a group to an aggregate; what is no longer in it is taken out again. */
  aggregate<A>(
    initializer: () => A,
    adder: Adder<K, V, A>,
    subtractor: Adder<K, V, A>,
    ...[options]: Last<
      NameOptions & TableStoreOptions & SerdeOption<'value', A, Extract<H, 'default'>>
    >
  ): KTable<K, A, Settled<H>> {
    const add = adder as Aggregator;
    const how = { initialize: initializer, add, subtract: subtractor as Aggregator };
    return this.#aggregate(how, 'KTABLE-AGGREGATE-', options);
  }

  #aggregate<A>(
    how: TableAggregation,
    prefix: string,
    options: Options | undefined,
  ): KTable<K, A, Settled<H>> {
    const parts = this.#parts;
    const { graph } = parts;
    // As in Kafka, the store of a reduce is named as that of an aggregate.
    const store = storeName(graph, options, 'KTABLE-AGGREGATE-');
    const sinkName = suffixedName(graph, options?.name, '-sink', 'KSTREAM-SINK-');
    const sourceName = suffixedName(graph, options?.name, '-source', 'KSTREAM-SOURCE-');
    const name = operatorName(graph, options?.name, prefix);
    const groupKey = required(parts.key, 'keys', name);
    const key = options?.key ?? groupKey;
    const value = required(options?.value ?? graph.defaults.value, 'values', name);
    if (parts.repartition === undefined || parts.repartitionName === undefined) {
      parts.repartition = new RepartitionNode({
        topic: `${parts.repartitionName ?? store.name}-repartition`,
        sinkName,
        sourceName,
        filterName: undefined,
        key: groupKey,
        value: changed(required(parts.value, 'values', name)),
        canBeMerged: false,
      });
    }
    graph.add(parts.node, parts.repartition);
    const maker = new TableAggregate(tableSpec(store.name, key, value, options), how);
    const node = new ProcessorNode(name, maker);
    node.outputVersioned = options?.history !== undefined;
    graph.add(parts.repartition, node);
    return new KTable({
      graph,
      node,
      name,
      key,
      value,
      sources: new Set([sourceName]),
      isMoved: false,
      maker,
      storeName: store.given,
    });
  }
}
