import type { GroupReader } from './group-reader.ts';

/** An idle loop turns so often in the time of a session, so that a stop can be told from rest. */
const TURNS_A_SESSION = 4;
/** Where it waits for the group, it looks so often. */
const LOOK_MS = 50;

/**
 * A process that was stopped for longer than its session may have lost its tasks to others: it
 * takes no record before the group says that it is still a member.
 */
export class StopGuard {
  readonly #reader: GroupReader;
  /** When the last turn was, and the last one that came too late for the group. */
  #turnMs = performance.now();
  #lateMs = Number.NEGATIVE_INFINITY;

  constructor(reader: GroupReader) {
    this.#reader = reader;
  }

  /** Asked in each turn. */
  isUnheard(): boolean {
    const nowMs = performance.now();
    if (nowMs - this.#turnMs > this.#reader.sessionMs) this.#lateMs = nowMs;
    this.#turnMs = nowMs;
    return !this.#reader.wasHeardSince(this.#lateMs);
  }

  /** For how long the loop may rest at most. */
  get restMs(): number {
    if (!this.#reader.wasHeardSince(this.#lateMs)) return LOOK_MS;
    return this.#reader.sessionMs / TURNS_A_SESSION;
  }
}
