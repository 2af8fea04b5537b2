import type { RecordHeaders } from '../../../client/consumer/records/record-headers.ts';
import type { JoinBuffer, WaitingRecord } from '../../topology/join-buffer.ts';
import type { NodeContext } from '../../topology/node-context.ts';
import type { ProcessorMaker } from '../../topology/node-definitions.ts';
import type { NodeProcessor } from '../../topology/node-processor.ts';
import type { JoinBufferSpec, StoreSpec } from '../../topology/store-spec.ts';
import { TopologyError } from '../../topology/topology-error.ts';
import { type Callback, caller, settled } from '../callbacks.ts';
import type { ValueGetter, ValueView } from '../tables/value-view.ts';

/** Combines the values of two sides. */
export type AnyJoiner = (value: unknown, other: unknown, key: unknown) => unknown;

/** How a stream is joined with a table. */
export interface StreamTableJoinHow {
  readonly view: ValueView;
  readonly joiner: AnyJoiner;
  readonly isLeft: boolean;
  /** The key of the table's row; by default that of the record. */
  readonly selector?: Callback<unknown, unknown, unknown> | undefined;
  /** Where records wait for out-of-order updates of the table. */
  readonly buffer?: JoinBufferSpec | undefined;
}

class StreamTableJoinProcessor implements NodeProcessor {
  readonly #how: StreamTableJoinHow;
  readonly #table: ValueGetter;
  readonly #select: ReturnType<typeof caller> | undefined;
  #context!: NodeContext;
  #buffer: JoinBuffer<unknown, unknown> | undefined;
  #streamTime = -1;
  readonly #joinWaiting = (waiting: WaitingRecord<unknown, unknown>): void => {
    const { key, value, timestamp, origin } = waiting;
    this.#context.withOrigin(origin, () => this.#join(key, value, timestamp, origin.headers));
  };

  constructor(how: StreamTableJoinHow) {
    this.#how = how;
    this.#table = how.view.make();
    this.#select = how.selector === undefined ? undefined : caller(how.selector);
  }

  open(context: NodeContext): void {
    this.#context = context;
    this.#table.open(context);
    const { buffer } = this.#how;
    if (buffer === undefined) return;
    if (!this.#table.isVersioned) {
      throw new TopologyError(`${context.node} has a grace period: its table must be versioned.`);
    }
    this.#buffer = context.store(buffer.name);
  }

  take(key: unknown, value: unknown, timestamp: number, headers: RecordHeaders): void {
    if (timestamp > this.#streamTime) this.#streamTime = timestamp;
    const tableKey = this.#tableKey(key, value, timestamp, headers);
    if (value === null || (tableKey === null && !this.#how.isLeft)) {
      this.#context.dropped('null-join-key');
      return;
    }
    // Without a key there is nothing to wait for.
    if (this.#buffer === undefined || tableKey === null) {
      this.#joinWith(tableKey, key, value, timestamp, headers);
      return;
    }
    const { topic, partition, offset } = this.#context;
    const origin = { topic, partition, offset, timestamp, headers };
    if (!this.#buffer.put(key, value, timestamp, origin)) {
      this.#joinWith(tableKey, key, value, timestamp, headers);
      return;
    }
    this.#buffer.evictWhile(always, this.#joinWaiting);
  }

  #join(key: unknown, value: unknown, timestamp: number, headers: RecordHeaders): void {
    const tableKey = this.#tableKey(key, value, timestamp, headers);
    this.#joinWith(tableKey, key, value, timestamp, headers);
  }

  #joinWith(
    tableKey: unknown,
    key: unknown,
    value: unknown,
    timestamp: number,
    headers: RecordHeaders,
  ): void {
    const table = this.#table;
    let other: unknown = null;
    if (tableKey !== null) {
      other = table.isVersioned ? table.getAsOf(tableKey, timestamp) : table.get(tableKey);
    }
    if (other === null && !this.#how.isLeft) return;
    const joined = settled(this.#how.joiner(value, other, key), this.#context.node);
    this.#context.forward(key, joined, timestamp, headers);
  }

  #tableKey(key: unknown, value: unknown, timestamp: number, headers: RecordHeaders): unknown {
    const select = this.#select;
    if (select === undefined) return key;
    return settled(select(value as never, key as never, timestamp, headers), this.#context.node);
  }
}

function always(): boolean {
  return true;
}

/** The join of a stream with a table or a global table. */
export class StreamTableJoin implements ProcessorMaker {
  readonly #how: StreamTableJoinHow;

  constructor(how: StreamTableJoinHow) {
    this.#how = how;
  }

  get stores(): readonly StoreSpec[] {
    const { buffer } = this.#how;
    return buffer === undefined ? [] : [buffer];
  }

  make(): NodeProcessor {
    return new StreamTableJoinProcessor(this.#how);
  }
}
