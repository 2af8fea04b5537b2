import type { NodeContext } from '../../topology/node-context.ts';

/**
 * Decides when the results of closed windows are due. It looks only every `emitIntervalMs`, and
 * remembers how far it has emitted beside the task's offsets. Results that the store is about to
 * hide, because the next record makes them older than its retention, go on before that record is
 * taken. (In Kafka they are lost unless the record cache still has them.)
 */
export class WindowEmitter {
  /** -1 before the first emission. */
  lastCloseTime: number;
  readonly #context: NodeContext;
  readonly #store: string;
  readonly #retentionMs: number;
  #nextTime = 0;

  constructor(context: NodeContext, store: string, retentionMs: number) {
    this.#context = context;
    this.#store = store;
    this.#retentionMs = retentionMs;
    this.lastCloseTime = context.processorMetadata(store) ?? -1;
  }

  isDue(closeTime: number): boolean {
    const now = this.#context.systemTime();
    if (now < this.#nextTime) return false;
    this.#nextTime = now + this.#context.emitIntervalMs;
    return this.lastCloseTime === -1 || this.lastCloseTime < closeTime;
  }

  /**
   * Whether the store hides results that have not gone on, which begin at `from`, once it has a row
   * of the time `newest`.
   */
  isHiding(from: number, newest: number): boolean {
    return newest - this.#retentionMs >= from;
  }

  /** Everything up to this time of closing is being emitted, and is not asked for again. */
  emits(closeTime: number): void {
    this.lastCloseTime = closeTime;
  }

  /** All of it has gone on: the commit remembers it. */
  emitted(closeTime: number): void {
    this.#context.setProcessorMetadata(this.#store, closeTime);
  }
}
