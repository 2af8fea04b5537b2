import { every } from '../../base/every.ts';
import { inBackground } from '../../base/in-background.ts';
import type { PartitionMirror } from '../../front/partitions/partition-mirror.ts';
import { OUTCOME } from '../../log/outcome.ts';
import { CURSOR_IDLE, CURSOR_QUEUED, type Cursor } from './cursor.ts';
import { PartitionFeed } from './partition-feed.ts';

/** Bytes of frames that are kept for sharing, over all partitions. */
const SHELVES_BYTES_MAX = 64 * 1024 * 1024;
const SWEEP_MS = 1000;
/** After this long a turn ends, because the front has other work. The next turn is scheduled. */
const TURN_MS = 2;
const VISITS_BETWEEN_LOOKS = 16;

/**
 * Sends records to cursors. Cursors that can go on stand in one queue, and each visit sends one
 * frame. So all get their share, and cursors at the same position of a partition come right after
 * each other. It runs in a turn of its own after the events that woke the cursors, so that replies
 * go first.
 */
export class Pump {
  nowMs = performance.now();
  readonly #feeds = new Map<PartitionMirror, PartitionFeed>();
  readonly #budget = { bytes: 0, bytesMax: SHELVES_BYTES_MAX };
  readonly #onReadFailure: (mirror: PartitionMirror, outcome: number) => void;
  readonly #onDefect: (thrown: unknown) => void;
  readonly #onSweep: () => void;
  readonly #sweeper: NodeJS.Timeout;
  #queue: Cursor[] = [];
  #isScheduled = false;
  #isClosed = false;
  recordCount = 0;
  frameCount = 0;
  /** Frames that were made, not taken from a shelf. */
  madeCount = 0;

  constructor(
    onReadFailure: (mirror: PartitionMirror, outcome: number) => void,
    onDefect: (thrown: unknown) => void,
    onSweep: () => void,
  ) {
    this.#onReadFailure = onReadFailure;
    this.#onDefect = onDefect;
    this.#onSweep = onSweep;
    this.#sweeper = every(SWEEP_MS, () => this.#sweep(), onDefect);
    this.#sweeper.unref();
  }

