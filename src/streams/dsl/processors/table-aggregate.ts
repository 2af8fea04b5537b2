import type { RecordHeaders } from '../../../client/consumer/records/record-headers.ts';
import type { Change } from '../../topology/change.ts';
import type { NodeContext } from '../../topology/node-context.ts';
import type { NodeProcessor } from '../../topology/node-processor.ts';
import type { StoreSpec } from '../../topology/store-spec.ts';
import { TopologyError } from '../../topology/topology-error.ts';
import { settled } from '../callbacks.ts';
import { ChangeForwarder } from '../tables/change-forwarder.ts';
import { KeptTable } from '../tables/kept-table.ts';
import { storeView } from '../tables/store-view.ts';
import { TableStore } from '../tables/table-store.ts';
import type { Aggregator, Initializer } from './stream-aggregate.ts';

/** How a grouped table is aggregated. Without an initializer it is a reduce. */
export interface TableAggregation {
  readonly initialize: Initializer | undefined;
  readonly add: Aggregator;
  readonly subtract: Aggregator;
}

class TableAggregateProcessor implements NodeProcessor {
  readonly #name: string;
  readonly #how: TableAggregation;
  readonly #sendsOldValues: boolean;
  #node = '';
  #store!: TableStore;
  #forwarder!: ChangeForwarder;

  constructor(name: string, how: TableAggregation, sendsOldValues: boolean) {
    this.#name = name;
    this.#how = how;
    this.#sendsOldValues = sendsOldValues;
  }

  open(context: NodeContext): void {
    this.#node = context.node;
    this.#store = new TableStore(context, this.#name);
    this.#forwarder = new ChangeForwarder(context, this.#store.cached, this.#sendsOldValues);
  }

  take(key: unknown, value: unknown, timestamp: number, headers: RecordHeaders): void {
    if (key === null) throw new TopologyError(`A record of ${this.#node} has no key.`);
    const change = value as Change<unknown>;
    const store = this.#store;
    const old = store.get(key);
    const oldTimestamp = store.foundTimestamp;
    const { initialize, add, subtract } = this.#how;
    let newTimestamp = timestamp;
    let updated = old;
    if (change.oldValue !== null && old !== null) {
      updated = settled(subtract(old, change.oldValue, key), this.#node);
      newTimestamp = Math.max(timestamp, oldTimestamp);
    }
    if (change.newValue !== null) {
      if (updated === null && initialize === undefined) {
        updated = change.newValue;
      } else {
        const base = updated === null ? (initialize as Initializer)() : updated;
        updated = settled(add(base, change.newValue, key), this.#node);
        if (old !== null) newTimestamp = Math.max(timestamp, oldTimestamp);
      }
    }
    if (!store.put(key, updated, newTimestamp)) return;
    this.#forwarder.forward(key, updated, old, store.wasLatest, newTimestamp, headers);
  }
}

/** Count, reduce and aggregate of a grouped table. */
export class TableAggregate extends KeptTable {
  readonly #name: string;
  readonly #how: TableAggregation;

  constructor(spec: StoreSpec, how: TableAggregation) {
    super(spec, storeView(spec.name));
    this.#name = spec.name;
    this.#how = how;
  }

  make(): NodeProcessor {
    return new TableAggregateProcessor(this.#name, this.#how, this.sendsOldValues);
  }
}
