import type { Connection } from './connection.ts';

/**
 * Bounds the unfinished and waiting requests of all connections (queued.max.request.bytes). Over
 * the bound, a socket with such bytes is not read until others have freed theirs. One connection
 * at a time may finish its frame over the bound.
 */
export class MemoryBudget {
  readonly #bytesMax: number;
  #usedBytes = 0;
  readonly #waiting = new Set<Connection>();
  /** One connection may finish its frame over the budget, or all could wait for each other. */
  #beyond: Connection | null = null;

  constructor(bytesMax: number) {
    this.#bytesMax = bytesMax;
  }

  get usedBytes(): number {
    return this.#usedBytes;
  }

  get isExhausted(): boolean {
    return this.#usedBytes > this.#bytesMax;
  }

  charge(bytes: number): void {
    this.#usedBytes += bytes;
    if (bytes < 0 && this.#waiting.size > 0 && !this.isExhausted) this.#letGo();
  }

  pauseUntilFree(connection: Connection): void {
    if (connection === this.#beyond) return;
    if (this.#beyond === null && !connection.isStalled) {
      this.#beyond = connection;
      this.#waiting.delete(connection);
      return;
    }
    connection.transport.pause();
    this.#waiting.add(connection);
  }

  /** The budget resumes it when there is room. Until then nobody else may resume it. */
  isWaiting(connection: Connection): boolean {
    return this.#waiting.has(connection);
  }

  /** The connection holds nothing now. If it was the one over the budget, another may be. */
  letPass(connection: Connection): void {
    this.#waiting.delete(connection);
    if (connection !== this.#beyond) return;
    this.#beyond = null;
    if (!this.isExhausted) return;
    for (const next of this.#waiting) {
      this.#waiting.delete(next);
      if (next.closed || next.isStalled) continue;
      this.#beyond = next;
      next.transport.resume();
      return;
    }
  }

  #letGo(): void {
    const waiting = [...this.#waiting];
    this.#waiting.clear();
    for (const connection of waiting) {
      if (!connection.closed && !connection.isStalled) connection.transport.resume();
    }
  }
}
