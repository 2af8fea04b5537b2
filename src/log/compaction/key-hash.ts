/**
 * SipHash-2-4 with 128 bits of output, on pairs of 32-bit words. Its key is random, so that nobody
 * can make up two record keys that are taken for one; and it costs a tenth of what a call of
 * node:crypto does for keys as short as most are.
 *
 *   state: [v0 low, v0 high, v1 low, v1 high, v2 low, v2 high, v3 low, v3 high]
 */
const COMPRESSION_ROUNDS = 2;
const FINAL_ROUNDS = 4;
const BLOCK_BYTES = 8;
const INITIAL = [
  0x70736575, 0x736f6d65, 0x6e646f6d, 0x646f7261, 0x6e657261, 0x6c796765, 0x79746573, 0x74656462,
];
export const KEY_BYTES = 16;

export class KeyHash {
  readonly #initial = Int32Array.from(INITIAL);
  readonly #state = new Int32Array(8);
  /** The last hash, in four words. */
  readonly words = new Uint32Array(4);

  constructor(secret: Buffer) {
    for (let i = 0; i < 4; i++) {
      const word = secret.readInt32LE(i * 4);
      this.#initial[i]! ^= word;
      this.#initial[i + 4]! ^= word;
    }
    this.#initial[2]! ^= 0xee;
  }

  update(bytes: Uint8Array): void {
    const state = this.#state;
    state.set(this.#initial);
    const { length } = bytes;
    const tail = length - (length % BLOCK_BYTES);
    for (let at = 0; at < tail; at += BLOCK_BYTES) {
      absorb(state, littleEndian(bytes, at, at + 4), littleEndian(bytes, at + 4, at + 8));
    }
    const low = littleEndian(bytes, tail, Math.min(tail + 4, length));
    const high = littleEndian(bytes, tail + 4, length) | (length << 24);
    absorb(state, low, high);
    state[4]! ^= 0xee;
    rounds(state, FINAL_ROUNDS);
    this.#output(0);
    state[2]! ^= 0xdd;
    rounds(state, FINAL_ROUNDS);
    this.#output(2);
  }

  #output(word: number): void {
    const state = this.#state;
    this.words[word] = state[0]! ^ state[2]! ^ state[4]! ^ state[6]!;
    this.words[word + 1] = state[1]! ^ state[3]! ^ state[5]! ^ state[7]!;
  }
}

/** At most four bytes; none where the range is empty. */
function littleEndian(bytes: Uint8Array, from: number, to: number): number {
  let word = 0;
  for (let at = from; at < to; at++) word |= bytes[at]! << ((at - from) * 8);
  return word;
}

function absorb(state: Int32Array, low: number, high: number): void {
  state[6]! ^= low;
  state[7]! ^= high;
  rounds(state, COMPRESSION_ROUNDS);
  state[0]! ^= low;
  state[1]! ^= high;
}

/** 1 where the sum of two words, `sum` being its low 32 bits, went over. */
function carry(sum: number, word: number): number {
  return sum >>> 0 < word >>> 0 ? 1 : 0;
}

function rounds(state: Int32Array, count: number): void {
  let [a, A, b, B] = [state[0]!, state[1]!, state[2]!, state[3]!];
  let [c, C, d, D] = [state[4]!, state[5]!, state[6]!, state[7]!];
  let word = 0;
  for (let i = 0; i < count; i++) {
    a = (a + b) | 0;
    A = (A + B + carry(a, b)) | 0;
    word = ((b << 13) | (B >>> 19)) ^ a;
    B = ((B << 13) | (b >>> 19)) ^ A;
    b = word;
    c = (c + d) | 0;
    C = (C + D + carry(c, d)) | 0;
    word = ((d << 16) | (D >>> 16)) ^ c;
    D = ((D << 16) | (d >>> 16)) ^ C;
    d = word;
    // Rotated by 32 bits, the low word is the high one.
    word = (A + d) | 0;
    A = (a + D + carry(word, d)) | 0;
    a = word;
    word = ((d << 21) | (D >>> 11)) ^ a;
    D = ((D << 21) | (d >>> 11)) ^ A;
    d = word;
    c = (c + b) | 0;
    C = (C + B + carry(c, b)) | 0;
    word = ((b << 17) | (B >>> 15)) ^ c;
    B = ((B << 17) | (b >>> 15)) ^ C;
    b = word;
    word = c;
    c = C;
    C = word;
  }
  state[0] = a;
  state[1] = A;
  state[2] = b;
  state[3] = B;
  state[4] = c;
  state[5] = C;
  state[6] = d;
  state[7] = D;
}
