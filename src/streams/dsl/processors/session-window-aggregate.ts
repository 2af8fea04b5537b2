import { RecordHeaders } from '../../../client/consumer/records/record-headers.ts';
import type { NodeContext } from '../../topology/node-context.ts';
import type { NodeProcessor } from '../../topology/node-processor.ts';
import type { SessionStore } from '../../topology/session-store.ts';
import type { WindowedKey } from '../../topology/windowed-key.ts';
import { settled } from '../callbacks.ts';
import { ChangeForwarder } from '../tables/change-forwarder.ts';
import { KeptTable } from '../tables/kept-table.ts';
import { sessionView } from '../tables/window-views.ts';
import type { SessionWindows } from '../windows.ts';
import { LateRecord } from './late-records.ts';
import type { WindowAggregation } from './window-aggregation.ts';
import { WindowEmitter } from './window-emitter.ts';

/** Makes one aggregate of two sessions that a record has joined. */
export type SessionMerger = (one: unknown, other: unknown, key: unknown) => unknown;

const NO_HEADERS = new RecordHeaders([]);

class SessionWindowProcessor implements NodeProcessor {
  readonly #windows: SessionWindows;
  readonly #how: WindowAggregation;
  readonly #merge: SessionMerger;
  readonly #sendsOldValues: boolean;
  #context!: NodeContext;
  #store!: SessionStore<unknown, unknown>;
  #forwarder!: ChangeForwarder;
  #emitter: WindowEmitter | undefined;
  #streamTime = -1;

  constructor(
    windows: SessionWindows,
    how: WindowAggregation,
    merge: SessionMerger,
    sendsOldValues: boolean,
  ) {
    this.#windows = windows;
    this.#how = how;
    this.#merge = merge;
    this.#sendsOldValues = sendsOldValues;
  }

  open(context: NodeContext): void {
    this.#context = context;
    const { name, retentionMs } = this.#how.spec;
    this.#store = context.store(name);
    const isFinal = this.#how.emit === 'on-close';
    if (isFinal) this.#emitter = new WindowEmitter(context, name, retentionMs);
    const cached = isFinal ? undefined : this.#store;
    this.#forwarder = new ChangeForwarder(context, cached, this.#sendsOldValues);
  }

  take(key: unknown, value: unknown, timestamp: number, headers: RecordHeaders): void {
    if (key === null) {
      this.#context.dropped('null-key');
      return;
    }
    const { gapMs, graceMs } = this.#windows;
    if (timestamp > this.#streamTime) {
      this.#streamTime = timestamp;
      const emitter = this.#emitter;
      if (emitter?.isHiding(Math.max(0, emitter.lastCloseTime), timestamp) === true) {
        this.#emit(timestamp - graceMs - gapMs, headers);
      }
    }
    const closeTime = this.#streamTime - graceMs - gapMs;
    const found = [...this.#store.findSessions(key, timestamp - gapMs, timestamp + gapMs)];
    let start = timestamp;
    let end = timestamp;
    let aggregate = this.#initial();
    for (const entry of found) {
      aggregate = this.#merged(aggregate, entry.value, key);
      start = Math.min(start, entry.key.window.start);
      end = Math.max(end, entry.key.window.end);
    }
    if (end < closeTime) {
      this.#context.dropped('late-session');
      const { late } = this.#how;
      if (late !== undefined) {
        this.#context.forwardTo(late, key, new LateRecord(value), timestamp, headers);
      }
    } else {
      // A session that is only this point in time again is updated where it is.
      if (start !== timestamp || end !== timestamp) {
        for (const entry of found) this.#remove(entry.key, entry.value);
      }
      const updated = this.#added(aggregate, value, key);
      this.#store.put(key, start, end, updated);
      this.#forwardUpdate({ key, window: { start, end } }, null, updated);
    }
    if (this.#emitter?.isDue(closeTime) === true) this.#emit(closeTime, headers);
  }

  #remove(session: WindowedKey<unknown>, value: unknown): void {
    this.#store.remove(session.key, session.window.start, session.window.end);
    this.#forwardUpdate(session, value, null);
  }

  #forwardUpdate(session: WindowedKey<unknown>, old: unknown, updated: unknown): void {
    if (this.#emitter !== undefined) return;
    const { end } = session.window;
    this.#forwarder.forward(session, updated, old, true, end, NO_HEADERS);
  }

  #emit(closeTime: number, headers: RecordHeaders): void {
    const emitter = this.#emitter!;
    const to = closeTime - 1;
    const from = Math.max(0, emitter.lastCloseTime);
    if (to < 0 || to < from) return;
    for (const { key, value } of this.#store.findSessionsByEnd(from, to)) {
      this.#forwarder.forward(key, value, null, true, key.window.end, headers);
    }
    emitter.emitted(closeTime);
  }

  #initial(): unknown {
    return this.#how.initialize === undefined ? null : this.#how.initialize();
  }

  #added(aggregate: unknown, value: unknown, key: unknown): unknown {
    if (aggregate === null && this.#how.initialize === undefined) return value;
    return settled(this.#how.aggregate(aggregate, value, key), this.#context.node);
  }

  #merged(one: unknown, other: unknown, key: unknown): unknown {
    if (one === null && this.#how.initialize === undefined) return other;
    return settled(this.#merge(one, other, key), this.#context.node);
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
