/**
 * Memory for keys and values outside the V8 heap, given out in blocks. A block has an
 * address, an int32:
 *
 *   chunk number << 17 | byte in the chunk / 8
 *
 * Address 0 is no block. Blocks come in size classes, and a freed block waits in the list of its
 * class, whose links are kept in the freed blocks themselves. The first chunks are small, so that
 * a store with little data costs little. A block larger than a chunk gets a chunk of its own.
 */
import { StateError } from '../state-error.ts';

const UNIT_SHIFT = 3;
const CHUNK_SHIFT = 17;
const OFFSET_MASK = (1 << CHUNK_SHIFT) - 1;
const CHUNK_BYTES = 1 << (CHUNK_SHIFT + UNIT_SHIFT);
const FIRST_CHUNK_BYTES = 4096;
const FIRST_BYTE = 16;
const CHUNKS_MAX = 1 << (31 - CHUNK_SHIFT);

/** Up to this size the classes are 16 bytes apart, beyond it four to each power of two. */
const FINE_BYTES = 1024;
const FINE_CLASSES = FINE_BYTES / 16;
const CLASSES = FINE_CLASSES + 4 * 10;
const NO_BYTES = Buffer.alloc(0);
const NO_VIEW = new DataView(new ArrayBuffer(0));

/** The class of a block of so many bytes, at least one. */
function classOf(bytes: number): number {
  if (bytes <= FINE_BYTES) return ((bytes + 15) >>> 4) - 1;
  const power = 31 - Math.clz32(bytes - 1);
  const quarter = (bytes - 1 - (1 << power)) >>> (power - 2);
  return FINE_CLASSES + (power - 10) * 4 + quarter;
}

function sizeOfClass(sizeClass: number): number {
  if (sizeClass < FINE_CLASSES) return (sizeClass + 1) << 4;
  const power = 10 + ((sizeClass - FINE_CLASSES) >>> 2);
  const quarter = (sizeClass - FINE_CLASSES) & 3;
  return (1 << power) + (quarter + 1) * (1 << (power - 2));
}

export class Arena {
  /** By chunk number. `chunks[address >>> 17]` is where a block lies. */
  readonly chunks: Buffer[] = [];
  /** The same memory, for numbers. */
  readonly #views: DataView[] = [];
  readonly #words: Int32Array[] = [];
  readonly #freed = new Int32Array(CLASSES);
  readonly #freeChunks: number[] = [];
  /** The chunk that blocks are cut off, and how much of it is taken. */
  #current = -1;
  #taken = 0;
  #nextChunkBytes = FIRST_CHUNK_BYTES;
  /** Of the blocks given out. */
  usedBytes = 0;
  /** Of the chunks. */
  reservedBytes = 0;

  /** Where in its chunk a block begins. */
  static offsetOf(address: number): number {
    return (address & OFFSET_MASK) << UNIT_SHIFT;
  }

  static isSameClass(one: number, other: number): boolean {
    return one <= CHUNK_BYTES && other <= CHUNK_BYTES && classOf(one) === classOf(other);
  }

  chunkOf(address: number): Buffer {
    return this.chunks[address >>> CHUNK_SHIFT]!;
  }

  viewOf(address: number): DataView {
    return this.#views[address >>> CHUNK_SHIFT]!;
  }

  allocate(bytes: number): number {
    if (bytes > CHUNK_BYTES) return this.#allocateLarge(bytes);
    const sizeClass = classOf(bytes === 0 ? 1 : bytes);
    const size = sizeOfClass(sizeClass);
    this.usedBytes += size;
    const freed = this.#freed[sizeClass]!;
    if (freed !== 0) {
      this.#freed[sizeClass] = this.#words[freed >>> CHUNK_SHIFT]![(freed & OFFSET_MASK) << 1]!;
      return freed;
    }
    if (this.#current < 0) this.#openChunk(FIRST_CHUNK_BYTES - FIRST_BYTE);
    if (this.#taken + size > this.chunks[this.#current]!.length) this.#openChunk(size);
    const address = (this.#current << CHUNK_SHIFT) | (this.#taken >>> UNIT_SHIFT);
    this.#taken += size;
    return address;
  }

  /** `bytes` is what the block was asked for with. */
  free(address: number, bytes: number): void {
    if (bytes > CHUNK_BYTES) {
      this.usedBytes -= bytes;
      this.#freeLarge(address >>> CHUNK_SHIFT);
      return;
    }
    const sizeClass = classOf(bytes === 0 ? 1 : bytes);
    this.usedBytes -= sizeOfClass(sizeClass);
    this.#list(address, sizeClass);
  }

  clear(): void {
    this.chunks.length = 0;
    this.#views.length = 0;
    this.#words.length = 0;
    this.#freeChunks.length = 0;
    this.#freed.fill(0);
    this.#current = -1;
    this.#taken = 0;
    this.#nextChunkBytes = FIRST_CHUNK_BYTES;
    this.usedBytes = 0;
    this.reservedBytes = 0;
  }

  #list(address: number, sizeClass: number): void {
    this.#words[address >>> CHUNK_SHIFT]![(address & OFFSET_MASK) << 1] = this.#freed[sizeClass]!;
    this.#freed[sizeClass] = address;
  }

  /** What is left of the chunk before becomes a freed block. */
  #openChunk(size: number): void {
    if (this.#current >= 0) {
      const left = this.chunks[this.#current]!.length - this.#taken;
      let sizeClass = left < 16 ? -1 : classOf(left);
      if (sizeClass >= 0 && sizeOfClass(sizeClass) > left) sizeClass--;
      if (sizeClass >= 0) {
        this.#list((this.#current << CHUNK_SHIFT) | (this.#taken >>> UNIT_SHIFT), sizeClass);
      }
    }
    while (this.#nextChunkBytes < size) this.#nextChunkBytes *= 2;
    // Address 0 means no block, so the first chunk gives its first bytes to nobody.
    this.#taken = this.chunks.length === 0 ? FIRST_BYTE : 0;
    this.#current = this.#addChunk(this.#nextChunkBytes);
    this.#nextChunkBytes = Math.min(this.#nextChunkBytes * 2, CHUNK_BYTES);
  }

  #addChunk(bytes: number): number {
    const number = this.#freeChunks.pop() ?? this.chunks.length;
    if (number >= CHUNKS_MAX) throw new StateError('STATE_FULL', 'a store holds at most 16 GB');
    const memory = new ArrayBuffer((bytes + 7) & ~7);
    this.chunks[number] = Buffer.from(memory);
    this.#views[number] = new DataView(memory);
    this.#words[number] = new Int32Array(memory, 0, memory.byteLength >>> 2);
    this.reservedBytes += memory.byteLength;
    return number;
  }

  #allocateLarge(bytes: number): number {
    if (this.#current < 0) this.#openChunk(FIRST_CHUNK_BYTES - FIRST_BYTE);
    this.usedBytes += bytes;
    return this.#addChunk(bytes) << CHUNK_SHIFT;
  }

  #freeLarge(number: number): void {
    this.reservedBytes -= this.chunks[number]!.length;
    this.chunks[number] = NO_BYTES;
    this.#views[number] = NO_VIEW;
    this.#words[number] = new Int32Array(0);
    this.#freeChunks.push(number);
  }
}
