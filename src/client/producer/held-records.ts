import { inBackground } from '../../base/in-background.ts';
import { abortedError, isKafkaError, KafkaError, toKafkaError } from '../errors/kafka-error.ts';
import { onAbort } from '../net/on-abort.ts';
import type { RequestClock, Timed } from '../net/request-clock.ts';
import type { Encoded } from '../serde/serde.ts';
import type { Batch } from './batch.ts';
import type { ProducerInterceptors } from './producer-interceptors.ts';
import type { TopicRoute } from './topic-route.ts';

/** A record that cannot be in a batch yet. */
export interface HeldRecord {
  readonly key: Encoded;
  readonly value: Encoded;
  readonly headers: Uint8Array | null;
  readonly timestamp: number;
  readonly partition: number;
  readonly onTaken: (batch: Batch) => void;
  readonly onFailed: (error: KafkaError) => void;
}

/** How records reach a topic: through what holds them, while it must, and along its route. */
export interface RecordPath {
  readonly route: TopicRoute;
  readonly held: HeldRecords;
}

interface Waiting {
  readonly record: HeldRecord;
  readonly sinceMs: number;
  /** Stops to listen to the signal of the caller, where there is one. */
  forgetSignal: (() => void) | null;
}

/**
 * Records of one topic that wait for its metadata or for memory, in their order. While some wait,
 * later ones wait behind them.
 */
export class HeldRecords implements Timed {
  readonly #route: TopicRoute;
  readonly #clock: RequestClock;
  readonly #limitMs: number;
  readonly #interceptors: ProducerInterceptors | null;
  #waiting: Waiting[] = [];
  #isAsking = false;

  constructor(
    route: TopicRoute,
    clock: RequestClock,
    limitMs: number,
    interceptors: ProducerInterceptors | null,
  ) {
    this.#interceptors = interceptors;
    this.#route = route;
    this.#clock = clock;
    this.#limitMs = limitMs;
  }

  get count(): number {
    return this.#waiting.length;
  }

  hold(record: HeldRecord, signal?: AbortSignal): void {
    const waiting: Waiting = { record, sinceMs: performance.now(), forgetSignal: null };
    if (this.#waiting.push(waiting) === 1) this.#clock.add(this);
    if (signal !== undefined) this.#listen(waiting, signal);
    this.#ask();
  }

  /** Moves into batches what finds its place now. */
  pump(): void {
    if (this.#waiting.length === 0 || !this.#route.isKnown) return;
    const waiting = this.#waiting;
    let taken = 0;
    for (; taken < waiting.length; taken++) {
      const each = waiting[taken]!;
      const { key, value, headers, timestamp, partition, onTaken } = each.record;
      try {
        onTaken(this.#route.append(key, value, headers, timestamp, partition));
        each.forgetSignal?.();
      } catch (thrown) {
        if (isKafkaError(thrown, 'BUFFER_FULL')) break;
        this.#fail(each, toKafkaError(thrown));
      }
    }
    this.#waiting = waiting.slice(taken);
  }

  onTick(nowMs: number): boolean {
    this.pump();
    // The question about the topic has the same limit, and its error says what was missing.
    if (this.#isAsking) return true;
    while (this.#waiting.length > 0 && nowMs - this.#waiting[0]!.sinceMs >= this.#limitMs) {
      const { topic } = this.#route;
      const what = `topic ${topic}: no memory for a record within ${this.#limitMs} ms`;
      this.#fail(this.#waiting.shift()!, new KafkaError('BUFFER_FULL', what, { topic }));
    }
    return this.#waiting.length > 0;
  }

  failAll(error: KafkaError): void {
    for (const each of this.#waiting.splice(0)) this.#fail(each, error);
  }

  #listen(waiting: Waiting, signal: AbortSignal): void {
    waiting.forgetSignal = onAbort(signal, () => this.#abort(waiting, signal));
  }

  #abort(waiting: Waiting, signal: AbortSignal): void {
    const at = this.#waiting.indexOf(waiting);
    if (at < 0) return;
    this.#waiting.splice(at, 1);
    const error = abortedError(signal, `a record for topic ${this.#route.topic}`);
    this.#fail(waiting, error);
  }

  #fail({ record, forgetSignal }: Waiting, error: KafkaError): void {
    forgetSignal?.();
    this.#interceptors?.onUnsent(this.#route.topic, record.partition, error);
    record.onFailed(error);
  }

  /** One question a topic, however many records wait for it. */
  #ask(): void {
    if (this.#isAsking || this.#route.isKnown) return;
    this.#isAsking = true;
    const asked = this.#route.require().then(() => {
      this.#isAsking = false;
      this.pump();
    });
    inBackground(asked, (thrown) => {
      this.#isAsking = false;
      this.failAll(toKafkaError(thrown));
    });
  }
}
