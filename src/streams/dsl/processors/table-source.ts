import type { RecordHeaders } from '../../../client/consumer/records/record-headers.ts';
import type { NodeContext } from '../../topology/node-context.ts';
import type { NodeProcessor } from '../../topology/node-processor.ts';
import type { StoreSpec } from '../../topology/store-spec.ts';
import { ChangeForwarder } from '../tables/change-forwarder.ts';
import { storeView } from '../tables/store-view.ts';
import type { TableMaker } from '../tables/table-maker.ts';
import { TableStore } from '../tables/table-store.ts';
import type { ValueView } from '../tables/value-view.ts';

class TableSourceProcessor implements NodeProcessor {
  readonly #name: string | undefined;
  readonly #sendsOldValues: boolean;
  #context!: NodeContext;
  #store: TableStore | undefined;
  #forwarder!: ChangeForwarder;

  constructor(name: string | undefined, sendsOldValues: boolean) {
    this.#name = name;
    this.#sendsOldValues = sendsOldValues;
  }

  open(context: NodeContext): void {
    this.#context = context;
    if (this.#name !== undefined) this.#store = new TableStore(context, this.#name);
    this.#forwarder = new ChangeForwarder(context, this.#store?.cached, this.#sendsOldValues);
  }

  take(key: unknown, value: unknown, timestamp: number, headers: RecordHeaders): void {
    if (key === null) {
      this.#context.dropped('null-key');
      return;
    }
    const store = this.#store;
    if (store === undefined) {
      const change = { newValue: value, oldValue: null, isLatest: true };
      this.#context.forward(key, change, timestamp, headers);
      return;
    }
    const old = store.get(key);
    if (!store.put(key, value, timestamp)) return;
    this.#forwarder.forward(key, value, old, store.wasLatest, timestamp, headers);
  }
}

/**
 * Makes a table of a topic's records, or of a stream's. It keeps a store only where the program
 * names one or another node needs it.
 */
export class TableSource implements TableMaker {
  readonly #makeSpec: () => StoreSpec;
  #madeSpec: StoreSpec | undefined;
  #isMaterialized: boolean;
  #sendsOldValues = false;

  /** A function is called when the store turns out to be needed: its serdes may not be known. */
  constructor(spec: StoreSpec | (() => StoreSpec), isMaterialized: boolean) {
    this.#makeSpec = typeof spec === 'function' ? spec : () => spec;
    this.#isMaterialized = isMaterialized;
  }

  get stores(): readonly StoreSpec[] {
    return this.#isMaterialized ? [this.#spec()] : [];
  }

  make(): NodeProcessor {
    const name = this.#isMaterialized ? this.#spec().name : undefined;
    return new TableSourceProcessor(name, this.#sendsOldValues);
  }

  view(): ValueView {
    this.#isMaterialized = true;
    return storeView(this.#spec().name);
  }

  #spec(): StoreSpec {
    this.#madeSpec ??= this.#makeSpec();
    return this.#madeSpec;
  }

  sendOldValues(force: boolean): boolean {
    if (!force && !this.#isMaterialized) return false;
    this.#isMaterialized = true;
    this.#sendsOldValues = true;
    return true;
  }
}
