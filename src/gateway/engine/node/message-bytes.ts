import { unmask } from './unmask.ts';

const FIRST_BYTES_MAX = 64 * 1024;

/**
 * The payload of one message, gathered from as many frames and reads as it comes in. Memory grows
 * with what has come, not with what a frame says that will come.
 */
export class MessageBytes {
  #bytes = new Uint8Array(0);
  length = 0;

  /** Adds bytes of a frame. `expected` are those that the frame still has, with these. */
  append(
    source: Buffer,
    from: number,
    to: number,
    mask: number,
    phase: number,
    expected: number,
  ): void {
    const begin = this.length;
    const end = begin + to - from;
    if (end > this.#bytes.length) this.#grow(end, begin + expected);
    this.#bytes.set(source.subarray(from, to), begin);
    unmask(this.#bytes, begin, end, mask, phase);
    this.length = end;
  }

  #grow(needed: number, expected: number): void {
    const roomy = Math.max(needed, FIRST_BYTES_MAX, this.#bytes.length * 2);
    const larger = new Uint8Array(Math.min(expected, roomy));
    larger.set(this.#bytes.subarray(0, this.length));
    this.#bytes = larger;
  }

  /** Hands the message over and begins an empty one. */
  take(): ArrayBuffer {
    const { buffer } = this.#bytes;
    const message = buffer.byteLength === this.length ? buffer : buffer.slice(0, this.length);
    this.#bytes = new Uint8Array(0);
    this.length = 0;
    return message;
  }
}
