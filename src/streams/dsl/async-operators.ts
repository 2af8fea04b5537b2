import type { RecordHeaders } from '../../client/consumer/records/record-headers.ts';
import type { AsyncOperator } from '../topology/async-operator.ts';
import { durationMs } from '../topology/duration.ts';
import type { NodeContext } from '../topology/node-context.ts';
import type { ProcessorMaker } from '../topology/node-definitions.ts';
import type { NodeProcessor } from '../topology/node-processor.ts';
import type { ForwardedRecord } from '../topology/processor.ts';
import type { StreamRecord } from '../topology/stream-record.ts';
import { TopologyError } from '../topology/topology-error.ts';
import type { Callback } from './callbacks.ts';
import type { AsyncOptions } from './operator-options.ts';

const CONCURRENCY = 16;
const RETRY_BACKOFF_MS = 100;

/** What an asynchronous operator does with a result. */
export type AsyncKind =
  | 'mapValues'
  | 'filter'
  | 'flatMapValues'
  | 'map'
  | 'flatMap'
  | 'forEach'
  | 'process';

type Settle = AsyncOperator['settle'];
type Pair = readonly [key: unknown, value: unknown];

/** Results become records again on the task's turn. */
const SETTLE: Readonly<Record<AsyncKind, Settle>> = {
  mapValues: (context, key, _value, timestamp, headers, result) => {
    context.forward(key, result, timestamp, headers);
  },
  filter: (context, key, value, timestamp, headers, result) => {
    if (result) context.forward(key, value, timestamp, headers);
  },
  flatMapValues: (context, key, _value, timestamp, headers, result) => {
    for (const each of result as Iterable<unknown>) context.forward(key, each, timestamp, headers);
  },
  map: (context, _key, _value, timestamp, headers, result) => {
    const [key, value] = result as Pair;
    context.forward(key, value, timestamp, headers);
  },
  flatMap: (context, _key, _value, timestamp, headers, result) => {
    for (const [key, value] of result as Iterable<Pair>) {
      context.forward(key, value, timestamp, headers);
    }
  },
  forEach: () => undefined,
  process: (context, _key, _value, timestamp, headers, result) => {
    for (const record of (result ?? []) as Iterable<ForwardedRecord<unknown, unknown>>) {
      const { key, value, timestamp: at = timestamp, headers: own = headers } = record;
      context.forward(key, value, at, own);
    }
  },
};

/** A node without a queue cannot wait, so that it never gets a record is the task's part. */
class AsyncPlace implements NodeProcessor {
  #node = '';

  open(context: NodeContext): void {
    this.#node = context.node;
  }

  take(_key: unknown, _value: unknown, _timestamp: number, _headers: RecordHeaders): void {
    throw new TopologyError(`${this.#node} is asynchronous, and its task has no queue for it.`);
  }
}

/** The node of an asynchronous operator. The task keeps the queue behind it. */
export function asyncMaker<K, V>(
  kind: AsyncKind,
  callback: Callback<K, V, unknown>,
  options: AsyncOptions = {},
): ProcessorMaker {
  const { concurrency = CONCURRENCY, order = 'key', timeout, retries = 0 } = options;
  if (!Number.isInteger(concurrency) || concurrency < 1) {
    throw new TopologyError(`concurrency is ${concurrency}, but must be 1 or more.`);
  }
  const { retryBackoff = RETRY_BACKOFF_MS } = options;
  const async: AsyncOperator = {
    call: async (record) => {
      const { key, value } = record as StreamRecord<K, V>;
      return callback(value, key, record as StreamRecord<K, V>);
    },
    settle: SETTLE[kind],
    concurrency,
    order,
    timeoutMs: timeout === undefined ? undefined : durationMs(timeout, 'timeout'),
    retries,
    retryBackoffMs: durationMs(retryBackoff, 'retryBackoff'),
  };
  return { make: () => new AsyncPlace(), async };
}
