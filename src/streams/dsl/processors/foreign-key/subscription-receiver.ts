import type { RecordHeaders } from '../../../../client/consumer/records/record-headers.ts';
import type { KeyValueStore } from '../../../topology/key-value-store.ts';
import type { NodeContext } from '../../../topology/node-context.ts';
import type { ProcessorMaker } from '../../../topology/node-definitions.ts';
import type { NodeProcessor } from '../../../topology/node-processor.ts';
import type { KeyValueSpec } from '../../../topology/store-spec.ts';
import { combinedKey, keyBytes, type SubscriptionKeys } from './combined-key.ts';
import { INSTRUCTION, type Subscription } from './subscription.ts';

/** Keeps subscriptions in their store, where updates of the foreign row find them. */
class SubscriptionReceiverProcessor implements NodeProcessor {
  readonly #name: string;
  readonly #keys: SubscriptionKeys;
  #context!: NodeContext;
  #store!: KeyValueStore<Uint8Array, Subscription>;

  constructor(name: string, keys: SubscriptionKeys) {
    this.#name = name;
    this.#keys = keys;
  }

  open(context: NodeContext): void {
    this.#context = context;
    this.#store = context.store(this.#name);
  }

  take(key: unknown, value: unknown, timestamp: number, headers: RecordHeaders): void {
    const subscription = value as Subscription;
    const { instruction, primaryKey } = subscription;
    if (key === null) {
      // Only the subscription of a left join's row that names none.
      if (instruction !== INSTRUCTION.PROPAGATE_NULL_IF_NO_FK_VAL_AVAILABLE) {
        this.#context.dropped('null-foreign-key');
        return;
      }
    } else {
      const { topic } = this.#context;
      const foreign = keyBytes(this.#keys.foreign, key, `${topic}-fk`);
      const at = combinedKey(foreign, keyBytes(this.#keys.primary, primaryKey, `${topic}-pk`));
      const isEnded =
        instruction === INSTRUCTION.DELETE_KEY_AND_PROPAGATE ||
        instruction === INSTRUCTION.DELETE_KEY_NO_PROPAGATE;
      this.#store.put(at, isEnded ? null : subscription, timestamp);
    }
    this.#context.forward(key, subscription, timestamp, headers);
  }
}

/** The first node at the foreign table. */
export class SubscriptionReceiver implements ProcessorMaker {
  readonly stores: readonly KeyValueSpec[];
  readonly #keys: SubscriptionKeys;

  constructor(spec: KeyValueSpec, keys: SubscriptionKeys) {
    this.stores = [spec];
    this.#keys = keys;
  }

  make(): NodeProcessor {
    return new SubscriptionReceiverProcessor(this.stores[0]!.name, this.#keys);
  }
}
