import type { RecordHeaders } from '../../../client/consumer/records/record-headers.ts';
import type { NodeContext } from '../../topology/node-context.ts';
import type { NodeProcessor } from '../../topology/node-processor.ts';

/** A processor without state: it needs nothing but its context. */
export abstract class ForwardingProcessor implements NodeProcessor {
  protected context!: NodeContext;

  open(context: NodeContext): void {
    this.context = context;
  }

  abstract take(key: unknown, value: unknown, timestamp: number, headers: RecordHeaders): void;
}
