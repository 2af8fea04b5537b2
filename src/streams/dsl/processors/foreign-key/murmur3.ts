/** Murmur3 with 128 bits and Kafka's seed. Words of 64 bits are kept as two halves of 32. */

const SEED = 104729;
const BLOCK = 16;
const C1_HIGH = 0x87c37b91;
const C1_LOW = 0x114253d5;
const C2_HIGH = 0x4cf5ad43;
const C2_LOW = 0x2745937f;
const HALF = 16;
const HALF_MASK = 0xffff;

/** Of the value's bytes, as two big-endian words of 64 bits. */
export function murmur3(bytes: Uint8Array): Buffer {
  return new Hash().digest(bytes);
}

class Hash {
  #high1 = 0;
  #low1 = SEED;
  #high2 = 0;
  #low2 = SEED;
  /** The result of the last step on a word. */
  #high = 0;
  #low = 0;

  digest(bytes: Uint8Array): Buffer {
    const { length } = bytes;
    const view = new DataView(bytes.buffer, bytes.byteOffset, length);
    const end = length - (length % BLOCK);
    for (let at = 0; at < end; at += BLOCK) this.#block(view, at);
    this.#tail(bytes, end);
    this.#finish(length);
    const digest = Buffer.allocUnsafe(BLOCK);
    digest.writeInt32BE(this.#high1, 0);
    digest.writeInt32BE(this.#low1, 4);
    digest.writeInt32BE(this.#high2, 8);
    digest.writeInt32BE(this.#low2, 12);
    return digest;
  }

  #block(view: DataView, at: number): void {
    this.#mix1(view.getInt32(at + 4, true), view.getInt32(at, true));
    this.#rotate(this.#high1, this.#low1, 27);
    this.#add(this.#high, this.#low, this.#high2, this.#low2);
    this.#timesFivePlus(0x52dce729);
    this.#high1 = this.#high;
    this.#low1 = this.#low;
    this.#mix2(view.getInt32(at + 12, true), view.getInt32(at + 8, true));
    this.#rotate(this.#high2, this.#low2, 31);
    this.#add(this.#high, this.#low, this.#high1, this.#low1);
    this.#timesFivePlus(0x38495ab5);
    this.#high2 = this.#high;
    this.#low2 = this.#low;
  }

  #tail(bytes: Uint8Array, start: number): void {
    const left = bytes.length - start;
    if (left === 0) return;
    const rest = new Uint8Array(BLOCK);
    rest.set(bytes.subarray(start));
    const view = new DataView(rest.buffer);
    if (left > 8) this.#mix2(view.getInt32(12, true), view.getInt32(8, true));
    this.#mix1(view.getInt32(4, true), view.getInt32(0, true));
  }

  #finish(length: number): void {
    this.#low1 ^= length;
    this.#low2 ^= length;
    this.#addBoth();
    this.#final(this.#high1, this.#low1);
    this.#high1 = this.#high;
    this.#low1 = this.#low;
    this.#final(this.#high2, this.#low2);
    this.#high2 = this.#high;
    this.#low2 = this.#low;
    this.#addBoth();
  }

  #addBoth(): void {
    this.#add(this.#high1, this.#low1, this.#high2, this.#low2);
    this.#high1 = this.#high;
    this.#low1 = this.#low;
    this.#add(this.#high2, this.#low2, this.#high1, this.#low1);
    this.#high2 = this.#high;
    this.#low2 = this.#low;
  }

  #mix1(high: number, low: number): void {
    this.#multiply(high, low, C1_HIGH, C1_LOW);
    this.#rotate(this.#high, this.#low, 31);
    this.#multiply(this.#high, this.#low, C2_HIGH, C2_LOW);
    this.#high1 ^= this.#high;
    this.#low1 ^= this.#low;
  }

  #mix2(high: number, low: number): void {
    this.#multiply(high, low, C2_HIGH, C2_LOW);
    this.#rotate(this.#high, this.#low, 33);
    this.#multiply(this.#high, this.#low, C1_HIGH, C1_LOW);
    this.#high2 ^= this.#high;
    this.#low2 ^= this.#low;
  }

  #final(high: number, low: number): void {
    // A shift by 33 leaves nothing of the lower half.
    this.#multiply(high, low ^ (high >>> 1), 0xff51afd7, 0xed558ccd);
    this.#multiply(this.#high, this.#low ^ (this.#high >>> 1), 0xc4ceb9fe, 0x1a85ec53);
    this.#low ^= this.#high >>> 1;
  }

  #timesFivePlus(added: number): void {
    this.#multiply(this.#high, this.#low, 0, 5);
    this.#add(this.#high, this.#low, 0, added);
  }

  /** By neither 0 nor 32: a shift by 32 bits does nothing. */
  #rotate(high: number, low: number, by: number): void {
    const shift = by & 31;
    const upper = by >= 32 ? low : high;
    const lower = by >= 32 ? high : low;
    this.#high = (upper << shift) | (lower >>> (32 - shift));
    this.#low = (lower << shift) | (upper >>> (32 - shift));
  }

  #add(high: number, low: number, otherHigh: number, otherLow: number): void {
    const sum = (low >>> 0) + (otherLow >>> 0);
    this.#low = sum | 0;
    this.#high = (high + otherHigh + (sum > 0xffffffff ? 1 : 0)) | 0;
  }

  #multiply(high: number, low: number, otherHigh: number, otherLow: number): void {
    const a = low >>> HALF;
    const b = low & HALF_MASK;
    const c = otherLow >>> HALF;
    const d = otherLow & HALF_MASK;
    const lowest = b * d;
    const middle = a * d + (lowest >>> HALF);
    const other = b * c + (middle % 0x10000);
    const carried = a * c + Math.floor(middle / 0x10000) + Math.floor(other / 0x10000);
    this.#low = ((other & HALF_MASK) << HALF) | (lowest & HALF_MASK) | 0;
    this.#high = ((carried | 0) + Math.imul(high, otherLow) + Math.imul(low, otherHigh)) | 0;
  }
}
