import type { RecordHeaders } from '../../../client/consumer/records/record-headers.ts';
import type { Change } from '../../topology/change.ts';
import type { ProcessorMaker } from '../../topology/node-definitions.ts';
import type { NodeProcessor } from '../../topology/node-processor.ts';
import { TopologyError } from '../../topology/topology-error.ts';
import { isSameKey } from '../same-key.ts';
import { ForwardingProcessor } from './forwarding-processor.ts';
import type { RowMapper } from './table-operators.ts';

type Pair = readonly [key: unknown, value: unknown];

class TableRepartitionMapProcessor extends ForwardingProcessor {
  readonly #maker: TableRepartitionMap;

  constructor(maker: TableRepartitionMap) {
    super();
    this.#maker = maker;
  }

  take(key: unknown, value: unknown, timestamp: number, headers: RecordHeaders): void {
    const context = this.context;
    if (key === null) throw new TopologyError(`A record of ${context.node} has no key.`);
    const { newValue, oldValue, isLatest } = value as Change<unknown>;
    if (this.#maker.usesVersionedSemantics && !isLatest) return;
    const newPair = this.#pair(newValue, key, timestamp, headers);
    const oldPair = this.#pair(oldValue, key, timestamp, headers);
    if (oldPair !== null && newPair !== null && isSameKey(oldPair[0], newPair[0])) {
      const change = { newValue: newPair[1], oldValue: oldPair[1], isLatest };
      context.forward(oldPair[0], change, timestamp, headers);
      return;
    }
    // The old row first, so that a group never counts a row twice.
    if (oldPair !== null) {
      const change = { newValue: null, oldValue: oldPair[1], isLatest };
      context.forward(oldPair[0], change, timestamp, headers);
    }
    if (newPair !== null) {
      const change = { newValue: newPair[1], oldValue: null, isLatest };
      context.forward(newPair[0], change, timestamp, headers);
    }
  }

  /** Null too where the chosen key or value is null: such rows belong to no group. */
  #pair(value: unknown, key: unknown, timestamp: number, headers: RecordHeaders): Pair | null {
    if (value === null) return null;
    const pair = this.#maker.select(value, key, timestamp, headers) as Pair;
    return pair === null || pair[0] === null || pair[1] === null ? null : pair;
  }
}

/** Gives each row of a table the key and value under which it is grouped. */
export class TableRepartitionMap implements ProcessorMaker {
  readonly select: RowMapper;
  usesVersionedSemantics = false;

  constructor(select: RowMapper) {
    this.select = select;
  }

  make(): NodeProcessor {
    return new TableRepartitionMapProcessor(this);
  }
}
