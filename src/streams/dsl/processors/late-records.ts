import type { RecordHeaders } from '../../../client/consumer/records/record-headers.ts';
import type { ProcessorMaker } from '../../topology/node-definitions.ts';
import { ForwardingProcessor } from './forwarding-processor.ts';

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
class LateProcessor extends ForwardingProcessor {
  take(key: unknown, value: unknown, timestamp: number, headers: RecordHeaders): void {
    if (value instanceof LateRecord) this.context.forward(key, value.value, timestamp, headers);
  }
}

/** The node below an aggregate that gives the records that came too late. */
export const lateMaker: ProcessorMaker = { make: () => new LateProcessor() };
