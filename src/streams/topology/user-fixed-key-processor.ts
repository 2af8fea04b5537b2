import type { RecordHeaders } from '../../client/consumer/records/record-headers.ts';
import {
  type FixedKeyProcessor,
  type FixedKeyProcessorContext,
  type FixedKeyProcessorSource,
  FixedKeyRecord,
} from './fixed-key-processor.ts';
import type { NodeContext } from './node-context.ts';
import type { ProcessorMaker } from './node-definitions.ts';
import type { NodeProcessor } from './node-processor.ts';
import { refusePromise } from './refuse-promise.ts';
import { TopologyError } from './topology-error.ts';
import { UserTaskView } from './user-context.ts';

type AnyProcessor = FixedKeyProcessor<unknown, unknown, unknown>;

class FixedKeyContext extends UserTaskView implements FixedKeyProcessorContext<unknown, unknown> {
  forward(record: FixedKeyRecord<unknown, unknown>, child?: string): void {
    if (!(record instanceof FixedKeyRecord)) {
      throw new TopologyError(
        `${this.node.node} keeps keys: forward what withValue gives of its record.`,
      );
    }
    const { key, value, timestamp, headers } = record;
    if (child === undefined) this.node.forward(key, value, timestamp, headers);
    else this.node.forwardTo(child, key, value, timestamp, headers);
  }
}

class UserFixedKeyProcessor implements NodeProcessor {
  readonly #processor: AnyProcessor;
  #node = '';

  constructor(processor: AnyProcessor) {
    this.#processor = processor;
  }

  open(context: NodeContext): void {
    this.#node = context.node;
    refusePromise(this.#processor.init?.(new FixedKeyContext(context)), this.#node);
  }

  take(key: unknown, value: unknown, timestamp: number, headers: RecordHeaders): void {
    const record = new FixedKeyRecord(key, value, timestamp, headers);
    refusePromise(this.#processor.process(record), this.#node);
  }

  close(): void {
    refusePromise(this.#processor.close?.(), this.#node);
  }
}

/** Nodes of a program's processors that keep keys. */
export function userFixedKeyMaker<K, VIn, VOut>(
  source: FixedKeyProcessorSource<K, VIn, VOut>,
): ProcessorMaker {
  const supplier = typeof source === 'function' ? { get: source, stores: undefined } : source;
  const get = supplier.get.bind(supplier) as () => AnyProcessor;
  return { make: () => new UserFixedKeyProcessor(get()), stores: supplier.stores };
}
