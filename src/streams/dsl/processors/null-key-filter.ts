import type { RecordHeaders } from '../../../client/consumer/records/record-headers.ts';
import type { ProcessorMaker } from '../../topology/node-definitions.ts';
import { ForwardingProcessor } from './forwarding-processor.ts';

class NullKeyFilter extends ForwardingProcessor {
  readonly #drops: boolean;

  constructor(drops: boolean) {
    super();
    this.#drops = drops;
  }

  take(key: unknown, value: unknown, timestamp: number, headers: RecordHeaders): void {
    if (key === null && this.#drops) return;
    this.context.forward(key, value, timestamp, headers);
  }
}

/** The node before a repartition's sink, which drops records without a key or lets all pass. */
export function nullKeyFilter(drops: boolean): ProcessorMaker {
  return { make: () => new NullKeyFilter(drops) };
}
