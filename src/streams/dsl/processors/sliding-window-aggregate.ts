import type { RecordHeaders } from '../../../client/consumer/records/record-headers.ts';
import type { NodeProcessor } from '../../topology/node-processor.ts';
import type { WindowStore } from '../../topology/window-store.ts';
import { KeptTable } from '../tables/kept-table.ts';
import { windowView } from '../tables/window-views.ts';
import type { SlidingWindows } from '../windows.ts';
import type { WindowAggregation } from './window-aggregation.ts';
import { WindowProcessor } from './window-processor.ts';

/** What a window had before the record. */
interface Before {
  readonly value: unknown;
  readonly timestamp: number;
}

/** One record and what is found about its windows. */
interface Sliding {
  readonly key: unknown;
  readonly value: unknown;
  readonly timestamp: number;
  readonly headers: RecordHeaders;
  readonly closeTime: number;
  /** Of the windows that were found. There are few, so that a list is looked through quickly. */
  readonly starts: number[];
  /** Of the windows that its own left and right windows take their aggregate from. */
  left: Before | undefined;
  right: Before | undefined;
  hasLeftWindow: boolean;
  hasRightWindow: boolean;
  /** Of the record before it; undefined without one. */
  previous: number | undefined;
}

/**
 * Each record has a left window, which ends at it, and a right window, which begins a millisecond
 * after it. A right window is only made when it holds something. The timestamp of a window's row is
 * that of its last record.
 */
class SlidingWindowProcessor extends WindowProcessor<WindowStore<unknown, unknown>> {
  readonly #windows: SlidingWindows;
  protected readonly graceMs: number;

  constructor(windows: SlidingWindows, how: WindowAggregation, sendsOldValues: boolean) {
    super(how, sendsOldValues);
    this.#windows = windows;
    this.graceMs = windows.graceMs;
  }

  take(key: unknown, value: unknown, timestamp: number, headers: RecordHeaders): void {
    if (key === null || value === null) {
      this.context.dropped('null-key-or-value');
      return;
    }
    const { differenceMs, graceMs } = this.#windows;
    if (timestamp > this.streamTime) {
      this.streamTime = timestamp;
      if (this.emitter?.isHiding(this.firstUnsent, timestamp) === true) {
        this.emit(timestamp - graceMs, headers);
      }
    }
    const closeTime = this.streamTime - graceMs;
    if (timestamp + differenceMs < closeTime) {
      this.context.dropped('late-window');
      this.late(key, value, timestamp, headers);
      return;
    }
    const sliding: Sliding = {
      key,
      value,
      timestamp,
      headers,
      closeTime,
      starts: [],
      left: undefined,
      right: undefined,
      hasLeftWindow: false,
      hasRightWindow: false,
      previous: undefined,
    };
    if (timestamp < differenceMs) {
      this.#takeEarly(sliding);
      return;
    }
    if (this.#updateExisting(sliding)) this.#createWindows(sliding);
    if (this.emitter?.isDue(closeTime) === true) this.emit(closeTime, headers);
  }

  /** From the latest window back. False where the record's windows are all there. */
  #updateExisting(sliding: Sliding): boolean {
    const { key, timestamp } = sliding;
    const from = Math.max(0, timestamp - 2 * this.#windows.differenceMs);
    let isComplete = false;
    this.store.backwardScan(key, from, timestamp + 1, (value, start, time) => {
      const found = this.#updateFound(sliding, start, value, time);
      if (found === 'all') isComplete = true;
      return found === 'more';
    });
    return !isComplete;
  }

  /** Whether there are more windows to look at, none, or none because the record has all of its. */
  #updateFound(sliding: Sliding, start: number, value: unknown, time: number) {
    const { timestamp } = sliding;
    const end = start + this.#windows.differenceMs;
    sliding.starts.push(start);
    if (start === timestamp + 1) {
      sliding.hasRightWindow = true;
    } else if (end > timestamp) {
      sliding.right ??= { value, timestamp: time };
      this.#update(sliding, start, value, time);
    } else if (end === timestamp) {
      sliding.hasLeftWindow = true;
      this.#update(sliding, start, value, time);
      if (time >= timestamp) return 'all';
      sliding.previous = time;
    } else {
      sliding.left = { value, timestamp: time };
      sliding.previous = time;
      return 'none';
    }
    return 'more';
  }

