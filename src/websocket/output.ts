export function corrupt(what: string): RangeError {
  return new RangeError(what);
}

/** Up to six bytes, the lowest first. */
export function readLow(bytes: Uint8Array, at: number, count: number): number {
  let value = 0;
  for (let i = count - 1; i >= 0; i--) value = value * 256 + bytes[at + i]!;
  return value;
}

/** Where a decompressor writes: it grows by what is written, up to its limit. */
export class Output {
  readonly #bytesMax: number;
  bytes: Uint8Array;
  length = 0;

  constructor(hintBytes: number, bytesMax: number) {
    this.#bytesMax = bytesMax;
    this.bytes = new Uint8Array(Math.min(Math.max(hintBytes, 1), bytesMax));
  }

  /** Makes room for `more` bytes after `length`. `bytes` may be another array afterwards. */
  reserve(more: number): void {
    const needed = this.length + more;
    if (needed <= this.bytes.length) return;
    if (needed > this.#bytesMax) throw corrupt(`opened data grow past ${this.#bytesMax} bytes`);
    const grown = Math.min(Math.max(needed, this.bytes.length * 2), this.#bytesMax);
    const larger = new Uint8Array(grown);
    larger.set(this.bytes.subarray(0, this.length));
    this.bytes = larger;
  }

  append(source: Uint8Array): void {
    this.reserve(source.length);
    this.bytes.set(source, this.length);
    this.length += source.length;
  }

  /** Copies from `distance` bytes back, where the two may overlap. */
  repeat(distance: number, length: number): void {
    this.reserve(length);
    const { bytes } = this;
    const end = this.length + length;
    let to = this.length;
    for (let from = to - distance; to < end; from++) bytes[to++] = bytes[from]!;
    this.length = end;
  }

  written(): Uint8Array {
    return this.bytes.subarray(0, this.length);
  }
}
