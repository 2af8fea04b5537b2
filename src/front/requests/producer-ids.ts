import type { MetadataChanges } from '../../metadata/metadata-changes.ts';

/** Hands out producer ids from blocks. The metadata log never gives out a block twice. */
export class ProducerIds {
  readonly #changes: MetadataChanges;
  #next = 0;
  #end = 0;
  #refill: Promise<void> | null = null;

  constructor(changes: MetadataChanges) {
    this.#changes = changes;
  }

  /** Rejects with MILLRACE_STORAGE when it needs a block and the metadata log is not writable. */
  async next(): Promise<number> {
    while (this.#next === this.#end) {
      this.#refill ??= this.#takeBlock().finally(() => {
        this.#refill = null;
      });
      await this.#refill;
    }
    return this.#next++;
  }

  async #takeBlock(): Promise<void> {
    const { first, end } = await this.#changes.allocateProducerIds();
    this.#next = first;
    this.#end = end;
  }
}
