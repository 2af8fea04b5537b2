import type { PartitionFeed } from './partition-feed.ts';
import type { Position } from './position.ts';
import type { Subscription } from './subscription.ts';

/** Has had everything there is: waits for the partition to grow. */
export const CURSOR_IDLE = 0;
/** In the queue of the pump. */
export const CURSOR_QUEUED = 1;
/** Waits for credit, or for the peer to read. */
export const CURSOR_PARKED = 2;
export const CURSOR_CLOSED = 3;

/** Where one subscription stands in one partition. */
export class Cursor {
  readonly subscription: Subscription;
  readonly feed: PartitionFeed;
  position: number;
  /** Leader epoch of the last record before the position; -1: unknown. */
  epoch: number;
  /** The client knows it to stand here at least. */
  toldTo: number;
  state = CURSOR_IDLE;
  placeInFeed = 0;
  hasDelivered = false;
  /** What wakes it while it is idle, beside its partition. */
  waitsFor: Promise<void> | null = null;

  constructor(subscription: Subscription, feed: PartitionFeed, position: number, epoch: number) {
    this.subscription = subscription;
    this.feed = feed;
    this.position = position;
    this.epoch = epoch;
    this.toldTo = position;
  }

  toPosition(): Position {
    const { topic, topicId, index } = this.feed.mirror;
    return { topic, topicId, partition: index, offset: this.position, epoch: this.epoch };
  }
}
