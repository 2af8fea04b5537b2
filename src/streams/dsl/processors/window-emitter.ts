import type { NodeContext } from '../../topology/node-context.ts';

/**
 * Decides when the results of closed windows are due. It looks only every `emitIntervalMs`, and
 * remembers how far it has emitted beside the task's offsets.
 */
export class WindowEmitter {
  /** -1 before the first emission. */
  lastCloseTime: number;
  readonly #context: NodeContext;
  readonly #store: string;
  #nextTime = 0;

  constructor(context: NodeContext, store: string) {
    this.#context = context;
    this.#store = store;
    this.lastCloseTime = context.processorMetadata(store) ?? -1;
  }

  isDue(closeTime: number): boolean {
    const now = this.#context.systemTime();
    if (now < this.#nextTime) return false;
    this.#nextTime = now + this.#context.emitIntervalMs;
    return this.lastCloseTime === -1 || this.lastCloseTime < closeTime;
  }

  /** Everything up to this time of closing has been emitted. */
  emitted(closeTime: number): void {
    this.lastCloseTime = closeTime;
    this.#context.setProcessorMetadata(this.#store, closeTime);
  }
}
