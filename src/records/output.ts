/** Thrown by a decoder for bytes that no encoder can have written. */
export class MalformedData extends RangeError {}

/** It may be well-formed, but opens to more than the caller wants to hold. */
export class OutgrownData extends MalformedData {}

export type Allocate = (length: number) => Uint8Array;

export function zeroedBytes(length: number): Uint8Array {
  return new Uint8Array(length);
}

/** Up to six bytes, the lowest first. */
export function readLow(bytes: Uint8Array, at: number, count: number): number {
  let value = 0;
  for (let from = at + count - 1; from >= at; from--) value = value * 256 + bytes[from]!;
  return value;
}

/**
 * Where a decoder writes. It grows by what is written, never by what a header declares, and refuses
 * to grow past its limit. `allocate` may give bytes that are not zeroed.
 */
export class Output {
  readonly bytesMax: number;
  readonly #codec: string;
  readonly #allocate: Allocate;
  bytes: Uint8Array;
  length = 0;

  constructor(codec: string, hintBytes: number, bytesMax: number, allocate: Allocate) {
    this.bytesMax = bytesMax;
    this.#codec = codec;
    this.#allocate = allocate;
    this.bytes = allocate(Math.min(Math.max(hintBytes, 1), bytesMax));
  }

  /** How many bytes more there may be. */
  get room(): number {
    return this.bytesMax - this.length;
  }

  /** Makes room for `more` bytes after `length`. `bytes` may be another array afterwards. */
  reserve(more: number): void {
    const needed = this.length + more;
    if (needed <= this.bytes.length) return;
    if (needed > this.bytesMax) throw this.tooLarge();
    const larger = this.#allocate(Math.min(Math.max(needed, this.bytes.length * 2), this.bytesMax));
    larger.set(this.bytes.subarray(0, this.length));
    this.bytes = larger;
  }

  /** Adds what stands in `source` from `start` to `end`. */
  append(source: Uint8Array, start: number, end: number): void {
    this.reserve(end - start);
    this.bytes.set(source.subarray(start, end), this.length);
    this.length += end - start;
  }

  written(): Uint8Array {
    return this.bytes.subarray(0, this.length);
  }

  tooLarge(): OutgrownData {
    return new OutgrownData(tooLarge(this.#codec, this.bytesMax));
  }
}

export function tooLarge(codec: string, bytesMax: number): string {
  return `${codec} data would grow past the limit of ${bytesMax} bytes`;
}
