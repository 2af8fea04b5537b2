import { randomBytes } from 'node:crypto';
import type { PartitionMirror } from '../../front/partitions/partition-mirror.ts';
import { markKey } from './mark-key.ts';
import { partitionKey } from './start-point.ts';
import type { Subscription } from './subscription.ts';

/** A mark is some hundred bytes; the oldest are forgotten first. */
const MARKS_MAX = 20_000;
const RUN_BYTES = 6;
const NONE: ReadonlyMap<string, number> = new Map();

/**
 * How far streams were delivered, so that what a resume brings again is marked. A stream is a
 * subscription and those that went on with a token of it; its name stands in the token:
 * `<run of the broker>.<number>`.
 */
export class DeliveryMarks {
  readonly #run = randomBytes(RUN_BYTES).toString('base64url');
  readonly #live = new Map<string, Subscription>();
  /** Of streams that ended, by name: by `markKey`, the offset behind what was sent. */
  readonly #ended = new Map<string, Map<string, number>>();
  #markCount = 0;
  #streamCount = 0;
  /** Of streams with a number up to this one some marks may be forgotten. */
  #forgottenTo = 0;

  newStream(): string {
    this.#streamCount++;
    return `${this.#run}.${this.#streamCount.toString(36)}`;
  }

  /** For members of groups, whose deliveries are not followed here. */
  get untoldStream(): string {
    return `${this.#run}.0`;
  }

  /** It goes on with its stream. An older one that does the same is as good as gone. */
  open(subscription: Subscription): void {
    const { stream } = subscription;
    const older = this.#live.get(stream);
    if (older !== undefined) this.note(older);
    this.#live.set(stream, subscription);
  }

  /** Before its cursors go. */
  close(subscription: Subscription): void {
    const { stream } = subscription;
    if (this.#live.get(stream) === subscription) this.#live.delete(stream);
    this.note(subscription);
  }

  /** Before its cursors go elsewhere: what they have delivered counts on. */
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

  /** The offset below which records were sent to the stream; null: it is not known. */
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
