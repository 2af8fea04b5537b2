/**
 * Bits written from the lowest of the first byte on. A stream that is to be read backwards ends
 * with a set bit.
 */
export class BitWriter {
  readonly #target: Uint8Array;
  #at: number;
  #held = 0;
  #heldBits = 0;

  constructor(target: Uint8Array, at: number) {
    this.#target = target;
    this.#at = at;
  }

  /** Up to 24 bits; higher ones in `value` are ignored. */
  write(value: number, count: number): void {
    this.#held |= (value & ((1 << count) - 1)) << this.#heldBits;
    this.#heldBits += count;
    while (this.#heldBits >= 8) {
      this.#target[this.#at++] = this.#held;
      this.#held >>>= 8;
      this.#heldBits -= 8;
    }
  }

  /** Up to 32 bits. */
  writeWide(value: number, count: number): void {
    if (count > 16) {
      this.write(value & 0xffff, 16);
      this.write(value >>> 16, count - 16);
    } else {
      this.write(value, count);
    }
  }

  /** Pads with zeros; returns where the bytes end. */
  finish(): number {
    if (this.#heldBits > 0) this.#target[this.#at++] = this.#held;
    this.#held = 0;
    this.#heldBits = 0;
    return this.#at;
  }

  finishStream(): number {
    this.write(1, 1);
    return this.finish();
  }
}
