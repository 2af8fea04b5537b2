/** Frames of up to so many bytes are written from memory that is used again. */
const KEPT_BYTES_MAX = 512 * 1024;

/**
 * The memory that frames are built in. The system takes most frames at once, and then the next
 * frame may overwrite this one: it costs a copy in the processor's cache, and no new memory. A
 * frame that must wait for its reader keeps the memory, and the next one gets new memory.
 */
export class FrameScratch {
  #bytes: Buffer | null = null;

  /** Valid until the next `take`, unless `giveAway` is called before. */
  take(size: number): Buffer {
    if (size > KEPT_BYTES_MAX) return Buffer.allocUnsafeSlow(size);
    if (this.#bytes === null || this.#bytes.length < size) {
      const roomy = Math.min(KEPT_BYTES_MAX, Math.max(size * 2, KEPT_BYTES_MAX / 8));
      this.#bytes = Buffer.allocUnsafeSlow(roomy);
    }
    return this.#bytes.subarray(0, size);
  }

  /** The last frame keeps its memory. */
  giveAway(): void {
    this.#bytes = null;
  }
}
