import type { PartitionFeed } from './partition-feed.ts';
import type { Position } from './position.ts';
import type { Subscription } from './subscription.ts';

/** It has delivered everything and waits for the partition to grow. */
export const CURSOR_IDLE = 0;
/** It stands in the queue of the pump. */
export const CURSOR_QUEUED = 1;
/** It waits for credit, or for the peer to read. */
export const CURSOR_PARKED = 2;
export const CURSOR_CLOSED = 3;

/** The position of one subscription in one partition. */
export class Cursor {
  readonly subscription: Subscription;
  readonly feed: PartitionFeed;
  position: number;
  /** Leader epoch of the last record before the position; -1: unknown. */
  epoch: number;
  /** The client was told a position at least this high. */
  announcedTo: number;
  state = CURSOR_IDLE;
  indexInFeed = 0;
  hasDelivered = false;
  /** Wakes the cursor while it is idle, besides a growing partition. */
  waitsFor: Promise<void> | null = null;

  constructor(subscription: Subscription, feed: PartitionFeed, position: number, epoch: number) {
    this.subscription = subscription;
    this.feed = feed;
    this.position = position;
    this.epoch = epoch;
    this.announcedTo = position;
  }

  toPosition(): Position {
    const { topic, topicId, index } = this.feed.mirror;
    return { topic, topicId, partition: index, offset: this.position, epoch: this.epoch };
  }
}
