import type { Connection } from './connection.ts';

/**
 * What all connections together may hold of unfinished and waiting requests
 * (queued.max.request.bytes). Over it, sockets that hold something are not read until others have
 * let go; a part is kept back for those that hold nothing yet, so that small requests such as
 * heartbeats always get through.
 */
export class MemoryBudget {
  readonly #bytesMax: number;
  #usedBytes = 0;
  readonly #waiting = new Set<Connection>();

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
    connection.transport.pause();
    this.#waiting.add(connection);
  }

  #letGo(): void {
    const waiting = [...this.#waiting];
    this.#waiting.clear();
    for (const connection of waiting) {
      if (!connection.closed && !connection.isStalled) connection.transport.resume();
    }
  }
}
