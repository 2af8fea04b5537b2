import type { RecordHeaders } from '../../../client/consumer/records/record-headers.ts';
import type { NodeContext } from '../../topology/node-context.ts';
import type { ProcessorMaker } from '../../topology/node-definitions.ts';
import type { NodeProcessor } from '../../topology/node-processor.ts';
import type { WindowSpec } from '../../topology/store-spec.ts';
import type { WindowStore } from '../../topology/window-store.ts';
import { settled } from '../callbacks.ts';
import type { JoinWindow } from './stream-join.ts';
import type { AnyJoiner } from './stream-table-join.ts';

class SelfJoinProcessor implements NodeProcessor {
  readonly #spec: WindowSpec;
  readonly #window: JoinWindow;
  readonly #joiner: AnyJoiner;
  #context!: NodeContext;
  #store!: WindowStore<unknown, unknown>;
  #streamTime = -1;

  constructor(spec: WindowSpec, window: JoinWindow, joiner: AnyJoiner) {
    this.#spec = spec;
    this.#window = window;
    this.#joiner = joiner;
  }

  open(context: NodeContext): void {
    this.#context = context;
    this.#store = context.store(this.#spec.name);
  }

  /** In the order in which the join of two streams gives its results. */
  take(key: unknown, value: unknown, timestamp: number, headers: RecordHeaders): void {
    if (key === null || value === null) {
      this.#context.dropped('null-key-or-value');
      return;
    }
    const { beforeMs, afterMs, graceMs } = this.#window;
    const retentionMs = beforeMs + afterMs + graceMs;
    if (timestamp > this.#streamTime) this.#streamTime = timestamp;
    const isKept = timestamp > this.#streamTime - retentionMs + 1;
    for (const other of this.#fetch(key, timestamp - beforeMs, timestamp + afterMs)) {
      const at = Math.max(timestamp, other.windowStart);
      this.#forward(key, value, other.value, at, headers);
    }
    let hasJoinedSelf = false;
    for (const other of this.#fetch(key, timestamp - afterMs, timestamp + beforeMs)) {
      const at = Math.max(timestamp, other.windowStart);
      if (timestamp < at && !hasJoinedSelf && isKept) {
        hasJoinedSelf = true;
        this.#forward(key, value, value, timestamp, headers);
      }
      this.#forward(key, other.value, value, at, headers);
    }
    if (!hasJoinedSelf && isKept) this.#forward(key, value, value, timestamp, headers);
  }

  #fetch(key: unknown, from: number, to: number) {
    return this.#store.fetch(key, Math.max(0, from), Math.max(0, to));
  }

  #forward(
    key: unknown,
    value: unknown,
    other: unknown,
    timestamp: number,
    headers: RecordHeaders,
  ): void {
    const joined = settled(this.#joiner(value, other, key), this.#context.node);
    this.#context.forward(key, joined, timestamp, headers);
  }
}

/** A stream joined with itself: one store, one processor. */
export class SelfJoin implements ProcessorMaker {
  readonly stores: readonly WindowSpec[];
  readonly #window: JoinWindow;
  readonly #joiner: AnyJoiner;

  constructor(spec: WindowSpec, window: JoinWindow, joiner: AnyJoiner) {
    this.stores = [spec];
    this.#window = window;
    this.#joiner = joiner;
  }

  make(): NodeProcessor {
    return new SelfJoinProcessor(this.stores[0]!, this.#window, this.#joiner);
  }
}
