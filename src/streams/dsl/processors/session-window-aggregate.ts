import { RecordHeaders } from '../../../client/consumer/records/record-headers.ts';
import type { NodeProcessor } from '../../topology/node-processor.ts';
import type { SessionStore } from '../../topology/session-store.ts';
import type { WindowedKey } from '../../topology/windowed-key.ts';
import { settled } from '../callbacks.ts';
import { KeptTable } from '../tables/kept-table.ts';
import { sessionView } from '../tables/window-views.ts';
import type { SessionWindows } from '../windows.ts';
import type { WindowAggregation } from './window-aggregation.ts';
import { WindowProcessor } from './window-processor.ts';

/** Makes one aggregate of two sessions that a record has joined. */
export type SessionMerger = (one: unknown, other: unknown, key: unknown) => unknown;

class SessionWindowProcessor extends WindowProcessor<SessionStore<unknown, unknown>> {
  readonly #windows: SessionWindows;
  protected readonly graceMs: number;
  readonly #isReduce: boolean;
  readonly #merge: SessionMerger;

  constructor(
    windows: SessionWindows,
    how: WindowAggregation,
    merge: SessionMerger,
    sendsOldValues: boolean,
  ) {
    super(how, sendsOldValues);
    this.#windows = windows;
    this.graceMs = windows.graceMs + windows.gapMs;
    this.#isReduce = how.initialize === undefined;
    this.#merge = merge;
  }

  take(key: unknown, value: unknown, timestamp: number, headers: RecordHeaders): void {
    if (key === null) {
      this.context.dropped('null-key');
      return;
    }
    const { gapMs, graceMs } = this.#windows;
    if (timestamp > this.streamTime) {
      this.streamTime = timestamp;
      if (this.emitter?.isHiding(this.firstUnsent, timestamp) === true) {
        this.emit(timestamp - graceMs - gapMs, headers);
      }
    }
    const closeTime = this.streamTime - graceMs - gapMs;
    const found = [...this.store.findSessions(key, timestamp - gapMs, timestamp + gapMs)];
    let start = timestamp;
    let end = timestamp;
    let aggregate = this.initial();
    for (const entry of found) {
      aggregate = this.#merged(aggregate, entry.value, key);
      start = Math.min(start, entry.key.window.start);
      end = Math.max(end, entry.key.window.end);
    }
    if (end < closeTime) {
      this.context.dropped('late-session');
      this.late(key, value, timestamp, headers);
    } else {
      // A session that is only this point in time again is updated where it is.
      if (start !== timestamp || end !== timestamp) {
        for (const entry of found) this.#remove(entry.key, entry.value);
      }
      const updated = this.added(aggregate, value, key);
      this.store.put(key, start, end, updated);
      this.#forwardUpdate({ key, window: { start, end } }, null, updated);
    }
    if (this.emitter?.isDue(closeTime) === true) this.emit(closeTime, headers);
  }

  #remove(session: WindowedKey<unknown>, value: unknown): void {
    this.store.remove(session.key, session.window.start, session.window.end);
    this.#forwardUpdate(session, value, null);
  }

  #forwardUpdate(session: WindowedKey<unknown>, old: unknown, updated: unknown): void {
    if (this.emitter !== undefined) return;
    const { end } = session.window;
    this.forwarder.forward(session, updated, old, true, end, RecordHeaders.NONE);
  }

  protected emit(closeTime: number, headers: RecordHeaders): void {
    const to = closeTime - 1;
    const from = this.firstUnsent;
    if (to < 0 || to < from) return;
    this.emitClosed(this.store.graduallyFindByEnd(from, to), closeTime, headers);
  }

  protected firstUnsentAt(closeTime: number): number {
    return closeTime;
  }

  #merged(one: unknown, other: unknown, key: unknown): unknown {
    if (one === null && this.#isReduce) return other;
    return settled(this.#merge(one, other, key), this.context.node);
  }
}

/** Count, reduce and aggregate by sessions. */
export class SessionWindowAggregate extends KeptTable {
  readonly #windows: SessionWindows;
  readonly #how: WindowAggregation;
  readonly #merge: SessionMerger;

  constructor(windows: SessionWindows, how: WindowAggregation, merge: SessionMerger) {
    super(how.spec, sessionView(how.spec.name));
    this.#windows = windows;
    this.#how = how;
    this.#merge = merge;
  }

  make(): NodeProcessor {
    const sends = this.sendsOldValues;
    return new SessionWindowProcessor(this.#windows, this.#how, this.#merge, sends);
  }
}
