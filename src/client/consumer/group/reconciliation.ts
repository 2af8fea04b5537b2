import { inBackground } from '../../../base/in-background.ts';
import { toKafkaError } from '../../errors/kafka-error.ts';
import type { MembershipEvents } from './membership.ts';

/**
 * Brings a member to what its group wants it to have, one step after the other. It goes on in the
 * background, and heartbeats go on meanwhile: what is given up may have much to commit, and a
 * listener may take its time.
 */
export class Reconciliation {
  readonly #events: MembershipEvents;
  readonly #step: () => Promise<void>;
  #isRunning = false;
  #isWanted = false;
  #ended: Promise<void> = Promise.resolve();

  constructor(events: MembershipEvents, step: () => Promise<void>) {
    this.#events = events;
    this.#step = step;
  }

  /** Resolves when nothing goes on, whatever became of it. */
  get ended(): Promise<void> {
    return this.#ended;
  }

  /** Where a step goes on already, another follows it. */
  begin(): void {
    this.#isWanted = true;
    if (this.#isRunning) return;
    this.#isRunning = true;
    this.#events.onRebalance('begun');
    this.#ended = inBackground(this.#run(), (thrown) => {
      this.#isRunning = false;
      this.#events.onRebalance('failed');
      this.#events.onError(toKafkaError(thrown));
    });
  }

  async #run(): Promise<void> {
    while (this.#isWanted) {
      this.#isWanted = false;
      await this.#step();
    }
    this.#isRunning = false;
  }
}
