import { RecordHeaders } from '../../../client/consumer/records/record-headers.ts';
import type { NodeContext } from '../../topology/node-context.ts';
import type { ProcessorMaker } from '../../topology/node-definitions.ts';
import type { NodeProcessor } from '../../topology/node-processor.ts';
import type { OuterJoinBuffer, UnmatchedRecord } from '../../topology/outer-join-buffer.ts';
import type { OuterJoinSpec, StoreSpec, WindowSpec } from '../../topology/store-spec.ts';
import type { WindowStore } from '../../topology/window-store.ts';
import { settled } from '../callbacks.ts';
import { isSameKey } from '../same-key.ts';
import type { AnyJoiner } from './stream-table-join.ts';

/** How far apart two records may be. */
export interface JoinWindow {
  readonly beforeMs: number;
  readonly afterMs: number;
  readonly graceMs: number;
}

/** One side of a stream-stream join. */
export interface StreamJoinHow {
  readonly isLeft: boolean;
  /** Whether each record of this side gives a result. */
  readonly isOuter: boolean;
  readonly window: JoinWindow;
  /** Always with the left value first. */
  readonly joiner: AnyJoiner;
  /** Of the other side's records. */
  readonly otherStore: WindowSpec;
  /** Of records without a pair; undefined for inner joins. */
  readonly unmatched: OuterJoinSpec | undefined;
}

/** What the two sides of one task's join know together. */
interface JoinTime {
  streamTime: number;
  /** At least this old are all records without a pair. */
  minTime: number;
  nextTimeToEmit: number;
}

type Buffer = OuterJoinBuffer<unknown, unknown, unknown>;
type Unmatched = UnmatchedRecord<unknown, unknown, unknown>;

/** By the buffer that both sides of a task's join use. */
const TIMES = new WeakMap<Buffer, JoinTime>();

function timeOf(buffer: Buffer | undefined): JoinTime {
  const known = buffer === undefined ? undefined : TIMES.get(buffer);
  if (known !== undefined) return known;
  const time = { streamTime: -1, minTime: Number.POSITIVE_INFINITY, nextTimeToEmit: 0 };
  if (buffer !== undefined) TIMES.set(buffer, time);
  return time;
}

class StreamJoinProcessor implements NodeProcessor {
  readonly #how: StreamJoinHow;
  readonly #beforeMs: number;
  readonly #afterMs: number;
  #context!: NodeContext;
  #other!: WindowStore<unknown, unknown>;
  #unmatched: Buffer | undefined;
  #time!: JoinTime;

  constructor(how: StreamJoinHow) {
    this.#how = how;
    const { beforeMs, afterMs } = how.window;
    this.#beforeMs = how.isLeft ? beforeMs : afterMs;
    this.#afterMs = how.isLeft ? afterMs : beforeMs;
  }

  open(context: NodeContext): void {
    this.#context = context;
    this.#other = context.store(this.#how.otherStore.name);
    const { unmatched } = this.#how;
    this.#unmatched = unmatched === undefined ? undefined : context.store<Buffer>(unmatched.name);
    this.#time = timeOf(this.#unmatched);
  }

