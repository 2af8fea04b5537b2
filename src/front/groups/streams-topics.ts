import type { Clock } from '../../base/clock.ts';
import { reasonOf } from '../../base/errors.ts';
import { inBackground } from '../../base/in-background.ts';
import { errorMessage } from '../../base/kafka-error-texts.ts';
import type { RateLimitedLog } from '../../base/logger.ts';
import type { MetadataChanges } from '../../metadata/metadata-changes.ts';
import type { NewTopic } from '../../metadata/plan-topics.ts';

/** Topics whose failure is remembered. */
const FAILURES_MAX = 1000;

interface Failure {
  readonly reason: string;
  readonly untilMs: number;
}

/**
 * Makes the internal topics of streams groups in the background, each once at a time. Where one
 * cannot be made, that is remembered for a while: so long nobody tries again, and members are told
 * why it is missing.
 */
export class StreamsTopics {
  readonly #changes: MetadataChanges;
  readonly #clock: Clock;
  readonly #faults: RateLimitedLog;
  readonly #underWay = new Set<string>();
  readonly #failures = new Map<string, Failure>();

  constructor(changes: MetadataChanges, clock: Clock, faults: RateLimitedLog) {
    this.#changes = changes;
    this.#clock = clock;
    this.#faults = faults;
  }

  /** A failure is remembered for `rememberMs`. */
  make(topics: readonly NewTopic[], rememberMs: number): void {
    const wanted = topics.filter(({ name }) => {
      return !this.#underWay.has(name) && this.failureOf(name) === null;
    });
    if (wanted.length === 0) return;
    for (const { name } of wanted) this.#underWay.add(name);
    inBackground(this.#make(wanted, rememberMs), (thrown) => {
      for (const { name } of wanted) this.#noteFailure(name, reasonOf(thrown), rememberMs);
    });
  }

  /** Why the topic could not be made lately, or null. */
  failureOf(name: string): string | null {
    const failure = this.#failures.get(name);
    if (failure === undefined) return null;
    if (failure.untilMs > this.#clock.monotonicMs()) return failure.reason;
    this.#failures.delete(name);
    return null;
  }

  async #make(wanted: readonly NewTopic[], rememberMs: number): Promise<void> {
    const outcomes = await this.#changes.createTopics(wanted, false);
    for (const [index, { name }] of wanted.entries()) {
      this.#underWay.delete(name);
      const refused = outcomes[index]?.refused ?? null;
      if (refused === null) continue;
      this.#noteFailure(name, refused.message || errorMessage(refused.errorCode), rememberMs);
    }
  }

  #noteFailure(name: string, reason: string, rememberMs: number): void {
    const nowMs = this.#clock.monotonicMs();
    this.#underWay.delete(name);
    // A map keeps the order of insertion: the first one is the oldest.
    const [oldest] = this.#failures.keys();
    if (oldest !== undefined && this.#failures.size >= FAILURES_MAX) this.#failures.delete(oldest);
    this.#failures.delete(name);
    this.#failures.set(name, { reason, untilMs: nowMs + rememberMs });
    this.#faults.warn(
      `streams topic ${name}`,
      `the internal topic ${name} of a streams group cannot be made: ${reason}`,
      nowMs,
    );
  }
}
