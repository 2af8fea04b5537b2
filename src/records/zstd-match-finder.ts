import { BLOCK_BYTES_MAX } from './zstd-tables.ts';

/**
 * Finds repeats: at each position the last place with the same eight bytes, else with the same
 * four. Sequences are gathered in arrays: `literalRuns[n]` literals, then `matchLengths[n]` bytes
 * from an offset told by `offsetCodes[n]` (1 to 3 name a recent offset, else offset + 3).
 */
const SHORT_BITS = 15;
const LONG_BITS = 16;
const MULTIPLIER = 0x9e3779b1 | 0;
const MULTIPLIER_HIGH = 0x85ebca77 | 0;
const TAIL_BYTES = 8;
const SKIP_SHIFT = 7;
/** No match is shorter than four bytes. */
const SEQUENCES_MAX = BLOCK_BYTES_MAX / 4;
const POSITION_MAX = 2 ** 30;

/** Decoders must allow a window of 8 MB. */
export const WINDOW_BYTES = 8 * 1024 * 1024;

const NOTHING: Uint8Array = new Uint8Array(0);

export class ZstdMatchFinder {
  readonly literalRuns = new Int32Array(SEQUENCES_MAX);
  readonly matchLengths = new Int32Array(SEQUENCES_MAX);
  readonly offsetCodes = new Int32Array(SEQUENCES_MAX);
  readonly repeats = new Int32Array(3);
  count = 0;
  /** Where the literals after the last sequence begin. */
  literalStart = 0;

  /** Positions plus `#bias`, which grows from input to input: no table is ever cleared for one. */
  readonly #short = new Int32Array(1 << SHORT_BITS);
  readonly #long = new Int32Array(1 << LONG_BITS);
  #bias = 1;
  #source = NOTHING;
  #view = new DataView(NOTHING.buffer);

  start(source: Uint8Array): void {
    if (this.#bias + source.length > POSITION_MAX) {
      this.#short.fill(0);
      this.#long.fill(0);
      this.#bias = 1;
    }
    this.#source = source;
    this.#view = new DataView(source.buffer, source.byteOffset, source.byteLength);
    this.repeats.set([1, 4, 8]);
  }

  /** Lets go of the input. */
  finish(): void {
    this.#bias += this.#source.length;
    this.#source = NOTHING;
    this.#view = new DataView(NOTHING.buffer);
  }

  find(start: number, end: number): void {
    const view = this.#view;
    const short = this.#short;
    const long = this.#long;
    const bias = this.#bias;
    const searchEnd = end - TAIL_BYTES;
    this.count = 0;
    this.literalStart = start;
    let at = start;
    let skip = 1 << SKIP_SHIFT;
    while (at < searchEnd) {
      const word = view.getInt32(at, true);
      const repeat = this.repeats[0]!;
      if (repeat <= at && view.getInt32(at + 1 - repeat, true) === view.getInt32(at + 1, true)) {
        at = this.#take(at + 1, repeat, end);
        skip = 1 << SKIP_SHIFT;
        continue;
      }
      const shortSlot = Math.imul(word, MULTIPLIER) >>> (32 - SHORT_BITS);
      const high = view.getInt32(at + 4, true);
      const longSlot = mix(word, high) >>> (32 - LONG_BITS);
      const longAt = long[longSlot]! - bias;
      const shortAt = short[shortSlot]! - bias;
      long[longSlot] = at + bias;
      short[shortSlot] = at + bias;
      const oldest = Math.max(0, at - WINDOW_BYTES + 1);
      let matchAt = -1;
      if (longAt >= oldest && view.getInt32(longAt, true) === word) {
        if (view.getInt32(longAt + 4, true) === high) matchAt = longAt;
      }
      if (matchAt < 0 && shortAt >= oldest && view.getInt32(shortAt, true) === word) {
        matchAt = shortAt;
      }
      if (matchAt < 0) {
        at += skip++ >>> SKIP_SHIFT;
        continue;
      }
      const matchEnd = this.#take(at, at - matchAt, end);
      if (at + 2 < searchEnd) this.#insert(at + 2);
      if (matchEnd - 2 < searchEnd) this.#insert(matchEnd - 2);
      at = matchEnd;
      skip = 1 << SKIP_SHIFT;
    }
  }

  #insert(at: number): void {
    const word = this.#view.getInt32(at, true);
    const high = this.#view.getInt32(at + 4, true);
    this.#short[Math.imul(word, MULTIPLIER) >>> (32 - SHORT_BITS)] = at + this.#bias;
    this.#long[mix(word, high) >>> (32 - LONG_BITS)] = at + this.#bias;
  }

  /** Four bytes at `start` match those `offset` before: takes all that match, to both sides. */
  #take(start: number, offset: number, end: number): number {
    const source = this.#source;
    let from = start;
    while (
      from > this.literalStart &&
      from > offset &&
      source[from - 1] === source[from - 1 - offset]
    ) {
      from--;
    }
    let to = start + 4;
    while (to < end && source[to] === source[to - offset]) to++;
    const run = from - this.literalStart;
    this.literalRuns[this.count] = run;
    this.matchLengths[this.count] = to - from;
    this.offsetCodes[this.count] = this.#offsetCode(offset, run);
    this.count++;
    this.literalStart = to;
    return to;
  }

  /** Without literals before a match the most recent offset is impossible: codes shift by one. */
  #offsetCode(offset: number, run: number): number {
    const [first, second, third] = this.repeats as unknown as [number, number, number];
    if (offset === first && run > 0) return 1;
    this.repeats[1] = first;
    this.repeats[0] = offset;
    if (offset === second) return run > 0 ? 2 : 1;
    this.repeats[2] = second;
    if (offset === third) return run > 0 ? 3 : 2;
    if (offset === first - 1 && run === 0) return 3;
    return offset + 3;
  }
}

function mix(low: number, high: number): number {
  const mixed = Math.imul(low, MULTIPLIER) ^ Math.imul(high, MULTIPLIER_HIGH);
  return Math.imul(mixed ^ (mixed >>> 15), MULTIPLIER);
}