  #createWindows(sliding: Sliding): void {
    const { timestamp, previous, starts, left } = sliding;
    const { differenceMs } = this.#windows;
    if (previous !== undefined) {
      const start = previous + 1;
      if (!starts.includes(start) && start + differenceMs >= timestamp) {
        this.#update(sliding, start, this.initial(), timestamp);
      }
    }
    if (!sliding.hasLeftWindow) {
      const isInLeft = previous !== undefined && timestamp - differenceMs <= previous;
      const aggregate = isInLeft ? left!.value : this.initial();
      this.#update(sliding, timestamp - differenceMs, aggregate, timestamp);
    }
    this.#createRightWindow(sliding);
  }

  /** It begins with the aggregate of a window that holds only later records. */
  #createRightWindow({ key, timestamp, right, hasRightWindow, headers }: Sliding): void {
    if (hasRightWindow || right === undefined || right.timestamp <= timestamp) return;
    const start = timestamp + 1;
    this.store.put(key, right.value, start, right.timestamp);
    const end = start + this.#windows.differenceMs;
    this.forwardUpdate(key, start, end, null, right.value, right.timestamp, headers);
  }

  /**
   * A record from before the first full difference: its left window would begin below zero. All
   * such records share one window from 0 on.
   */
  #takeEarly(sliding: Sliding): void {
    const { key, timestamp } = sliding;
    let combined: Before | undefined;
    for (const entry of [...this.store.fetch(key, 0, timestamp + 1)]) {
      const start = entry.windowStart;
      sliding.starts.push(start);
      if (start === 0) {
        combined = entry;
        if (entry.timestamp < timestamp) sliding.previous = entry.timestamp;
      } else if (start <= timestamp) {
        sliding.right = entry;
        this.#update(sliding, start, entry.value, entry.timestamp);
      } else {
        sliding.hasRightWindow = true;
      }
    }
    if (sliding.right === undefined && combined !== undefined && combined.timestamp > timestamp) {
      sliding.right = combined;
    }
    this.#createRightWindow(sliding);
    const { previous, starts } = sliding;
    if (previous !== undefined && !starts.includes(previous + 1)) {
      this.#update(sliding, previous + 1, this.initial(), timestamp);
    }
    if (combined === undefined) this.#update(sliding, 0, this.initial(), timestamp);
    else this.#update(sliding, 0, combined.value, combined.timestamp);
  }

  #update(sliding: Sliding, start: number, old: unknown, oldTimestamp: number): void {
    const { key, value, timestamp, headers, closeTime } = sliding;
    const end = start + this.#windows.differenceMs;
    if (end < closeTime) {
      this.context.dropped('late-window');
      return;
    }
    const updated = this.added(old, value, key);
    const newTimestamp = old === null ? timestamp : Math.max(timestamp, oldTimestamp);
    this.store.put(key, updated, start, newTimestamp);
    this.forwardUpdate(key, start, end, old, updated, newTimestamp, headers);
  }

  protected emit(closeTime: number, headers: RecordHeaders): void {
    const to = closeTime - this.#windows.differenceMs - 1;
    if (to < 0) return;
    const entries = this.store.graduallyFetchAll(this.firstUnsent, to);
    this.emitClosed(entries, closeTime, headers);
  }

  protected firstUnsentAt(closeTime: number): number {
    return closeTime - this.#windows.differenceMs;
  }
}

/** Count, reduce and aggregate by sliding windows. */
export class SlidingWindowAggregate extends KeptTable {
  readonly #windows: SlidingWindows;
  readonly #how: WindowAggregation;

  constructor(windows: SlidingWindows, how: WindowAggregation) {
    super(how.spec, windowView(how.spec.name));
    this.#windows = windows;
    this.#how = how;
  }

  make(): NodeProcessor {
    return new SlidingWindowProcessor(this.#windows, this.#how, this.sendsOldValues);
  }
}
