import { type FrameMemory, heapMemory } from './frame-memory.ts';

/**
 * Cuts a byte stream into Kafka frames: int32 length, then that many bytes. A whole frame is handed
 * over where it lies in the chunk. Only a frame that the chunk's end cuts is copied into a buffer.
 * The buffer grows with the bytes that came, not with the declared length.
 */
const LENGTH_BYTES = 4;
const FIRST_GATHER_BYTES = 16 * 1024;
/**
 * A frame of which this much has come gets a buffer of its full length. Growing the buffer step by
 * step would copy the bytes again and again and leave garbage. Fresh memory is backed by the system
 * page by page, so the part that is not yet written costs nothing.
 */
const SMALL_BYTES = 128 * 1024;

/** `feed` took everything. */
export const FED_ALL = -1;
/** `feed` met a length that no client may send. */
export const FED_BAD_LENGTH = -2;

/**
 * Returns false to refuse the frame for now: it is fed again later. The bytes of a frame that it
 * takes are valid only until it returns.
 */
export type FrameSink = (bytes: Buffer, start: number, end: number) => boolean;

export class Framer {
  /** May change between two frames. */
  frameBytesMax: number;
  readonly #sink: FrameSink;
  readonly #memory: FrameMemory;
  /** The frame that is being gathered, with its length prefix, and the bytes of it so far. */
  #gathered: Buffer | null = null;
  #gatheredBytes = 0;
  /** The length that made `feed` return FED_BAD_LENGTH. */
  badLength = 0;

  constructor(frameBytesMax: number, sink: FrameSink, memory: FrameMemory = heapMemory) {
    this.frameBytesMax = frameBytesMax;
    this.#sink = sink;
    this.#memory = memory;
  }

  /** Bytes of an unfinished frame. */
  get gatheredBytes(): number {
    return this.#gatheredBytes;
  }

  /** Whether the frame is still unfinished after so many more bytes. */
  gathersOn(bytes: number): boolean {
    if (this.#gatheredBytes < LENGTH_BYTES) return false;
    return this.#gatheredBytes + bytes < LENGTH_BYTES + this.#gathered!.readInt32BE(0);
  }

  /** Memory that the unfinished frame takes. Of a large buffer only the written part counts. */
  get heldBytes(): number {
    if (this.#gathered === null) return 0;
    return Math.min(this.#gathered.length, Math.max(this.#gatheredBytes, SMALL_BYTES));
  }

  /**
   * Hands over every frame of the chunk. Returns FED_ALL, FED_BAD_LENGTH, or the index of the first
   * byte that was not taken because the sink refused a frame: feed again from there.
   */
  feed(chunk: Buffer, start: number, end: number): number {
    let at = start;
    if (this.#gathered !== null) {
      at = this.#gather(chunk, at, end);
      if (at < 0) return at;
      if (this.#gathered !== null) return at < end || this.#isWhole() ? at : FED_ALL;
    }
    while (end - at >= LENGTH_BYTES) {
      const length = chunk.readInt32BE(at);
      if (length < 0 || length > this.frameBytesMax) return this.#refuseLength(length);
      const frameEnd = at + LENGTH_BYTES + length;
      if (frameEnd > end) break;
      if (!this.#sink(chunk, at + LENGTH_BYTES, frameEnd)) return at;
      at = frameEnd;
    }
    if (at < end) this.#startGathering(chunk, at, end);
    return FED_ALL;
  }

  #refuseLength(length: number): number {
    this.badLength = length;
    return FED_BAD_LENGTH;
  }

  #startGathering(chunk: Buffer, at: number, end: number): void {
    const have = end - at;
    const whole = have >= LENGTH_BYTES ? LENGTH_BYTES + chunk.readInt32BE(at) : LENGTH_BYTES;
    const known = have >= SMALL_BYTES ? whole : Math.min(whole, FIRST_GATHER_BYTES);
    const room = Math.max(have, known);
    this.#gathered = this.#memory.take(room);
    chunk.copy(this.#gathered, 0, at, end);
    this.#gatheredBytes = have;
  }

  /** Adds to the unfinished frame and hands over a whole one. Returns where the chunk goes on. */
  #gather(chunk: Buffer, start: number, end: number): number {
    let at = start;
    if (this.#gatheredBytes < LENGTH_BYTES) {
      at = this.#append(chunk, at, Math.min(end, at + LENGTH_BYTES - this.#gatheredBytes));
      if (this.#gatheredBytes < LENGTH_BYTES) return at;
    }
    const length = this.#gathered!.readInt32BE(0);
    if (length < 0 || length > this.frameBytesMax) return this.#refuseLength(length);
    const missing = LENGTH_BYTES + length - this.#gatheredBytes;
    at = this.#append(chunk, at, Math.min(end, at + missing));
    if (!this.#isWhole()) return at;
    if (!this.#sink(this.#gathered!, LENGTH_BYTES, this.#gatheredBytes)) return at;
    this.drop();
    return at;
  }

  /** Gives the memory of an unfinished frame back. */
  drop(): void {
    if (this.#gathered === null) return;
    this.#memory.giveBack(this.#gathered);
    this.#gathered = null;
    this.#gatheredBytes = 0;
  }

  #isWhole(): boolean {
    if (this.#gatheredBytes < LENGTH_BYTES) return false;
    return this.#gatheredBytes === LENGTH_BYTES + this.#gathered!.readInt32BE(0);
  }

  #append(chunk: Buffer, at: number, end: number): number {
    const needed = this.#gatheredBytes + end - at;
    if (needed > this.#gathered!.length) this.#grow(needed);
    chunk.copy(this.#gathered!, this.#gatheredBytes, at, end);
    this.#gatheredBytes = needed;
    return end;
  }

  #grow(needed: number): void {
    const whole =
      this.#gatheredBytes >= LENGTH_BYTES
        ? LENGTH_BYTES + this.#gathered!.readInt32BE(0)
        : FIRST_GATHER_BYTES;
    const grown = needed >= SMALL_BYTES ? whole : this.#gathered!.length * 2;
    const room = Math.max(needed, Math.min(whole, grown));
    const larger = this.#memory.take(room);
    this.#gathered!.copy(larger, 0, 0, this.#gatheredBytes);
    this.#memory.giveBack(this.#gathered!);
    this.#gathered = larger;
  }
}
