import type { ProducerIdBlock } from './controller.ts';

/** Hands out producer ids from blocks that are taken from the metadata one at a time. */
export class ProducerIds {
  readonly #allocate: () => Promise<ProducerIdBlock>;
  #next = 0;
  #end = 0;
  #refilling: Promise<void> | null = null;

  constructor(allocate: () => Promise<ProducerIdBlock>) {
    this.#allocate = allocate;
  }

  /** Rejects with MILLRACE_STORAGE when a new block is needed and cannot be taken. */
  async next(): Promise<number> {
    while (this.#next === this.#end) {
      this.#refilling ??= this.#refill();
      await this.#refilling;
    }
    return this.#next++;
  }

  async #refill(): Promise<void> {
    try {
      const block = await this.#allocate();
      this.#next = block.first;
      this.#end = block.end;
    } finally {
      this.#refilling = null;
    }
  }
}