  feedOf(mirror: PartitionMirror): PartitionFeed {
    let feed = this.#feeds.get(mirror);
    if (feed === undefined) {
      feed = new PartitionFeed(mirror, this, this.#budget);
      this.#feeds.set(mirror, feed);
    }
    return feed;
  }

  releaseFeed(feed: PartitionFeed): void {
    if (feed.cursorCount > 0) return;
    feed.close();
    this.#feeds.delete(feed.mirror);
  }

  get feedCount(): number {
    return this.#feeds.size;
  }

  get sharedBytes(): number {
    return this.#budget.bytes;
  }

  enqueue(cursor: Cursor): void {
    cursor.state = CURSOR_QUEUED;
    this.#queue.push(cursor);
    if (this.#isScheduled) return;
    this.#isScheduled = true;
    setImmediate(() => this.#turn());
  }

  #turn(): void {
    this.#isScheduled = false;
    if (this.#isClosed) return;
    const startMs = performance.now();
    this.nowMs = startMs;
    const queue = this.#queue;
    this.#queue = [];
    for (let i = 0; i < queue.length; i++) {
      const before = this.madeCount;
      this.#visitSafely(queue[i]!);
      const isCheap = i % VISITS_BETWEEN_LOOKS !== 0 && this.madeCount === before;
      if (isCheap || performance.now() - startMs < TURN_MS) continue;
      const rest = queue.slice(i + 1);
      this.#queue = rest.concat(this.#queue);
      if (this.#queue.length > 0 && !this.#isScheduled) {
        this.#isScheduled = true;
        setImmediate(() => this.#turn());
      }
      return;
    }
  }

  /** A defect that the records of one partition cause must not stop the others. */
  #visitSafely(cursor: Cursor): void {
    try {
      this.#visit(cursor);
    } catch (thrown) {
      this.#onDefect(thrown);
      if (cursor.state === CURSOR_QUEUED) cursor.subscription.lose(cursor, 'corrupt');
    }
  }

  #visit(cursor: Cursor): void {
    if (cursor.state !== CURSOR_QUEUED) return;
    const { subscription, feed } = cursor;
    const { mirror } = feed;
    if (mirror.removed) {
      subscription.lose(cursor, 'deleted');
      return;
    }
    const end = subscription.endOf(mirror);
    if (cursor.position >= end && cursor.position <= mirror.logEndOffset) {
      cursor.state = CURSOR_IDLE;
      return;
    }
    if (subscription.isBehind(cursor)) {
      const { when } = subscription.policy;
      if (when === 'close') {
        subscription.endBehind(cursor);
        return;
      }
      if (when === 'latest' && subscription.mayReceive) {
        cursor.state = CURSOR_IDLE;
        subscription.skip(cursor, end, 'behind');
        return;
      }
    }
    if (subscription.mayReceive) this.#send(cursor);
    else subscription.park(cursor);
  }

  #send(cursor: Cursor): void {
    const { subscription, feed, position } = cursor;
    if (position < feed.mirror.logStartOffset) {
      subscription.skip(cursor, feed.mirror.logStartOffset, 'retention');
      this.enqueue(cursor);
      return;
    }
    const format = subscription.formatFor(cursor);
    const { recordCredit, byteCredit } = subscription;
    const frame = feed.frameAt(position, format, recordCredit, byteCredit);
    if (frame === null) {
      this.#onNoFrame(cursor);
      return;
    }
    this.recordCount += frame.recordCount;
    this.frameCount++;
    subscription.deliver(cursor, format, frame);
    if (cursor.state !== CURSOR_QUEUED) return; // its owner closed it meanwhile
    if (cursor.position === position) this.#wait(cursor, frame.waitsFor);
    else if (cursor.position < subscription.endOf(feed.mirror)) this.enqueue(cursor);
    else cursor.state = CURSOR_IDLE;
  }

  #wait(cursor: Cursor, waitsFor: Promise<void> | null): void {
    cursor.state = CURSOR_IDLE;
    if (waitsFor === null || cursor.waitsFor === waitsFor) return;
    cursor.waitsFor = waitsFor;
    const woken = waitsFor.then(() => {
      if (cursor.waitsFor === waitsFor) cursor.waitsFor = null;
      if (cursor.state === CURSOR_IDLE) this.enqueue(cursor);
    });
    inBackground(woken, this.#onDefect);
  }

  #onNoFrame(cursor: Cursor): void {
    const { subscription, feed } = cursor;
    const { outcome, mirror } = feed;
    if (outcome === OUTCOME.OK) {
      cursor.state = CURSOR_IDLE;
    } else if (outcome === OUTCOME.OUT_OF_RANGE) {
      const { logStartOffset, logEndOffset } = mirror;
      const isBelow = cursor.position < logStartOffset;
      const to = isBelow ? logStartOffset : logEndOffset;
      subscription.skip(cursor, to, isBelow ? 'retention' : 'truncation');
      if (cursor.state === CURSOR_QUEUED) this.enqueue(cursor);
    } else {
      this.#onReadFailure(mirror, outcome);
      subscription.lose(cursor, 'corrupt');
    }
  }

  #sweep(): void {
    const sinceMs = this.nowMs - SWEEP_MS;
    this.nowMs = performance.now();
    for (const feed of this.#feeds.values()) feed.clearShelves(sinceMs);
    this.#onSweep();
  }

  close(): void {
    this.#isClosed = true;
    clearInterval(this.#sweeper);
    for (const feed of this.#feeds.values()) feed.close();
    this.#feeds.clear();
    this.#queue = [];
  }
}
