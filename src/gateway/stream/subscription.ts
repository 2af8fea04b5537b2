import type { PartitionMirror } from '../../front/partitions/partition-mirror.ts';
import { CURSOR_CLOSED, CURSOR_PARKED, type Cursor } from './cursor.ts';
import type { Frame, FrameFormat } from './frame.ts';
import type { Policy } from './policy.ts';
import type { Gap, Position } from './position.ts';
import type { Pump } from './pump.ts';
import type { Sink } from './sink.ts';
import { partitionKey } from './start-point.ts';

/**
 * A client gets an empty frame each time so many offsets were left out, because its filter let
 * nothing through or transactions were aborted. The frame tells the position, from which a resume
 * need not read them again.
 */
const LEFT_OUT_MAX = 10_000;

/** Told what happens to a subscription, besides its records. */
export interface SubscriptionOwner {
  onGap(subscription: Subscription, gap: Gap): void;
  /** Called when the policy closes the subscription. */
  onBehind(subscription: Subscription, cursor: Cursor): void;
  /** Called after each frame. */
  onSent?(): void;
}

export interface SubscriptionOptions {
  readonly sub: number;
  /** The name of its stream in tokens: see DeliveryMarks. '' if it gives no tokens. */
  readonly stream: string;
  readonly format: FrameFormat;
  /** The format while behind. It is the same unless the policy thins records out. */
  readonly behindFormat: FrameFormat;
  readonly policy: Policy;
  readonly recordCredit: number;
  readonly byteCredit: number;
}

/** A client's interest in some partitions: its cursors, and how much it will take. */
export class Subscription {
  readonly sub: number;
  readonly stream: string;
  readonly sink: Sink;
  readonly policy: Policy;
  /** Whether it leaves out open and aborted transactions. */
  readonly readsCommitted: boolean;
  readonly cursors = new Map<string, Cursor>();
  recordCredit: number;
  byteCredit: number;
  closed = false;
  readonly #owner: SubscriptionOwner;
  readonly #format: FrameFormat;
  readonly #behindFormat: FrameFormat;
  readonly #pump: Pump;
  #parked: Cursor[] = [];

  constructor(options: SubscriptionOptions, sink: Sink, owner: SubscriptionOwner, pump: Pump) {
    this.sub = options.sub;
    this.stream = options.stream;
    this.sink = sink;
    this.policy = options.policy;
    this.readsCommitted = options.format.readsCommitted;
    this.recordCredit = options.recordCredit;
    this.byteCredit = options.byteCredit;
    this.#owner = owner;
    this.#format = options.format;
    this.#behindFormat = options.behindFormat;
    this.#pump = pump;
  }

  /** Begins to deliver at the cursor. */
  attach(cursor: Cursor): void {
    const { topic, index } = cursor.feed.mirror;
    this.cursors.set(partitionKey(topic, index), cursor);
    cursor.feed.add(cursor);
    this.#pump.enqueue(cursor);
  }

  detach(cursor: Cursor): void {
    if (cursor.state === CURSOR_CLOSED) return;
    const { topic, index } = cursor.feed.mirror;
    cursor.state = CURSOR_CLOSED;
    this.cursors.delete(partitionKey(topic, index));
    cursor.feed.remove(cursor);
    this.#pump.releaseFeed(cursor.feed);
  }

  detachAll(): void {
    for (const cursor of [...this.cursors.values()]) this.detach(cursor);
    this.#parked = [];
  }

  close(): void {
    this.closed = true;
    this.detachAll();
  }

  reads(mirror: PartitionMirror): boolean {
    return this.cursors.get(partitionKey(mirror.topic, mirror.index))?.feed.mirror === mirror;
  }

  positions(): Position[] {
    return [...this.cursors.values()].map((cursor) => cursor.toPosition());
  }

  /** The end of what it may read of a partition now. */
  endOf(mirror: PartitionMirror): number {
    return mirror.endFor(this.readsCommitted);
  }

  get mayReceive(): boolean {
    return this.recordCredit > 0 && this.byteCredit > 0 && this.sink.hasRoom;
  }

  park(cursor: Cursor): void {
    cursor.state = CURSOR_PARKED;
    this.#parked.push(cursor);
  }

  grant(records: number, bytes: number): void {
    this.recordCredit += records;
    this.byteCredit += bytes;
    this.resume();
  }

  /** Resumes the cursors that waited for credit or for the peer to read. */
  resume(): void {
    if (this.#parked.length === 0 || !this.mayReceive) return;
    const parked = this.#parked;
    this.#parked = [];
    for (const cursor of parked) {
      if (cursor.state === CURSOR_PARKED) this.#pump.enqueue(cursor);
    }
  }

  isBehind(cursor: Cursor): boolean {
    const { policy } = this;
    if (policy.when === 'wait') return false;
    return this.endOf(cursor.feed.mirror) - cursor.position > policy.behind;
  }

  mustClose(cursor: Cursor): boolean {
    return this.policy.when === 'close' && cursor.state === CURSOR_PARKED && this.isBehind(cursor);
  }

  formatFor(cursor: Cursor): FrameFormat {
    return this.isBehind(cursor) ? this.#behindFormat : this.#format;
  }

  /** Sends a frame that begins at the cursor's position, and moves the cursor. */
  deliver(cursor: Cursor, format: FrameFormat, frame: Frame): void {
    cursor.position = frame.next;
    if (frame.epoch >= 0) cursor.epoch = frame.epoch;
    const isEmpty = frame.recordCount === 0;
    const isFar = frame.next - cursor.announcedTo >= LEFT_OUT_MAX;
    if (!isEmpty || isFar) {
      cursor.hasDelivered ||= !isEmpty;
      cursor.announcedTo = frame.next;
      format.address(frame, this.sub);
      this.recordCredit -= frame.recordCount;
      this.byteCredit -= frame.bytes.length;
      this.sink.sendFrame(frame);
      this.#owner.onSent?.();
    }
    if (frame.damagedTo >= 0 && !this.closed) this.skip(cursor, frame.damagedTo, 'corrupt');
  }

  /** Moves the cursor to another offset, and tells why. */
  skip(cursor: Cursor, to: number, reason: Gap['reason']): void {
    const { topic, index } = cursor.feed.mirror;
    const from = cursor.position;
    cursor.position = to;
    this.#owner.onGap(this, { topic, partition: index, from, to, reason });
  }

  /** Ends delivery in this partition. */
  lose(cursor: Cursor, reason: Gap['reason']): void {
    const { topic, index } = cursor.feed.mirror;
    const from = cursor.position;
    this.detach(cursor);
    this.#owner.onGap(this, { topic, partition: index, from, to: -1, reason });
  }

  endBehind(cursor: Cursor): void {
    this.#owner.onBehind(this, cursor);
  }
}
