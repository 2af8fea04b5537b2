import type { RecordHeaders } from '../../../../client/consumer/records/record-headers.ts';
import type { NodeContext } from '../../../topology/node-context.ts';
import type { ProcessorMaker } from '../../../topology/node-definitions.ts';
import type { NodeProcessor } from '../../../topology/node-processor.ts';
import type { ValueGetter, ValueView } from '../../tables/value-view.ts';
import type { Response } from './response.ts';
import { INSTRUCTION, type Subscription } from './subscription.ts';

class SubscriptionJoinProcessor implements NodeProcessor {
  readonly #foreign: ValueGetter;
  #context!: NodeContext;

  constructor(foreign: ValueGetter) {
    this.#foreign = foreign;
  }

  open(context: NodeContext): void {
    this.#context = context;
    this.#foreign.open(context);
  }

  take(key: unknown, value: unknown, timestamp: number, headers: RecordHeaders): void {
    const { hash, instruction, primaryKey, primaryPartition } = value as Subscription;
    if (instruction === INSTRUCTION.DELETE_KEY_NO_PROPAGATE) return;
    const found = key === null ? null : this.#foreign.get(key);
    const isNeeded = instruction === INSTRUCTION.PROPAGATE_ONLY_IF_FK_VAL_AVAILABLE;
    if (found === null && isNeeded) return;
    const at = found === null ? timestamp : Math.max(timestamp, this.#foreign.foundTimestamp);
    const isEnded = instruction === INSTRUCTION.DELETE_KEY_AND_PROPAGATE;
    const foreignValue = isEnded ? null : found;
    const response: Response = { hash, foreignValue, primaryPartition };
    this.#context.forward(primaryKey, response, at, headers);
  }
}

/** Answers a subscription with the foreign row as it is now. */
export class SubscriptionJoin implements ProcessorMaker {
  readonly #foreign: ValueView;

  constructor(foreign: ValueView) {
    this.#foreign = foreign;
  }

  make(): NodeProcessor {
    return new SubscriptionJoinProcessor(this.#foreign.make());
  }
}
