/** Where frames that come in pieces are put together. */
export interface FrameMemory {
  /** Of this length or longer. */
  take(bytes: number): Buffer;
  /** Nobody uses it any more. */
  giveBack(room: Buffer): void;
}

/** The collector's. */
export const heapMemory: FrameMemory = {
  take: (bytes) => Buffer.allocUnsafeSlow(bytes),
  giveBack() {},
};

const LARGE_BYTES = 4 * 1024 * 1024;
const SPARE_ROOMS_MAX = 4;
const SPARE_MS = 1000;

/** The system's, as the addon gives it. */
export interface Mapping {
  mapMemory(length: number): Buffer;
  unmap(buffer: Buffer): boolean;
}

/**
 * Large frames get pages of their own, which serve frame after frame while there are any: memory
 * that is new must be found and cleared by the system, which takes longer than to read a frame.
 */
export class MappedMemory implements FrameMemory {
  readonly #mapping: Mapping;
  #spare: Buffer[] = [];
  #letGoTimer: NodeJS.Timeout | null = null;

  constructor(mapping: Mapping) {
    this.#mapping = mapping;
  }

  take(bytes: number): Buffer {
    if (bytes < LARGE_BYTES) return heapMemory.take(bytes);
    const place = this.#spare.findIndex((room) => room.length >= bytes);
    if (place < 0) return this.#mapping.mapMemory(bytes);
    return this.#spare.splice(place, 1)[0]!;
  }

  giveBack(room: Buffer): void {
    if (room.length < LARGE_BYTES) return;
    if (this.#spare.length >= SPARE_ROOMS_MAX) {
      this.#mapping.unmap(room);
      return;
    }
    this.#spare.push(room);
    if (this.#letGoTimer === null) {
      this.#letGoTimer = setTimeout(() => this.#letGo(), SPARE_MS);
      this.#letGoTimer.unref();
    } else {
      this.#letGoTimer.refresh();
    }
  }

  #letGo(): void {
    this.#letGoTimer = null;
    for (const room of this.#spare) this.#mapping.unmap(room);
    this.#spare = [];
  }
}
