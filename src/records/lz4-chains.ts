import {
  emitLastLiterals,
  emitSequence,
  LAST_LITERALS,
  MATCH_BYTES_MIN,
  MATCH_FREE_TAIL,
} from './lz4-sequence.ts';

const HASH_BITS = 15;
const HASH_MULTIPLIER = 0x9e3779b1 | 0;
/** A block is no longer, so that all of it is within reach of a match. */
const BLOCK_BYTES_MAX = 64 * 1024;
/** At each level twice as many earlier places are tried, up to this many. */
const TRIES_MAX = 4096;
const NOWHERE = -1;

/**
 * LZ4 blocks with a thorough search, for every level but Kafka's default: all earlier places with
 * the same four bytes hang in a chain, the last one first, and the longest match wins. A match
 * waits until the next byte has no longer one.
 */
export class Lz4Chains {
  readonly #heads = new Int32Array(1 << HASH_BITS);
  /** By position in the block: the place before it in its chain. */
  readonly #previous = new Int32Array(BLOCK_BYTES_MAX);
  #source: Buffer = Buffer.alloc(0);
  #view: DataView = new DataView(new ArrayBuffer(0));
  #start = 0;
  #matchEnd = 0;
  #tries = 0;
  #matchAt = 0;

  /** Writes the block at `at` and returns where it ends. */
  compressBlock(
    source: Buffer,
    start: number,
    end: number,
    target: Buffer,
    at: number,
    level: number,
  ): number {
    this.#begin(source, start, end, level);
    const searchEnd = end - MATCH_FREE_TAIL;
    let to = at;
    let literalStart = start;
    let from = start;
    while (from < searchEnd) {
      let length = this.#longest(from, MATCH_BYTES_MIN - 1);
      if (length < MATCH_BYTES_MIN) {
        from++;
        continue;
      }
      let distance = from - this.#matchAt;
      for (let next = from + 1; next < searchEnd; next++) {
        const longer = this.#longest(next, length);
        if (longer <= length) break;
        length = longer;
        distance = next - this.#matchAt;
        from = next;
      }
      to = emitSequence(source, literalStart, from, target, to, distance, length);
      literalStart = from + length;
      from = this.#skipTo(from + 2, Math.min(literalStart, searchEnd));
    }
    this.#source = Buffer.alloc(0);
    return emitLastLiterals(source, literalStart, end, target, to);
  }

  #begin(source: Buffer, start: number, end: number, level: number): void {
    this.#source = source;
    this.#view = new DataView(source.buffer, source.byteOffset, source.byteLength);
    this.#start = start;
    this.#matchEnd = end - LAST_LITERALS;
    this.#tries = Math.min(TRIES_MAX, 2 ** (level - 1));
    this.#heads.fill(NOWHERE);
  }

  /** The length of the longest match at `from` if it is longer than `beaten`. Then it is noted. */
  #longest(from: number, beaten: number): number {
    const source = this.#source;
    const view = this.#view;
    const word = view.getInt32(from, true);
    let candidate = this.#insert(from, word);
    let best = beaten;
    for (let left = this.#tries; left > 0 && candidate !== NOWHERE; left--) {
      if (
        source[candidate + best] === source[from + best] &&
        view.getInt32(candidate, true) === word
      ) {
        const length = this.#lengthOf(candidate, from);
        if (length > best) {
          best = length;
          this.#matchAt = candidate;
          if (from + best >= this.#matchEnd) break;
        }
      }
      candidate = this.#previous[candidate - this.#start]!;
    }
    return best;
  }

  #lengthOf(candidate: number, from: number): number {
    const source = this.#source;
    const end = this.#matchEnd;
    const distance = from - candidate;
    let at = from + MATCH_BYTES_MIN;
    while (at < end && source[at] === source[at - distance]) at++;
    return at - from;
  }

  /** Hangs the position before its chain, and answers which one led it before. */
  #insert(at: number, word: number): number {
    const slot = Math.imul(word, HASH_MULTIPLIER) >>> (32 - HASH_BITS);
    const head = this.#heads[slot]!;
    this.#heads[slot] = at;
    this.#previous[at - this.#start] = head;
    return head;
  }

  /** Hangs those that a match covers into their chains. */
  #skipTo(from: number, end: number): number {
    for (let at = from; at < end; at++) this.#insert(at, this.#view.getInt32(at, true));
    return Math.max(from, end);
  }
}
