import type { MemberState, MembershipSink } from './member-state.ts';

interface Waiting {
  readonly state: MemberState;
  readonly resolve: (isReached: boolean) => void;
}

/** What the front knows of its broker's membership in the cluster. */
export class ClusterMember implements MembershipSink {
  #epoch = -1;
  #state: MemberState | null = null;
  #isAbandoned = false;
  #waiting: Waiting[] = [];
  readonly #heartbeats = { count: 0, lateMsMax: 0, answerMsMax: 0 };

  /** Of the registration; -1 before there is one. */
  get epoch(): number {
    return this.#epoch;
  }

  /** It was let in, and is not any more: no client is sent here. */
  get isFenced(): boolean {
    return this.#state === 'fenced';
  }

  /** Those that were answered since the start. */
  get heartbeats() {
    return this.#heartbeats;
  }

  /** Resolves with true once the broker is in that state, with false where it will not be. */
  reached(state: MemberState): Promise<boolean> {
    if (this.#state === state) return Promise.resolve(true);
    if (this.#isAbandoned) return Promise.resolve(false);
    return new Promise((resolve) => this.#waiting.push({ state, resolve }));
  }

  /** The broker stops before it was let in. */
  abandon(): void {
    this.#isAbandoned = true;
    for (const { resolve } of this.#waiting.splice(0)) resolve(false);
  }

  onMember(state: MemberState, epoch: number): void {
    this.#state = state;
    if (epoch >= 0) this.#epoch = epoch;
    const reached = this.#waiting.filter((each) => each.state === state);
    this.#waiting = this.#waiting.filter((each) => each.state !== state);
    for (const { resolve } of reached) resolve(true);
  }

  onHeartbeat(lateMs: number, answerMs: number): void {
    const known = this.#heartbeats;
    known.count++;
    known.lateMsMax = Math.max(known.lateMsMax, lateMs);
    known.answerMsMax = Math.max(known.answerMsMax, answerMs);
  }
}
