import type { Frame } from './frame.ts';

/** Bytes that one partition keeps in one format. */
const SHELF_BYTES_MAX = 4 * 1024 * 1024;

/**
 * Frames of one partition in one format that were made lately, for cursors that come to the same
 * position.
 */
export class FrameShelf {
  readonly #frames = new Map<number, Frame>();
  readonly #budget: { bytes: number; readonly bytesMax: number };
  #bytes = 0;
  usedAtMs = 0;

  constructor(budget: { bytes: number; readonly bytesMax: number }) {
    this.#budget = budget;
  }

  find(position: number): Frame | undefined {
    return this.#frames.get(position);
  }

  put(frame: Frame): void {
    const size = frame.bytes.length;
    this.#remove(frame.position);
    while (this.#bytes + size > SHELF_BYTES_MAX && this.#bytes > 0) this.#removeOldest();
    if (this.#budget.bytes + size > this.#budget.bytesMax) return;
    this.#frames.set(frame.position, frame);
    this.#bytes += size;
    this.#budget.bytes += size;
  }

  #removeOldest(): void {
    for (const position of this.#frames.keys()) {
      this.#remove(position);
      return;
    }
  }

  #remove(position: number): void {
    const frame = this.#frames.get(position);
    if (frame === undefined) return;
    this.#frames.delete(position);
    this.#bytes -= frame.bytes.length;
    this.#budget.bytes -= frame.bytes.length;
  }

  clear(): void {
    this.#budget.bytes -= this.#bytes;
    this.#bytes = 0;
    this.#frames.clear();
  }
}
