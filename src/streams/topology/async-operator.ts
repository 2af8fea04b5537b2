import type { RecordHeaders } from '../../client/consumer/records/record-headers.ts';
import type { NodeContext } from './node-context.ts';
import type { StreamRecord } from './stream-record.ts';

/** How calls of an asynchronous operator may overtake each other. */
export type AsyncOrder = 'key' | 'partition' | 'none';

/** An asynchronous operator. The task keeps its queue; offsets never pass an unfinished record. */
export interface AsyncOperator {
  /** Starts the work for one record. */
  call(record: StreamRecord<unknown, unknown>): Promise<unknown>;
  /** Called on the task's turn, in the asked-for order, with what the promise gave. */
  settle(
    context: NodeContext,
    key: unknown,
    value: unknown,
    timestamp: number,
    headers: RecordHeaders,
    result: unknown,
  ): void;
  /** Calls under way at once. */
  readonly concurrency: number;
  readonly order: AsyncOrder;
  /** A call that takes longer has failed; undefined waits for ever. */
  readonly timeoutMs: number | undefined;
  /** Attempts after the first. */
  readonly retries: number;
  readonly retryBackoffMs: number;
}
