/** Gives the memory in which frames that come in pieces are put together. */
export interface FrameMemory {
  /** A buffer of this length or longer. */
  take(bytes: number): Buffer;
  /** The buffer is used no more. */
  giveBack(room: Buffer): void;
}

/** Memory of V8's heap, which the collector frees. */
export const heapMemory: FrameMemory = {
  take: (bytes) => Buffer.allocUnsafeSlow(bytes),
  giveBack() {},
};

const LARGE_BYTES = 256 * 1024;
const SPARE_ROOMS_MAX = 4;
const SPARE_MS = 1000;

/** Memory that the system maps, through the addon. */
export interface Mapping {
  mapMemory(length: number): Buffer;
  unmap(buffer: Buffer): boolean;
}

/**
 * Large frames get mapped memory, which is used again for the next frame. The system must find and
 * clear fresh memory, and that takes longer than reading a frame into it.
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
    const index = this.#spare.findIndex((room) => room.length >= bytes);
    if (index < 0) return this.#mapping.mapMemory(bytes);
    return this.#spare.splice(index, 1)[0]!;
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
