import type { RecordHeaders } from '../../../client/consumer/records/record-headers.ts';
import type { NodeContext } from '../../topology/node-context.ts';
import type { ProcessorMaker } from '../../topology/node-definitions.ts';
import type { NodeProcessor } from '../../topology/node-processor.ts';

/**
 * A record that came too late for every window, on its way from the aggregate to the node below.
 */
export class LateRecord {
  readonly value: unknown;

  constructor(value: unknown) {
    this.value = value;
  }
}

/** Lets late records pass. The results of the aggregate come here too, and go no further. */
class LateProcessor implements NodeProcessor {
  #context!: NodeContext;

  open(context: NodeContext): void {
    this.#context = context;
  }

  take(key: unknown, value: unknown, timestamp: number, headers: RecordHeaders): void {
    if (value instanceof LateRecord) this.#context.forward(key, value.value, timestamp, headers);
  }
}

/** The node below an aggregate that gives the records that came too late. */
export const lateMaker: ProcessorMaker = { make: () => new LateProcessor() };