  take(key: unknown, value: unknown, timestamp: number, headers: RecordHeaders): void {
    const time = this.#time;
    if (timestamp > time.streamTime) time.streamTime = timestamp;
    const { isOuter } = this.#how;
    if (isOuter && key === null && value !== null) {
      this.#forward(key, value, null, timestamp, headers);
      return;
    }
    if (key === null || value === null) {
      this.#context.dropped('null-key-or-value');
      return;
    }
    if (timestamp === time.streamTime) this.#emitUnmatched(headers);
    const to = Math.max(0, timestamp + this.#afterMs);
    const hasPair = this.#joinWithOthers(key, value, timestamp, to, headers);
    if (hasPair || !isOuter) return;
    if (this.#unmatched === undefined || to < time.streamTime) {
      // Its window has passed: nothing can come that it would be joined with.
      this.#forward(key, value, null, timestamp, headers);
      return;
    }
    time.minTime = Math.min(time.minTime, timestamp);
    this.#unmatched.put(timestamp, this.#how.isLeft, key, value);
  }

  advance(streamTime: number): void {
    const time = this.#time;
    if (streamTime <= time.streamTime) return;
    time.streamTime = streamTime;
    this.#emitUnmatched(RecordHeaders.NONE);
  }

  #joinWithOthers(
    key: unknown,
    value: unknown,
    timestamp: number,
    to: number,
    headers: RecordHeaders,
  ): boolean {
    const from = Math.max(0, timestamp - this.#beforeMs);
    const unmatched = this.#unmatched;
    const isOtherLeft = !this.#how.isLeft;
    let hasPair = false;
    this.#other.scan(key, from, to, (other, at) => {
      hasPair = true;
      if (unmatched?.has(at, isOtherLeft, key) === true) unmatched.put(at, isOtherLeft, key, null);
      this.#forward(key, value, other, Math.max(timestamp, at), headers);
    });
    return hasPair;
  }

  /** Results for the records without a pair whose window and grace have passed. */
  #emitUnmatched(headers: RecordHeaders): void {
    const unmatched = this.#unmatched;
    const time = this.#time;
    if (unmatched === undefined) return;
    if (time.minTime + this.#afterMs + this.#how.window.graceMs >= time.streamTime) return;
    const now = this.#context.systemTime();
    if (now < time.nextTimeToEmit) return;
    time.nextTimeToEmit = now + this.#context.emitIntervalMs;
    time.minTime = Number.POSITIVE_INFINITY;
    let isLeftOpen = false;
    let isRightOpen = false;
    let last: Unmatched | undefined;
    for (const record of unmatched.all()) {
      time.minTime = record.timestamp;
      if (isLeftOpen && isRightOpen) break;
      if (this.#isOpen(record)) {
        if (record.isLeft) isLeftOpen = true;
        else isRightOpen = true;
        continue;
      }
      this.#forwardUnmatched(record, headers);
      // All of one key are removed at once, so only when the last of them has been forwarded.
      if (last !== undefined && !isSamePlace(last, record)) remove(unmatched, last);
      last = record;
    }
    if (last !== undefined) remove(unmatched, last);
  }

  #isOpen({ isLeft }: Unmatched): boolean {
    const { beforeMs, afterMs, graceMs } = this.#how.window;
    const ahead = isLeft ? afterMs : beforeMs;
    return this.#time.minTime + ahead + graceMs >= this.#time.streamTime;
  }

  #forwardUnmatched({ key, value, timestamp, isLeft }: Unmatched, headers: RecordHeaders): void {
    const { joiner } = this.#how;
    const joined = isLeft ? joiner(value, null, key) : joiner(null, value, key);
    this.#context.forward(key, settled(joined, this.#context.node), timestamp, headers);
  }

  #forward(
    key: unknown,
    value: unknown,
    other: unknown,
    timestamp: number,
    headers: RecordHeaders,
  ): void {
    const { joiner, isLeft } = this.#how;
    const joined = isLeft ? joiner(value, other, key) : joiner(other, value, key);
    this.#context.forward(key, settled(joined, this.#context.node), timestamp, headers);
  }
}

function isSamePlace(a: Unmatched, b: Unmatched): boolean {
  return a.timestamp === b.timestamp && a.isLeft === b.isLeft && isSameKey(a.key, b.key);
}

function remove(unmatched: Buffer, { timestamp, isLeft, key }: Unmatched): void {
  unmatched.put(timestamp, isLeft, key, null);
}

/** One side of a stream-stream join. */
export class StreamJoinSide implements ProcessorMaker {
  readonly stores: readonly StoreSpec[];
  readonly #how: StreamJoinHow;

  constructor(how: StreamJoinHow) {
    this.#how = how;
    this.stores = how.unmatched === undefined ? [how.otherStore] : [how.otherStore, how.unmatched];
  }

  make(): NodeProcessor {
    return new StreamJoinProcessor(this.#how);
  }
}
