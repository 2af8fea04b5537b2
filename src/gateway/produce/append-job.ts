import { ERROR, errorName, isRetriable } from '../../base/kafka-errors.ts';
import type { RecordRejection } from '../../base/record-rejection.ts';
import type { PartitionMirror } from '../../front/partitions/partition-mirror.ts';
import type { TopicMirror } from '../../front/partitions/topic-mirror.ts';
import type { AppendWaiter } from '../../front/partitions/workers.ts';
import type { Services } from '../../front/requests/front-services.ts';

type Needed = Services<'workers' | 'recompression'>;

/** The gateway's batches follow the rules of this version of the Produce API. */
const PRODUCE_VERSION = 12;
const ACKS_ALL = -1;
/** For so long replicas on other nodes are waited for. A client of HTTP names no time. */
const REPLICAS_LIMIT_MS = 30_000;

export interface AppendOutcome {
  readonly partition: number;
  readonly count: number;
  error: number;
  /** Which records the error is about, in words; '' where it is not about single ones. */
  reason: string;
  base: number;
}

/** The batches of one produce command, from the command to the outcome of each append. */
export class AppendJob implements AppendWaiter {
  readonly outcomes: AppendOutcome[] = [];
  readonly #front: Needed;
  readonly #topic: TopicMirror;
  readonly #acks: number;
  readonly #onDone: (job: AppendJob) => void;
  readonly #ticket: number;
  /**
   * Appends without an outcome. Until `seal` it counts one more, so that it does not reach 0 early.
   */
  #waiting = 1;
  /** Replicas on other nodes must have some of it. */
  #waitsForReplicas = false;
  #timer: NodeJS.Timeout | null = null;
  #isDone = false;

  constructor(front: Needed, topic: TopicMirror, acks: number, onDone: (job: AppendJob) => void) {
    this.#front = front;
    this.#topic = topic;
    this.#acks = acks;
    this.#onDone = onDone;
    this.#ticket = front.workers.takeAppendTicket(this);
  }

  add(mirror: PartitionMirror, batch: Buffer, count: number): void {
    const index = this.outcomes.length;
    this.outcomes.push({ partition: mirror.index, count, error: 0, reason: '', base: -1 });
    this.#waiting++;
    if (mirror.isShared && this.#acks === ACKS_ALL) this.#waitsForReplicas = true;
    const { recompression } = this.#front;
    if (!recompression.concerns(this.#topic, mirror, batch)) {
      this.#append(mirror, index, batch);
      return;
    }
    recompression.run(this.#topic, mirror, batch, {
      onRebuilt: (error, rebuilt, rejection) => {
        if (rejection !== null) this.onRecordsRefused(index, rejection);
        if (error === 0) this.#append(mirror, index, rebuilt);
        else this.onAppended(index, error, -1);
      },
      onDefect: () => this.#failUnlessCounted(index),
    });
  }

  #failUnlessCounted(index: number): void {
    const { error, base } = this.outcomes[index]!;
    if (error === 0 && base < 0) this.onAppended(index, ERROR.UNKNOWN_SERVER_ERROR, -1);
  }

  #append(mirror: PartitionMirror, index: number, batch: Buffer): void {
    const { worker, slot } = mirror;
    const { workers } = this.#front;
    workers.append(worker, slot, this.#ticket, index, this.#acks, PRODUCE_VERSION, batch);
  }

  /** Called when all batches are added. */
  seal(): void {
    if (this.#waitsForReplicas) {
      this.#timer = setTimeout(() => this.#timeOut(), REPLICAS_LIMIT_MS);
    }
    this.#countDown();
  }

  /** The appends are not taken back, and their ticket stays in use. */
  #timeOut(): void {
    for (const outcome of this.outcomes) {
      if (outcome.error === 0 && outcome.base < 0) outcome.error = ERROR.REQUEST_TIMED_OUT;
    }
    this.#finish();
  }

  onRecordsRefused(index: number, { errorMessage }: RecordRejection): void {
    this.outcomes[index]!.reason = errorMessage;
  }

  onAppended(index: number, error: number, baseOffset: number): void {
    const outcome = this.outcomes[index]!;
    outcome.error = error;
    outcome.base = baseOffset;
    this.#countDown();
  }

  #countDown(): void {
    if (--this.#waiting > 0) return;
    this.#front.workers.giveBackAppendTicket(this.#ticket);
    this.#finish();
  }

  #finish(): void {
    if (this.#isDone) return;
    this.#isDone = true;
    if (this.#timer !== null) clearTimeout(this.#timer);
    this.#onDone(this);
  }

  get hasFailed(): boolean {
    return this.outcomes.some(({ error }) => error !== 0);
  }

  get offsets(): object[] {
    return this.outcomes
      .filter(({ error }) => error === 0)
      .map(({ partition, base, count }) => ({ partition, base, count }));
  }

  get failures(): object[] {
    return this.outcomes
      .filter(({ error }) => error !== 0)
      .map(({ partition, error, reason }) => {
        const failure = { partition, code: errorName(error), retry: isRetriable(error) };
        return reason === '' ? failure : { ...failure, reason };
      });
  }
}
