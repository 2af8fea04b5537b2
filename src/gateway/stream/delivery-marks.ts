import { randomBytes } from 'node:crypto';
import type { PartitionMirror } from '../../front/partitions/partition-mirror.ts';
import { markKey } from './mark-key.ts';
import { partitionKey } from './start-point.ts';
import type { Subscription } from './subscription.ts';

/** How many marks are kept. One takes about a hundred bytes. The oldest are forgotten first. */
const MARKS_MAX = 20_000;
const RUN_BYTES = 6;
const NONE: ReadonlyMap<string, number> = new Map();

/**
 * Remembers how far streams were delivered, so that records that a resume sends again are marked. A
 * stream is a subscription and all that resumed it by its token. The token holds the stream's name,
 * `<run of the broker>.<number>`.
 */
export class DeliveryMarks {
  readonly #run = randomBytes(RUN_BYTES).toString('base64url');
  readonly #live = new Map<string, Subscription>();
  /** The streams that have ended, by name: the offset behind the last record sent, by `markKey`. */
  readonly #ended = new Map<string, Map<string, number>>();
  #markCount = 0;
  #streamCount = 0;
  /** Some marks of streams up to this number may be forgotten. */
  #forgottenTo = 0;

  newStream(): string {
    this.#streamCount++;
    return `${this.#run}.${this.#streamCount.toString(36)}`;
  }

  /** The stream of members of groups. Their deliveries are not remembered here. */
  get memberStream(): string {
    return `${this.#run}.0`;
  }

  /**
   * The subscription continues its stream. An older subscription of the same stream counts as
   * ended.
   */
  open(subscription: Subscription): void {
    const { stream } = subscription;
    const older = this.#live.get(stream);
    if (older !== undefined) this.note(older);
    this.#live.set(stream, subscription);
  }

  /** Must run before the cursors are detached. */
  close(subscription: Subscription): void {
    const { stream } = subscription;
    if (this.#live.get(stream) === subscription) this.#live.delete(stream);
    this.note(subscription);
  }

  /** Must run before the cursors move. Remembers what they have delivered. */
  note(subscription: Subscription): void {
    const { stream } = subscription;
    for (const cursor of subscription.cursors.values()) {
      if (!cursor.hasDelivered) continue;
      const key = markKey(cursor.feed.mirror);
      const marks = this.#ended.get(stream) ?? new Map<string, number>();
      if (marks.size === 0) this.#ended.set(stream, marks);
      if (!marks.has(key)) this.#markCount++;
      marks.set(key, Math.max(cursor.position, marks.get(key) ?? 0));
    }
    while (this.#markCount > MARKS_MAX) this.#forgetOldest();
  }

  #forgetOldest(): void {
    for (const [stream, marks] of this.#ended) {
      this.#ended.delete(stream);
      this.#markCount -= marks.size;
      this.#forgottenTo = Math.max(this.#forgottenTo, this.#numberOf(stream));
      return;
    }
  }

  #numberOf(stream: string): number {
    const [run, number] = stream.split('.', 2);
    return run === this.#run ? Number.parseInt(number ?? '', 36) : 0;
  }

  /** The offset below which records were sent to the stream; null if that is not known. */
  deliveredTo(stream: string, mirror: PartitionMirror): number | null {
    const key = partitionKey(mirror.topic, mirror.index);
    const live = this.#live.get(stream)?.cursors.get(key);
    const hasDelivered = live?.hasDelivered === true && live.feed.mirror === mirror;
    const sent = hasDelivered ? live.position : 0;
    const ended = (this.#ended.get(stream) ?? NONE).get(markKey(mirror));
    if (ended !== undefined) return Math.max(sent, ended);
    const number = this.#numberOf(stream);
    return number > this.#forgottenTo || live !== undefined ? sent : null;
  }
}
