import { RecordHeaders } from '../../../client/consumer/records/record-headers.ts';
import type { GradualEntries, GradualStore } from '../../topology/gradual-entries.ts';
import type { NodeContext } from '../../topology/node-context.ts';
import type { NodeProcessor } from '../../topology/node-processor.ts';
import type { CachedStore } from '../../topology/state-store.ts';
import type { WindowedKey } from '../../topology/windowed-key.ts';
import { settled } from '../callbacks.ts';
import { ChangeForwarder } from '../tables/change-forwarder.ts';
import { LateRecord } from './late-records.ts';
import type { WindowAggregation } from './window-aggregation.ts';
import { WindowEmitter } from './window-emitter.ts';

/** The last result of a window; that of a session has the time of its end. */
interface Closed {
  readonly key: WindowedKey<unknown>;
  readonly value: unknown;
  readonly timestamp?: number;
}

/** What the aggregates by time windows, by sliding windows and by sessions have in common. */
export abstract class WindowProcessor<
  Store extends CachedStore<WindowedKey<unknown>, unknown> & GradualStore,
> implements NodeProcessor
{
  protected context!: NodeContext;
  protected store!: Store;
  /** The highest timestamp of this node's records. */
  protected streamTime = -1;
  /** Undefined where each update goes on. */
  protected emitter: WindowEmitter | undefined;
  protected forwarder!: ChangeForwarder;
  readonly #how: WindowAggregation;
  readonly #sendsOldValues: boolean;

  constructor(how: WindowAggregation, sendsOldValues: boolean) {
    this.#how = how;
    this.#sendsOldValues = sendsOldValues;
  }

  open(context: NodeContext): void {
    this.context = context;
    const { name, retentionMs } = this.#how.spec;
    this.store = context.store(name);
    const isFinal = this.#how.emit === 'on-close';
    if (isFinal) {
      this.emitter = new WindowEmitter(context, name, retentionMs);
      // What was under way when the task ended elsewhere is still to be given.
      this.store.holdFrom(this.firstUnsent);
    }
    const cached = isFinal ? undefined : this.store;
    this.forwarder = new ChangeForwarder(context, cached, this.#sendsOldValues);
  }

  abstract take(key: unknown, value: unknown, timestamp: number, headers: RecordHeaders): void;

  advance(streamTime: number): void {
    if (streamTime <= this.streamTime) return;
    this.streamTime = streamTime;
    const closeTime = streamTime - this.graceMs;
    if (this.emitter?.isDue(closeTime) === true) this.emit(closeTime, RecordHeaders.NONE);
  }

  /** For how long after its end a window is open. */
  protected abstract readonly graceMs: number;

  /** The time of the first rows, by their order in the store, whose results have not gone on. */
  protected get firstUnsent(): number {
    const last = this.emitter?.lastCloseTime ?? -1;
    return last === -1 ? 0 : Math.max(0, this.firstUnsentAt(last));
  }

  /** The same where all results up to a time of closing have gone on. */
  protected abstract firstUnsentAt(closeTime: number): number;

  /** Results of windows that are closed at this time and have not gone on. */
  protected abstract emit(closeTime: number, headers: RecordHeaders): void;

  /** The record came too late for every window. */
  protected late(key: unknown, value: unknown, timestamp: number, headers: RecordHeaders): void {
    const { late } = this.#how;
    if (late === undefined) return;
    this.context.forwardTo(late, key, new LateRecord(value), timestamp, headers);
  }

  /** Null for a reduce. */
  protected initial(): unknown {
    return this.#how.initialize === undefined ? null : this.#how.initialize();
  }

  protected added(aggregate: unknown, value: unknown, key: unknown): unknown {
    if (aggregate === null && this.#how.initialize === undefined) return value;
    return settled(this.#how.aggregate(aggregate, value, key), this.context.node);
  }

  protected forwardUpdate(
    key: unknown,
    start: number,
    end: number,
    old: unknown,
    updated: unknown,
    timestamp: number,
    headers: RecordHeaders,
  ): void {
    if (this.emitter !== undefined) return;
    const windowed = { key, window: { start, end } };
    this.forwarder.forward(windowed, updated, old, true, timestamp, headers);
  }

  /** Results of windows whose end has passed, all up to this time of closing. */
  protected emitClosed(
    closed: GradualEntries<Closed>,
    closeTime: number,
    headers: RecordHeaders,
  ): void {
    const emitter = this.emitter!;
    emitter.emits(closeTime);
    const startMs = this.context.systemTime();
    this.context.spread(() => {
      const next = closed.next();
      if (next === null) return true;
      if (next === undefined) {
        emitter.emitted(closeTime);
        this.context.closingTook(this.context.systemTime() - startMs);
        this.store.holdFrom(this.firstUnsent);
        return false;
      }
      const { key, value, timestamp = key.window.end } = next;
      this.context.emitted('closed');
      this.forwarder.forward(key, value, null, true, timestamp, headers);
      return true;
    });
  }
}
