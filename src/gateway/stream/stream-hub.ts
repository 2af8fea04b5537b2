import { reasonOf } from '../../base/errors.ts';
import { inBackground } from '../../base/in-background.ts';
import type { PartitionMirror } from '../../front/partitions/partition-mirror.ts';
import type { Services } from '../../front/requests/front-services.ts';
import { Cursor } from './cursor.ts';
import { DeliveryMarks } from './delivery-marks.ts';
import { Formats } from './formats.ts';
import { OpenedBatches } from './opened-batches.ts';
import type { Gap, Position } from './position.ts';
import { Pump } from './pump.ts';
import type { StartPoint } from './start-point.ts';
import { type Start, StartResolver } from './start-resolver.ts';
import type { Subscription } from './subscription.ts';
import type { TopicChoice } from './topic-choice.ts';
import { type NewPartitions, watchTopics } from './topic-watch.ts';
import { Turns } from './turns.ts';

type Needed = Services<
  | 'clock'
  | 'logger'
  | 'faults'
  | 'partitions'
  | 'loader'
  | 'workers'
  | 'times'
  | 'helpers'
  | 'metadata'
  | 'directory'
  | 'replies'
>;

/** A position, and the bounds of its log: P in the README. */
export interface PositionRow extends Position {
  readonly start: number;
  readonly end: number;
  /** Records below this offset may have come before. */
  readonly redelivered?: number;
}

/** Called with the partitions that join a subscription after its start. */
export type OnAdded = (positions: readonly PositionRow[]) => void;

interface Follower {
  readonly choice: TopicChoice;
  readonly onAdded: OnAdded;
}

/** The parts that all streams of the gateway share, over WebSocket and HTTP. */
export class StreamHub {
  readonly front: Needed;
  readonly pump: Pump;
  readonly formats: Formats;
  readonly turns = new Turns();
  readonly starts: StartResolver;
  readonly marks = new DeliveryMarks();
  /** The subscriptions that new topics and partitions join by themselves. */
  readonly #followers = new Map<Subscription, Follower>();

  constructor(front: Needed) {
    this.front = front;
    this.starts = new StartResolver(front);
    const batches = new OpenedBatches(front.helpers, (reason) => {
      front.faults.warn('open', `a batch is opened later: ${reason}`, front.clock.monotonicMs());
    });
    this.formats = new Formats(batches);
    this.pump = new Pump(
      (mirror, outcome) => {
        front.replies.readFailure(mirror, outcome);
      },
      (thrown) => {
        const text = thrown instanceof Error ? (thrown.stack ?? thrown.message) : String(thrown);
        front.faults.warn('stream', `a stream failed: ${text}`, front.clock.monotonicMs());
      },
      () => batches.sweep(),
    );
    watchTopics(front, (added) => this.#onNew(added));
  }

  /** Finds where to begin. Delivery starts only with `begin`, so that the answer goes first. */
  async prepare(
    choice: TopicChoice,
    point: StartPoint,
    readsCommitted: boolean,
  ): Promise<{ starts: Start[]; gaps: Gap[] }> {
    const known = point.kind === 'positions' ? point.positions : null;
    const lost = new Map<string, Gap>();
    const mirrors = choice.resolve(this.front, (topic) => {
      for (const at of known?.values() ?? []) {
        if (at.topic !== topic) continue;
        const { partition, offset: from } = at;
        lost.set(`${topic}/${partition}`, { topic, partition, from, to: -1, reason: 'deleted' });
      }
      return lost.size > 0;
    });
    const starts = await this.starts.resolve(mirrors, point, readsCommitted);
    const gaps = starts.flatMap(({ gap }) => (gap === null ? [] : [gap]));
    return { starts, gaps: [...lost.values(), ...gaps] };
  }

  begin(subscription: Subscription, starts: readonly Start[]): void {
    for (const { mirror, offset, epoch } of starts) {
      subscription.attach(new Cursor(subscription, this.pump.feedOf(mirror), offset, epoch));
    }
  }

  /** From now on new partitions that fit the choice join the subscription. */
  follow(subscription: Subscription, choice: TopicChoice, onAdded: OnAdded): void {
    this.#followers.set(subscription, { choice, onAdded });
    if (subscription.stream !== '') this.marks.open(subscription);
  }

  end(subscription: Subscription): void {
    if (this.#followers.delete(subscription) && subscription.stream !== '') {
      this.marks.close(subscription);
    }
    subscription.close();
  }

  get followerCount(): number {
    return this.#followers.size;
  }

  #onNew(added: readonly NewPartitions[]): void {
    for (const [subscription, { choice, onAdded }] of this.#followers) {
      const mirrors = added.flatMap(({ topic, from }) => {
        if (!choice.includes(topic.name, topic.internal)) return [];
        return choice.partitionsOf(topic, from);
      });
      if (mirrors.length > 0) this.#join(subscription, mirrors, onAdded);
    }
  }

  #join(subscription: Subscription, mirrors: PartitionMirror[], onAdded: OnAdded): void {
    const { readsCommitted } = subscription;
    const resolved = this.starts.resolve(mirrors, { kind: 'earliest' }, readsCommitted);
    const joined = resolved.then((starts) => {
      const fresh = starts.filter(({ mirror }) => !subscription.reads(mirror));
      if (subscription.closed || fresh.length === 0) return;
      onAdded(positionRows(fresh, readsCommitted));
      this.begin(subscription, fresh);
    });
    inBackground(joined, (thrown) => {
      const nowMs = this.front.clock.monotonicMs();
      this.front.faults.warn('join', `a subscription misses: ${reasonOf(thrown)}`, nowMs);
    });
  }

  close(): void {
    this.pump.close();
    this.formats.batches.close();
    this.#followers.clear();
  }
}

export function positionRows(starts: readonly Start[], readsCommitted: boolean): PositionRow[] {
  return starts.map(({ mirror, offset, epoch }) => {
    return positionRow(mirror, offset, epoch, readsCommitted);
  });
}

export function positionRow(
  mirror: PartitionMirror,
  offset: number,
  epoch: number,
  readsCommitted: boolean,
): PositionRow {
  const { topic, topicId, index, logStartOffset } = mirror;
  return {
    topic,
    topicId,
    partition: index,
    offset,
    epoch,
    start: logStartOffset,
    end: mirror.endFor(readsCommitted),
  };
}
