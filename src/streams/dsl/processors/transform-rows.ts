import type { RecordHeaders } from '../../../client/consumer/records/record-headers.ts';
import type { Change } from '../../topology/change.ts';
import type { NodeContext } from '../../topology/node-context.ts';
import type { NodeProcessor } from '../../topology/node-processor.ts';
import type { StoreSpec } from '../../topology/store-spec.ts';
import { UserTaskView } from '../../topology/user-context.ts';
import type {
  ValueTransformer,
  ValueTransformerSupplier,
} from '../../topology/value-transformer.ts';
import { settled } from '../callbacks.ts';
import { ChangeForwarder } from '../tables/change-forwarder.ts';
import type { ParentTable } from '../tables/parent-table.ts';
import { storeView } from '../tables/store-view.ts';
import type { TableMaker } from '../tables/table-maker.ts';
import { TableStore } from '../tables/table-store.ts';
import type { ValueGetter, ValueView } from '../tables/value-view.ts';

type AnySupplier = ValueTransformerSupplier<unknown, unknown, unknown>;
type AnyTransformer = ValueTransformer<unknown, unknown, unknown>;

class TransformRowsProcessor implements NodeProcessor {
  readonly #transformer: AnyTransformer;
  readonly #name: string | undefined;
  readonly #sendsOldValues: boolean;
  #context!: NodeContext;
  #store: TableStore | undefined;
  #forwarder!: ChangeForwarder;

  constructor(transformer: AnyTransformer, name: string | undefined, sendsOldValues: boolean) {
    this.#transformer = transformer;
    this.#name = name;
    this.#sendsOldValues = sendsOldValues;
  }

  open(context: NodeContext): void {
    this.#context = context;
    settled(this.#transformer.init?.(new UserTaskView(context)), context.node);
    if (this.#name !== undefined) this.#store = new TableStore(context, this.#name);
    this.#forwarder = new ChangeForwarder(context, this.#store?.cached, this.#sendsOldValues);
  }

  take(key: unknown, value: unknown, timestamp: number, headers: RecordHeaders): void {
    const { newValue, oldValue, isLatest } = value as Change<unknown>;
    const store = this.#store;
    const transformed = this.#transformed(key, newValue);
    if (store === undefined) {
      const old = this.#sendsOldValues ? this.#transformed(key, oldValue) : null;
      this.#forwarder.forward(key, transformed, old, isLatest, timestamp, headers);
      return;
    }
    const old = this.#sendsOldValues ? store.get(key) : null;
    if (!store.put(key, transformed, timestamp)) return;
    this.#forwarder.forward(key, transformed, old, store.wasLatest, timestamp, headers);
  }

  close(): void {
    settled(this.#transformer.close?.(), this.#context.node);
  }

  #transformed(key: unknown, value: unknown): unknown {
    return settled(this.#transformer.transform(key, value), this.#context.node) ?? null;
  }
}

class TransformRowsGetter implements ValueGetter {
  readonly #transformer: AnyTransformer;
  readonly #parent: ValueGetter;
  #context!: NodeContext;

  constructor(transformer: AnyTransformer, parent: ValueGetter) {
    this.#transformer = transformer;
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
    settled(this.#transformer.init?.(new UserTaskView(context)), context.node);
  }

  get(key: unknown): unknown {
    return this.#transformed(key, this.#parent.get(key));
  }

  getAsOf(key: unknown, asOf: number): unknown {
    return this.#transformed(key, this.#parent.getAsOf(key, asOf));
  }

  #transformed(key: unknown, value: unknown): unknown {
    return settled(this.#transformer.transform(key, value), this.#context.node) ?? null;
  }
}

/** A table made row by row of another by transformers of the program. */
export class TransformRows implements TableMaker {
  readonly stores: readonly StoreSpec[];
  readonly #parent: ParentTable;
  readonly #supplier: AnySupplier;
  readonly #spec: StoreSpec | undefined;
  #sendsOldValues = false;

  constructor(parent: ParentTable, supplier: AnySupplier, spec: StoreSpec | undefined) {
    this.#parent = parent;
    this.#supplier = supplier;
    this.#spec = spec;
    const own = supplier.stores ?? [];
    this.stores = spec === undefined ? own : [...own, spec];
  }

  make(): NodeProcessor {
    const transformer = this.#supplier.get();
    return new TransformRowsProcessor(transformer, this.#spec?.name, this.#sendsOldValues);
  }

  view(): ValueView {
    if (this.#spec !== undefined) return storeView(this.#spec.name);
    const parent = this.#parent.view();
    return {
      make: () => new TransformRowsGetter(this.#supplier.get(), parent.make()),
      stores: parent.stores,
    };
  }

  sendOldValues(force: boolean): boolean {
    if (this.#spec !== undefined || this.#parent.sendOldValues(force)) this.#sendsOldValues = true;
    return this.#sendsOldValues;
  }
}
