import type { RecordHeaders } from '../../../client/consumer/records/record-headers.ts';
import type { NodeContext } from '../../topology/node-context.ts';
import type { ProcessorMaker } from '../../topology/node-definitions.ts';
import type { NodeProcessor } from '../../topology/node-processor.ts';
import type { WindowSpec } from '../../topology/store-spec.ts';
import type { WindowStore } from '../../topology/window-store.ts';

class JoinWindowProcessor implements NodeProcessor {
  readonly #name: string;
  #context!: NodeContext;
  #store!: WindowStore<unknown, unknown>;

  constructor(name: string) {
    this.#name = name;
  }

  open(context: NodeContext): void {
    this.#context = context;
    this.#store = context.store(this.#name);
  }

  /** It is kept after it was joined, so that a stream joined with itself does not meet it twice. */
  take(key: unknown, value: unknown, timestamp: number, headers: RecordHeaders): void {
    this.#context.forward(key, value, timestamp, headers);
    if (key !== null) this.#store.put(key, value, timestamp, timestamp);
  }
}

/** Keeps the records of one side of a stream-stream join, each under its own time. */
export class JoinWindowKeeper implements ProcessorMaker {
  readonly stores: readonly WindowSpec[];

  constructor(spec: WindowSpec) {
    this.stores = [spec];
  }

  make(): NodeProcessor {
    return new JoinWindowProcessor(this.stores[0]!.name);
  }
}
