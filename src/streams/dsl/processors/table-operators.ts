import type { RecordHeaders } from '../../../client/consumer/records/record-headers.ts';
import type { Change } from '../../topology/change.ts';
import type { NodeContext } from '../../topology/node-context.ts';
import type { NodeProcessor } from '../../topology/node-processor.ts';
import type { StoreSpec } from '../../topology/store-spec.ts';
import { ChangeForwarder } from '../tables/change-forwarder.ts';
import type { ParentTable } from '../tables/parent-table.ts';
import { storeView } from '../tables/store-view.ts';
import type { TableMaker } from '../tables/table-maker.ts';
import { TableStore } from '../tables/table-store.ts';
import type { ValueGetter, ValueView } from '../tables/value-view.ts';

/** The new value of a table's row by its old table's; null stays null without a call. */
export type RowMapper = (
  value: unknown,
  key: unknown,
  timestamp: number,
  headers: RecordHeaders,
) => unknown;

class RowMapProcessor implements NodeProcessor {
  readonly #maker: RowMap;
  #context!: NodeContext;
  #store: TableStore | undefined;
  #forwarder!: ChangeForwarder;

  constructor(maker: RowMap) {
    this.#maker = maker;
  }

  open(context: NodeContext): void {
    this.#context = context;
    const { spec } = this.#maker;
    if (spec !== undefined) this.#store = new TableStore(context, spec.name);
    const { sendsOldValues } = this.#maker;
    this.#forwarder = new ChangeForwarder(context, this.#store?.cached, sendsOldValues);
  }

  take(key: unknown, value: unknown, timestamp: number, headers: RecordHeaders): void {
    const maker = this.#maker;
    const change = value as Change<unknown>;
    const store = this.#store;
    const newValue = maker.mapped(change.newValue, key, timestamp, headers);
    let oldValue: unknown = null;
    if (maker.sendsOldValues) {
      oldValue =
        store === undefined
          ? maker.mapped(change.oldValue, key, timestamp, headers)
          : store.get(key);
      const isNothing = oldValue === null && newValue === null;
      if (isNothing && maker.isFilter && !maker.usesVersionedSemantics) return;
    }
    if (store === undefined) {
      const mapped = { newValue, oldValue, isLatest: change.isLatest };
      this.#context.forward(key, mapped, timestamp, headers);
      return;
    }
    if (!store.put(key, newValue, timestamp)) return;
    this.#forwarder.forward(key, newValue, oldValue, store.wasLatest, timestamp, headers);
  }
}

class RowMapGetter implements ValueGetter {
  readonly #maker: RowMap;
  readonly #parent: ValueGetter;
  #context!: NodeContext;

  constructor(maker: RowMap, parent: ValueGetter) {
    this.#maker = maker;
    this.#parent = parent;
  }

  get foundTimestamp(): number {
    return this.#parent.foundTimestamp;
  }

  get isVersioned(): boolean {
    return this.#parent.isVersioned;
  }

  open(context: NodeContext): void {
    this.#context = context;
    this.#parent.open(context);
  }

  get(key: unknown): unknown {
    return this.#mapped(this.#parent.get(key), key);
  }

  getAsOf(key: unknown, asOf: number): unknown {
    return this.#mapped(this.#parent.getAsOf(key, asOf), key);
  }

  #mapped(value: unknown, key: unknown): unknown {
    const timestamp = this.#parent.foundTimestamp;
    return this.#maker.mapped(value, key, timestamp, this.#context.headers);
  }
}

/** Filter and mapValues of a table: row by row, kept in a store where the program names one. */
export class RowMap implements TableMaker {
  readonly stores: readonly StoreSpec[];
  readonly spec: StoreSpec | undefined;
  readonly isFilter: boolean;
  sendsOldValues = false;
  usesVersionedSemantics = false;
  readonly #parent: ParentTable;
  readonly #mapper: RowMapper;

  constructor(
    parent: ParentTable,
    mapper: RowMapper,
    isFilter: boolean,
    spec: StoreSpec | undefined,
  ) {
    this.#parent = parent;
    this.#mapper = mapper;
    this.isFilter = isFilter;
    this.spec = spec;
    this.stores = spec === undefined ? [] : [spec];
    // With old values, a row that never passed is not told to be gone.
    if (isFilter) this.sendsOldValues = parent.sendOldValues(false);
  }

  mapped(value: unknown, key: unknown, timestamp: number, headers: RecordHeaders): unknown {
    return value === null ? null : this.#mapper(value, key, timestamp, headers);
  }

  make(): NodeProcessor {
    return new RowMapProcessor(this);
  }

  view(): ValueView {
    if (this.spec !== undefined) return storeView(this.spec.name);
    const parent = this.#parent.view();
    return { make: () => new RowMapGetter(this, parent.make()), stores: parent.stores };
  }

  sendOldValues(force: boolean): boolean {
    if (this.spec !== undefined || this.#parent.sendOldValues(force)) this.sendsOldValues = true;
    return this.sendsOldValues;
  }
}
