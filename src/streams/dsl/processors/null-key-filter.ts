import type { RecordHeaders } from '../../../client/consumer/records/record-headers.ts';
import type { NodeContext } from '../../topology/node-context.ts';
import type { ProcessorMaker } from '../../topology/node-definitions.ts';
import type { NodeProcessor } from '../../topology/node-processor.ts';

class NullKeyFilter implements NodeProcessor {
  readonly #drops: boolean;
  #context!: NodeContext;

  constructor(drops: boolean) {
    this.#drops = drops;
  }

  open(context: NodeContext): void {
    this.#context = context;
  }

  take(key: unknown, value: unknown, timestamp: number, headers: RecordHeaders): void {
    if (key === null && this.#drops) return;
    this.#context.forward(key, value, timestamp, headers);
  }
}

/** The node before a repartition's sink, which drops records without a key or lets all pass. */
export function nullKeyFilter(drops: boolean): ProcessorMaker {
  return { make: () => new NullKeyFilter(drops) };
}
