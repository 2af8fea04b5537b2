import type { RecordHeaders } from '../../../client/consumer/records/record-headers.ts';
import type { NodeProcessor } from '../../topology/node-processor.ts';
import type { WindowStore } from '../../topology/window-store.ts';
import { KeptTable } from '../tables/kept-table.ts';
import { windowView } from '../tables/window-views.ts';
import type { TimeWindows } from '../windows.ts';
import type { WindowAggregation } from './window-aggregation.ts';
import { WindowProcessor } from './window-processor.ts';

class TimeWindowProcessor extends WindowProcessor<WindowStore<unknown, unknown>> {
  readonly #windows: TimeWindows;
  protected readonly graceMs: number;
  /** Earlier records are in no window. */
  readonly #leastTime: number;

  constructor(windows: TimeWindows, how: WindowAggregation, sendsOldValues: boolean) {
    super(how, sendsOldValues);
    this.#windows = windows;
    this.graceMs = windows.graceMs;
    this.#leastTime = windows.onlyStartMs ?? Number.NEGATIVE_INFINITY;
  }

  take(key: unknown, value: unknown, timestamp: number, headers: RecordHeaders): void {
    if (key === null) {
      this.context.dropped('null-key');
      return;
    }
    const { sizeMs, advanceMs, graceMs } = this.#windows;
    if (timestamp > this.streamTime) {
      this.streamTime = timestamp;
      if (this.#isHiding(timestamp)) this.emit(timestamp - graceMs, headers);
    }
    const closeTime = this.streamTime - graceMs;
    if (timestamp < this.#leastTime) return;
    let isLate = true;
    for (let start = this.#firstStart(timestamp); start <= timestamp; start += advanceMs) {
      const end = start + sizeMs;
      if (end > closeTime) {
        this.#update(key, value, start, end, timestamp, headers);
        isLate = false;
      } else {
        this.context.dropped('late-window');
      }
    }
    if (isLate) this.late(key, value, timestamp, headers);
    if (this.emitter?.isDue(closeTime) === true) this.emit(closeTime, headers);
  }

  #update(
    key: unknown,
    value: unknown,
    start: number,
    end: number,
    timestamp: number,
    headers: RecordHeaders,
  ): void {
    const { store } = this;
    const found = store.get(key, start);
    const newTimestamp = found === null ? timestamp : Math.max(timestamp, store.foundTimestamp);
    const old = found === null ? this.initial() : found;
    const updated = this.added(old, value, key);
    store.put(key, updated, start, newTimestamp);
    this.forwardUpdate(key, start, end, old, updated, newTimestamp, headers);
  }

  /** Of the windows that hold the timestamp. */
  #firstStart(timestamp: number): number {
    const { sizeMs, advanceMs, onlyStartMs } = this.#windows;
    if (onlyStartMs !== undefined) return onlyStartMs;
    return Math.floor(Math.max(0, timestamp - sizeMs + advanceMs) / advanceMs) * advanceMs;
  }

  protected emit(closeTime: number, headers: RecordHeaders): void {
    const to = closeTime - this.#windows.sizeMs;
    if (to < 0) return;
    const from = this.firstUnsent;
    if (from !== 0 && this.#hasSameWindows(to, from - 1)) return;
    this.emitClosed(this.store.graduallyFetchAll(from, to), closeTime, headers);
  }

  protected firstUnsentAt(closeTime: number): number {
    return Math.max(0, closeTime - this.#windows.sizeMs) + 1;
  }

  #isHiding(timestamp: number): boolean {
    const { emitter } = this;
    if (emitter === undefined) return false;
    const { advanceMs } = this.#windows;
    const newest = Math.floor(timestamp / advanceMs) * advanceMs;
    return emitter.isHiding(this.firstUnsent, newest);
  }

  /** Whether no window closed between them. */
  #hasSameWindows(a: number, b: number): boolean {
    const { advanceMs } = this.#windows;
    if (this.#firstStart(a) !== this.#firstStart(b)) return false;
    return Math.floor(a / advanceMs) === Math.floor(b / advanceMs);
  }
}

/** Count, reduce and aggregate by tumbling or hopping windows. */
export class TimeWindowAggregate extends KeptTable {
  readonly #windows: TimeWindows;
  readonly #how: WindowAggregation;

  constructor(windows: TimeWindows, how: WindowAggregation) {
    super(how.spec, windowView(how.spec.name));
    this.#windows = windows;
    this.#how = how;
  }

  make(): NodeProcessor {
    return new TimeWindowProcessor(this.#windows, this.#how, this.sendsOldValues);
  }
}
