import type { PartitionMirror } from '../../front/partitions/partition-mirror.ts';
import { CURSOR_CLOSED, CURSOR_PARKED, type Cursor } from './cursor.ts';
import type { Frame, FrameFormat } from './frame.ts';
import type { Policy } from './policy.ts';
import type { Gap, Position } from './position.ts';
import type { Pump } from './pump.ts';
import type { Sink } from './sink.ts';
import { partitionKey } from './start-point.ts';

/**
 * A client whose filter lets nothing through is told where it stands each time it was spared so
 * many records, by a frame without any: it need not have them read again when it resumes.
 */
const SPARED_MAX = 10_000;

/** Who is told what happens to a subscription beside its records. */
export interface SubscriptionOwner {
  onGap(subscription: Subscription, gap: Gap): void;
  /** By its policy: it is closed. */
  onBehind(subscription: Subscription, cursor: Cursor): void;
  /** A frame went out. */
  onSent?(): void;
}

export interface SubscriptionOptions {
  readonly sub: number;
  /** What its tokens are known by: see DeliveryMarks; '' where it gives none. */
  readonly stream: string;
  readonly format: FrameFormat;
  /** How records are written while behind; the same where the policy does not thin them out. */
  readonly behindFormat: FrameFormat;
  readonly policy: Policy;
  readonly recordCredit: number;
  readonly byteCredit: number;
}

/** A client's interest in some partitions: its cursors there, and how much it will take. */
export class Subscription {
  readonly sub: number;
  readonly stream: string;
  readonly sink: Sink;
  readonly policy: Policy;
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
    this.recordCredit = options.recordCredit;
    this.byteCredit = options.byteCredit;
    this.#owner = owner;
    this.#format = options.format;
    this.#behindFormat = options.behindFormat;
    this.#pump = pump;
  }

  /** Begins to deliver from there. */
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

  /** There is credit, or the peer has read: what waited for it goes on. */
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
    return cursor.feed.mirror.highWatermark - cursor.position > policy.behind;
  }

  mustClose(cursor: Cursor): boolean {
    return this.policy.when === 'close' && cursor.state === CURSOR_PARKED && this.isBehind(cursor);
  }

  formatFor(cursor: Cursor): FrameFormat {
    return this.isBehind(cursor) ? this.#behindFormat : this.#format;
  }

  /** Sends a frame that begins where the cursor stands, and moves it on. */
  deliver(cursor: Cursor, format: FrameFormat, frame: Frame): void {
    cursor.position = frame.next;
    if (frame.epoch >= 0) cursor.epoch = frame.epoch;
    const isEmpty = frame.recordCount === 0;
    const isFar = frame.skippedCount > 0 && frame.next - cursor.toldTo >= SPARED_MAX;
    if (!isEmpty || isFar) {
      cursor.hasDelivered ||= !isEmpty;
      cursor.toldTo = frame.next;
      format.address(frame, this.sub);
      this.recordCredit -= frame.recordCount;
      this.byteCredit -= frame.bytes.length;
      this.sink.sendFrame(frame);
      this.#owner.onSent?.();
    }
    if (frame.damagedTo >= 0 && !this.closed) this.skip(cursor, frame.damagedTo, 'corrupt');
  }

  /** Goes on at another offset, and says why. */
  skip(cursor: Cursor, to: number, reason: Gap['reason']): void {
    const { topic, index } = cursor.feed.mirror;
    const from = cursor.position;
    cursor.position = to;
    this.#owner.onGap(this, { topic, partition: index, from, to, reason });
  }

  /** The rest of this partition will not come. */
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
