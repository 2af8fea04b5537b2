import type { TopicPartition } from '../../client/topic-partition.ts';

/** Told how stores are filled from their changelogs before their tasks run. */
export interface RestoreListener {
  /** A changelog is read from now on. */
  onRestoreStart?(at: TopicPartition, store: string, start: number, end: number): void;
  /** `offset` is that of the next row to come. */
  onBatchRestored?(at: TopicPartition, store: string, offset: number, rows: number): void;
  /** It is over: the store has all that the changelog had when it began. */
  onRestoreEnd?(at: TopicPartition, store: string, rows: number): void;
  /** The task went to another instance before it was over. */
  onRestoreSuspended?(at: TopicPartition, store: string, rows: number): void;
}

/** Told how standbys follow their changelogs. */
export interface StandbyListener {
  /** A standby follows a changelog from now on. */
  onUpdateStart?(at: TopicPartition, store: string, start: number): void;
  /** `offset` is that of the next row to come, and `end` where the changelog ends now. */
  onBatchLoaded?(
    at: TopicPartition,
    store: string,
    offset: number,
    rows: number,
    end: number,
  ): void;
  /** It follows no more: `promoted` where the task runs here from now on, else `migrated`. */
  onUpdateSuspended?(
    at: TopicPartition,
    store: string,
    offset: number,
    reason: 'migrated' | 'promoted',
  ): void;
}

/** Who is told of the stores of an instance. */
export interface StoreListeners {
  readonly restores: Listeners<RestoreListener>;
  readonly standbys: Listeners<StandbyListener>;
}

/** Listeners of which one that throws keeps nobody from being told. */
export class Listeners<Listener extends object> {
  readonly #listeners = new Set<Listener>();
  readonly #onFailure: (thrown: unknown) => void;

  constructor(onFailure: (thrown: unknown) => void) {
    this.#onFailure = onFailure;
  }

  /** The function that it returns removes the listener. */
  add(listener: Listener): () => void {
    this.#listeners.add(listener);
    return () => this.#listeners.delete(listener);
  }

  tell(call: (listener: Listener) => void): void {
    for (const listener of this.#listeners) {
      try {
        call(listener);
      } catch (thrown) {
        this.#onFailure(thrown);
      }
    }
  }
}
