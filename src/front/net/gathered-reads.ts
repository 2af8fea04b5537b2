import type { TurnMemory } from '../../base/turn-memory.ts';

/** Takes what was gathered for it. */
export interface ReadTaker {
  takeReads(): void;
}

/**
 * What TLS has decrypted comes in pieces of a record, 16 KB, and each would be answered by itself.
 * So the pieces of a turn of the event loop are put together, in the memory of the sockets' reads:
 * whole frames lie in one piece there, are written to the log together, and are answered together.
 */
export class GatheredReads {
  readonly #memory: TurnMemory;
  #takers: ReadTaker[] = [];
  readonly #onTurnEnd = (): void => this.#endTurn();

  constructor(memory: TurnMemory) {
    this.#memory = memory;
  }

  get bytes(): Buffer {
    return this.#memory.bytes;
  }

  /** Has `takeReads` called at the end of the turn. */
  await(taker: ReadTaker): void {
    this.#takers.push(taker);
    if (this.#takers.length === 1) setImmediate(this.#onTurnEnd);
  }

  /**
   * Puts pieces together that are `size` bytes long, READ_BYTES_MAX at most. Returns where in
   * `bytes` they begin.
   */
  put(pieces: readonly Buffer[], size: number): number {
    const start = this.#memory.tookRead(size);
    let at = start;
    for (let i = 0; i < pieces.length; i++) {
      pieces[i]!.copy(this.#memory.bytes, at);
      at += pieces[i]!.length;
    }
    return start;
  }

  #endTurn(): void {
    const takers = this.#takers;
    this.#takers = [];
    for (let i = 0; i < takers.length; i++) takers[i]!.takeReads();
  }
}
