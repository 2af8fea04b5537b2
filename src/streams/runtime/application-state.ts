import { KafkaError } from '../../client/errors/kafka-error.ts';
import type { StreamsState } from './streams-state.ts';

/** Told of each change of state. */
export type StateListener = (now: StreamsState, before: StreamsState) => void;

/** The state of an application, and who is told of its changes. */
export class ApplicationState {
  #now: StreamsState = 'CREATED';
  readonly #listeners = new Set<StateListener>();

  get now(): StreamsState {
    return this.#now;
  }

  /** Whether it was started, and does not end. */
  get isAlive(): boolean {
    return this.#now === 'REBALANCING' || this.#now === 'RUNNING';
  }

  /** The function that it returns removes the listener. */
  listen(listener: StateListener): () => void {
    this.#listeners.add(listener);
    return () => this.#listeners.delete(listener);
  }

  /** Throws where it was started before. */
  requireNew(): void {
    if (this.#now === 'CREATED') return;
    throw new KafkaError('BAD_ARGUMENT', `it was started already and is ${this.#now}`);
  }

  become(state: StreamsState): void {
    const before = this.#now;
    if (state === before) return;
    this.#now = state;
    for (const listener of this.#listeners) listener(state, before);
  }
}
