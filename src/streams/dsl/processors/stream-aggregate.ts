import type { RecordHeaders } from '../../../client/consumer/records/record-headers.ts';
import type { NodeContext } from '../../topology/node-context.ts';
import type { NodeProcessor } from '../../topology/node-processor.ts';
import type { StoreSpec } from '../../topology/store-spec.ts';
import { settled } from '../callbacks.ts';
import { ChangeForwarder } from '../tables/change-forwarder.ts';
import { KeptTable } from '../tables/kept-table.ts';
import { storeView } from '../tables/store-view.ts';
import { TableStore } from '../tables/table-store.ts';

/** Makes the first aggregate of a key. */
export type Initializer = () => unknown;
/** Adds a record's value to the aggregate. */
export type Aggregator = (aggregate: unknown, value: unknown, key: unknown) => unknown;

class StreamAggregateProcessor implements NodeProcessor {
  readonly #name: string;
  readonly #initialize: Initializer | undefined;
  readonly #aggregate: Aggregator;
  readonly #sendsOldValues: boolean;
  #context!: NodeContext;
  #store!: TableStore;
  #forwarder!: ChangeForwarder;

  constructor(
    name: string,
    initialize: Initializer | undefined,
    aggregate: Aggregator,
    sendsOldValues: boolean,
  ) {
    this.#name = name;
    this.#initialize = initialize;
    this.#aggregate = aggregate;
    this.#sendsOldValues = sendsOldValues;
  }

  open(context: NodeContext): void {
    this.#context = context;
    this.#store = new TableStore(context, this.#name);
    this.#forwarder = new ChangeForwarder(context, this.#store.cached, this.#sendsOldValues);
  }

  take(key: unknown, value: unknown, timestamp: number, headers: RecordHeaders): void {
    if (key === null || value === null) {
      this.#context.dropped('null-key-or-value');
      return;
    }
    const store = this.#store;
    let old = store.get(key);
    const newTimestamp = old === null ? timestamp : Math.max(timestamp, store.foundTimestamp);
    let updated: unknown;
    if (old !== null) {
      updated = this.#added(old, value, key);
    } else if (this.#initialize === undefined) {
      // A reduce: the first value is the aggregate.
      updated = value;
    } else {
      // As in Kafka, the initial value passes for the old one.
      old = this.#initialize();
      updated = this.#added(old, value, key);
    }
    if (!store.put(key, updated, newTimestamp)) return;
    this.#forwarder.forward(key, updated, old, store.wasLatest, newTimestamp, headers);
  }

  #added(aggregate: unknown, value: unknown, key: unknown): unknown {
    return settled(this.#aggregate(aggregate, value, key), this.#context.node);
  }
}

/** Count, reduce and aggregate of a grouped stream. Without an initializer it is a reduce. */
export class StreamAggregate extends KeptTable {
  readonly #name: string;
  readonly #initialize: Initializer | undefined;
  readonly #aggregate: Aggregator;

  constructor(spec: StoreSpec, initialize: Initializer | undefined, aggregate: Aggregator) {
    super(spec, storeView(spec.name));
    this.#name = spec.name;
    this.#initialize = initialize;
    this.#aggregate = aggregate;
  }

  make(): NodeProcessor {
    const sends = this.sendsOldValues;
    return new StreamAggregateProcessor(this.#name, this.#initialize, this.#aggregate, sends);
  }
}
