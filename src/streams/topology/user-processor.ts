import type { RecordHeaders } from '../../client/consumer/records/record-headers.ts';
import type { NodeContext } from './node-context.ts';
import type { ProcessorMaker } from './node-definitions.ts';
import type { NodeProcessor } from './node-processor.ts';
import type { Processor, ProcessorSource } from './processor.ts';
import { refusePromise } from './refuse-promise.ts';
import { UserContext } from './user-context.ts';

/** A processor of the program as a node: the record becomes an object only here. */
class UserProcessor implements NodeProcessor {
  readonly #processor: Processor<unknown, unknown, unknown, unknown>;
  #node = '';

  constructor(processor: Processor<unknown, unknown, unknown, unknown>) {
    this.#processor = processor;
  }

  open(context: NodeContext): void {
    this.#node = context.node;
    refusePromise(this.#processor.init?.(new UserContext(context)), this.#node);
  }

  take(key: unknown, value: unknown, timestamp: number, headers: RecordHeaders): void {
    refusePromise(this.#processor.process({ key, value, timestamp, headers }), this.#node);
  }

  close(): void {
    refusePromise(this.#processor.close?.(), this.#node);
  }
}

/** Nodes of a program's processors. */
export function userProcessorMaker<KIn, VIn, KOut, VOut>(
  source: ProcessorSource<KIn, VIn, KOut, VOut>,
): ProcessorMaker {
  const supplier = typeof source === 'function' ? { get: source, stores: undefined } : source;
  const get = supplier.get.bind(supplier) as () => Processor<unknown, unknown, unknown, unknown>;
  return { make: () => new UserProcessor(get()), stores: supplier.stores };
}
