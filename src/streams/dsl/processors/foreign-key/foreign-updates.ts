import type { RecordHeaders } from '../../../../client/consumer/records/record-headers.ts';
import type { Change } from '../../../topology/change.ts';
import type { KeyValueStore } from '../../../topology/key-value-store.ts';
import type { NodeContext } from '../../../topology/node-context.ts';
import type { ProcessorMaker } from '../../../topology/node-definitions.ts';
import type { NodeProcessor } from '../../../topology/node-processor.ts';
import type { KeyValueSpec } from '../../../topology/store-spec.ts';
import {
  keyBytes,
  primaryKeyBytes,
  type SubscriptionKeys,
  subscriptionPrefix,
} from './combined-key.ts';
import type { Response } from './response.ts';
import type { Subscription } from './subscription.ts';

class ForeignUpdatesProcessor implements NodeProcessor {
  readonly #maker: ForeignUpdates;
  #context!: NodeContext;
  #store!: KeyValueStore<Uint8Array, Subscription>;

  constructor(maker: ForeignUpdates) {
    this.#maker = maker;
  }

  open(context: NodeContext): void {
    this.#context = context;
    this.#store = context.store(this.#maker.stores[0]!.name);
  }

  take(key: unknown, value: unknown, timestamp: number, headers: RecordHeaders): void {
    if (key === null) {
      this.#context.dropped('null-key');
      return;
    }
    const { newValue, isLatest } = value as Change<unknown>;
    if (this.#maker.usesVersionedSemantics && !isLatest) {
      this.#context.dropped('late-table-version');
      return;
    }
    const { keys } = this.#maker;
    const prefix = subscriptionPrefix(keyBytes(keys.foreign, key, this.#context.topic));
    const subscriptions = this.#store.prefixScan(prefix)[Symbol.iterator]();
    this.#context.spread(() => {
      const next = subscriptions.next();
      if (next.done === true) return false;
      const { hash, primaryPartition } = next.value.value;
      const primary = primaryKeyBytes(next.value.key);
      const primaryKey = keys.primary.deserialize(primary, this.#context.topic);
      const response: Response = { hash, foreignValue: newValue, primaryPartition };
      this.#context.forward(primaryKey, response, timestamp, headers);
      return true;
    });
  }
}

/** Answers every subscription to a foreign row that has changed. */
export class ForeignUpdates implements ProcessorMaker {
  readonly stores: readonly KeyValueSpec[];
  readonly keys: SubscriptionKeys;
  usesVersionedSemantics = false;

  constructor(spec: KeyValueSpec, keys: SubscriptionKeys) {
    this.stores = [spec];
    this.keys = keys;
  }

  useVersionedSemantics(): void {
    this.usesVersionedSemantics = true;
  }

  make(): NodeProcessor {
    return new ForeignUpdatesProcessor(this);
  }
}
