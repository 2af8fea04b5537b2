import type { RecordHeaders } from '../../../client/consumer/records/record-headers.ts';
import type { Change } from '../../topology/change.ts';
import { hashOrder } from '../../topology/java-order.ts';
import type { NodeContext } from '../../topology/node-context.ts';
import type { NodeProcessor } from '../../topology/node-processor.ts';
import type { StoreSpec } from '../../topology/store-spec.ts';
import { ChangeForwarder } from '../tables/change-forwarder.ts';
import { storeView } from '../tables/store-view.ts';
import type { TableMaker } from '../tables/table-maker.ts';
import { TableStore } from '../tables/table-store.ts';
import type { ValueView } from '../tables/value-view.ts';

class MergeProcessor implements NodeProcessor {
  readonly #spec: StoreSpec | undefined;
  readonly #sendsOldValues: boolean;
  #store: TableStore | undefined;
  #forwarder!: ChangeForwarder;

  constructor(spec: StoreSpec | undefined, sendsOldValues: boolean) {
    this.#spec = spec;
    this.#sendsOldValues = sendsOldValues;
  }

  open(context: NodeContext): void {
    if (this.#spec !== undefined) this.#store = new TableStore(context, this.#spec.name);
    this.#forwarder = new ChangeForwarder(context, this.#store?.cached, this.#sendsOldValues);
  }

  take(key: unknown, value: unknown, timestamp: number, headers: RecordHeaders): void {
    const { newValue, oldValue, isLatest } = value as Change<unknown>;
    const store = this.#store;
    if (store === undefined) {
      this.#forwarder.forward(key, newValue, oldValue, isLatest, timestamp, headers);
      return;
    }
    if (!store.put(key, newValue, timestamp)) return;
    this.#forwarder.forward(key, newValue, oldValue, store.wasLatest, timestamp, headers);
  }
}

/** Brings the results of both sides of a table-table join together. */
export class TableJoinMerger implements TableMaker {
  readonly stores: readonly StoreSpec[];
  readonly #sides: readonly [TableMaker, TableMaker];
  readonly #spec: StoreSpec | undefined;
  #sendsOldValues = false;

  constructor(sides: readonly [TableMaker, TableMaker], spec: StoreSpec | undefined) {
    this.#sides = sides;
    this.#spec = spec;
    this.stores = spec === undefined ? [] : [spec];
  }

  make(): NodeProcessor {
    return new MergeProcessor(this.#spec, this.#sendsOldValues);
  }

  view(): ValueView {
    if (this.#spec !== undefined) return storeView(this.#spec.name);
    const [own, other] = this.#sides;
    const view = own.view();
    return { make: () => view.make(), stores: hashOrder([...view.stores, ...other.view().stores]) };
  }

  sendOldValues(): boolean {
    for (const side of this.#sides) side.sendOldValues(true);
    this.#sendsOldValues = true;
    return true;
  }
}
