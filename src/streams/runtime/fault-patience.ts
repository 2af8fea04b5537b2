import { reasonOf } from '../../base/errors.ts';
import { toKafkaError } from '../../client/errors/kafka-error.ts';
import { BackOff } from '../../client/net/back-off.ts';
import { pause } from '../../client/net/pause.ts';
import { StreamsError } from '../tasks/streams-error.ts';
import type { StreamsSettings } from './streams-options.ts';

/**
 * How long faults that may pass by themselves are borne: Kafka's `task.timeout.ms`. A commit ends
 * the count, and so does a time as long without a fault.
 */
export class FaultPatience {
  readonly #timeoutMs: number;
  readonly #backOff: BackOff;
  #sinceMs = 0;
  #lastMs = Number.NEGATIVE_INFINITY;

  constructor({ taskTimeoutMs, retryBackoffMs, retryBackoffMaxMs }: StreamsSettings) {
    this.#timeoutMs = taskTimeoutMs;
    this.#backOff = new BackOff(retryBackoffMs, retryBackoffMaxMs);
  }

  /** Counts a fault. Throws where faults have gone on for too long. */
  bear(fault: unknown): void {
    const nowMs = performance.now();
    if (nowMs - this.#lastMs > this.#timeoutMs) this.progressed();
    if (this.#lastMs === Number.NEGATIVE_INFINITY) this.#sinceMs = nowMs;
    this.#lastMs = nowMs;
    if (nowMs - this.#sinceMs < this.#timeoutMs) return;
    const what = `no progress within ${this.#timeoutMs} ms, which is task.timeout.ms`;
    throw new StreamsError(`${what}: ${reasonOf(fault)}`, {}, fault);
  }

  /** The same, and waits before the next attempt. The first one comes at once. */
  async rest(fault: unknown): Promise<void> {
    this.bear(fault);
    const isFirst = this.#backOff.failures === 0;
    const restMs = this.#backOff.next();
    if (!isFirst) await pause(restMs);
  }

  /** Tries again what fails for a while. Throws what does not pass. */
  async retry<T>(attempt: () => Promise<T>): Promise<T> {
    for (;;) {
      try {
        return await attempt();
      } catch (thrown) {
        if (!toKafkaError(thrown).retriable) throw thrown;
        await this.rest(thrown);
      }
    }
  }

  /** Something was committed. */
  progressed(): void {
    this.#lastMs = Number.NEGATIVE_INFINITY;
    this.#backOff.reset();
  }
}
