import type { RecordHeaders } from '../../../client/consumer/records/record-headers.ts';
import type { NodeContext } from '../../topology/node-context.ts';
import type { CachedStore } from '../../topology/state-store.ts';

/** Tells the nodes below of a table's updates: at once, or when they leave the record cache. */
export class ChangeForwarder<K = unknown, V = unknown> {
  readonly #context: NodeContext;
  readonly #sendsOldValues: boolean;
  readonly #isCached: boolean;

  constructor(context: NodeContext, store: CachedStore<K, V> | undefined, sendsOldValues: boolean) {
    this.#context = context;
    this.#sendsOldValues = sendsOldValues;
    this.#isCached =
      store?.onFlush((key, newValue, oldValue, timestamp, headers) => {
        context.forward(key, { newValue, oldValue, isLatest: true }, timestamp, headers);
      }, sendsOldValues) ?? false;
  }

  forward(
    key: K,
    newValue: V | null,
    oldValue: V | null,
    isLatest: boolean,
    timestamp: number,
    headers: RecordHeaders,
  ): void {
    if (this.#isCached) return;
    const change = { newValue, oldValue: this.#sendsOldValues ? oldValue : null, isLatest };
    this.#context.forward(key, change, timestamp, headers);
  }
}
