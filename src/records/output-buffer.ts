import { MillraceError } from '../base/errors.ts';

export function corrupt(what: string): MillraceError {
  return new MillraceError('MILLRACE_CORRUPT', what);
}

export function tooLarge(codec: string, maxBytes: number): MillraceError {
  return corrupt(`${codec} data would grow past the limit of ${maxBytes} bytes`);
}

/**
 * Where a decompressor writes. It grows by what is written, never by what a header declares, and
 * refuses to grow past its limit.
 */
export class OutputBuffer {
  readonly #codec: string;
  readonly #maxBytes: number;
  bytes: Uint8Array;
  length = 0;

  constructor(codec: string, hintBytes: number, maxBytes: number) {
    this.#codec = codec;
    this.#maxBytes = maxBytes;
    this.bytes = Buffer.allocUnsafeSlow(Math.min(Math.max(hintBytes, 1), maxBytes));
  }

  /** Makes room for `more` bytes after `length`. `bytes` may be another array afterwards. */
  reserve(more: number): void {
    const needed = this.length + more;
    if (needed <= this.bytes.length) return;
    if (needed > this.#maxBytes) throw tooLarge(this.#codec, this.#maxBytes);
    const grown = Math.min(Math.max(needed, this.bytes.length * 2), this.#maxBytes);
    const larger = Buffer.allocUnsafeSlow(grown);
    larger.set(this.bytes.subarray(0, this.length));
    this.bytes = larger;
  }

  written(): Uint8Array {
    return this.bytes.subarray(0, this.length);
  }
}
