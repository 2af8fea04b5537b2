import type { NodeContext } from '../../topology/node-context.ts';
import { TableStore } from './table-store.ts';
import type { ValueGetter, ValueView } from './value-view.ts';

class StoreGetter implements ValueGetter {
  readonly #name: string;
  #store!: TableStore;

  constructor(name: string) {
    this.#name = name;
  }

  get foundTimestamp(): number {
    return this.#store.foundTimestamp;
  }

  get isVersioned(): boolean {
    return this.#store.isVersioned;
  }

  open(context: NodeContext): void {
    this.#store = new TableStore(context, this.#name);
  }

  get(key: unknown): unknown {
    return this.#store.get(key);
  }

  getAsOf(key: unknown, asOf: number): unknown {
    return this.#store.getAsOf(key, asOf);
  }
}

/** The values of a table that keeps a key-value store. */
export function storeView(name: string): ValueView {
  return { make: () => new StoreGetter(name), stores: [name] };
}
