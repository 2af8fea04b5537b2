/**
 * What every thread may know of every partition, eight 32-bit words a slot:
 *
 *   0  version: odd while the owner writes      4,5  log end offset, low and high half
 *   1  (unused)                                 6,7  log start offset, low and high half
 *   2,3  high watermark, low and high half
 *
 * Only the worker that owns the partition writes its slot.
 */
const WORDS_PER_SLOT = 8;
const VERSION = 0;
const HIGH_WATERMARK = 2;
const LOG_END = 4;
const LOG_START = 6;
const TWO_32 = 2 ** 32;

export function createPublishedMemory(slotCount: number): SharedArrayBuffer {
  return new SharedArrayBuffer(slotCount * WORDS_PER_SLOT * 4);
}

export class PublishedWords {
  readonly slotCount: number;
  readonly #words: Int32Array;
  highWatermark = 0;
  logEnd = 0;
  logStart = 0;

  constructor(memory: SharedArrayBuffer) {
    this.#words = new Int32Array(memory);
    this.slotCount = this.#words.length / WORDS_PER_SLOT;
  }

  publish(slot: number, logStart: number, highWatermark: number, logEnd: number): void {
    const words = this.#words;
    const at = slot * WORDS_PER_SLOT;
    Atomics.add(words, at + VERSION, 1);
    writeOffset(words, at + HIGH_WATERMARK, highWatermark);
    writeOffset(words, at + LOG_END, logEnd);
    writeOffset(words, at + LOG_START, logStart);
    Atomics.add(words, at + VERSION, 1);
  }

  /** Reads a slot into this object's fields, all of one instant. */
  read(slot: number): void {
    const words = this.#words;
    const at = slot * WORDS_PER_SLOT;
    for (;;) {
      const before = Atomics.load(words, at + VERSION);
      this.highWatermark = readOffset(words, at + HIGH_WATERMARK);
      this.logEnd = readOffset(words, at + LOG_END);
      this.logStart = readOffset(words, at + LOG_START);
      if ((before & 1) === 0 && Atomics.load(words, at + VERSION) === before) return;
    }
  }
}

function writeOffset(words: Int32Array, at: number, offset: number): void {
  words[at] = offset | 0;
  words[at + 1] = Math.floor(offset / TWO_32);
}

function readOffset(words: Int32Array, at: number): number {
  return words[at + 1]! * TWO_32 + (words[at]! >>> 0);
}
