import { malformedZstd } from './zstd-malformed.ts';

/**
 * A decoding table of finite state entropy. Each state's entry packs the symbol (bits 0 to 7),
 * how many bits lead to the next state (8 to 15) and that state's base (16 to 31).
 */
export interface FseTable {
  readonly log: number;
  readonly entries: Int32Array;
}

/** Where the description that was read last ends. */
export let fseHeaderEnd = 0;

const SMALLEST_LOG = 5;

/** Reads the probabilities of symbols 0 to `symbolMax` and builds their table. */
export function readFseTable(
  bytes: Uint8Array,
  start: number,
  end: number,
  symbolMax: number,
  logMax: number,
): FseTable {
  const counts = new Int16Array(symbolMax + 1);
  const reader = new ForwardBits(bytes, start, end);
  const log = reader.read(4) + SMALLEST_LOG;
  if (log > logMax) throw malformedZstd('an entropy table is too large');
  let left = (1 << log) + 1;
  let threshold = 1 << log;
  let width = log + 1;
  let symbol = 0;
  let afterZero = false;
  while (left > 1) {
    if (afterZero) {
      let repeat: number;
      do {
        repeat = reader.read(2);
        symbol += repeat;
      } while (repeat === 3 && symbol <= symbolMax);
    }
    if (symbol > symbolMax) throw malformedZstd('an entropy table has too many symbols');
    const spare = 2 * threshold - 1 - left;
    let count = reader.peek(width) & (threshold - 1);
    if (count < spare) {
      reader.skip(width - 1);
    } else {
      count = reader.read(width);
      if (count >= threshold) count -= spare;
    }
    count--;
    left -= Math.abs(count);
    counts[symbol++] = count;
    afterZero = count === 0;
    while (left < threshold && threshold > 1) {
      width--;
      threshold >>>= 1;
    }
  }
  fseHeaderEnd = reader.byteEnd();
  if (left !== 1 || fseHeaderEnd > end) throw malformedZstd('a bad entropy table');
  return buildFseTable(counts, log);
}

/** A table of one symbol, which takes no bits. */
export function singleSymbolTable(symbol: number): FseTable {
  return { log: 0, entries: Int32Array.of(symbol) };
}

export function buildFseTable(counts: Int16Array, log: number): FseTable {
  const size = 1 << log;
  const symbols = spreadSymbols(counts, log);
  const next = Uint16Array.from(counts, (count) => Math.abs(count));
  const entries = new Int32Array(size);
  for (let state = 0; state < size; state++) {
    const symbol = symbols[state]!;
    const rank = next[symbol]!++;
    const bits = log - (31 - Math.clz32(rank));
    entries[state] = symbol | (bits << 8) | (((rank << bits) - size) << 16);
  }
  return { log, entries };
}

/** Assigns symbols to states: rare ones from the end, the others spread by a fixed step. */
export function spreadSymbols(counts: Int16Array, log: number): Uint8Array {
  const size = 1 << log;
  const symbols = new Uint8Array(size);
  let high = size - 1;
  for (let symbol = 0; symbol < counts.length; symbol++) {
    if (counts[symbol] === -1) symbols[high--] = symbol;
  }
  const step = (size >>> 1) + (size >>> 3) + 3;
  let position = 0;
  for (let symbol = 0; symbol < counts.length; symbol++) {
    for (let left = counts[symbol]!; left > 0; left--) {
      symbols[position] = symbol;
      do {
        position = (position + step) & (size - 1);
      } while (position > high);
    }
  }
  return symbols;
}

/** Bits from the lowest of the first byte on; past the end come zeros. */
class ForwardBits {
  readonly #bytes: Uint8Array;
  readonly #start: number;
  readonly #end: number;
  #bit = 0;

  constructor(bytes: Uint8Array, start: number, end: number) {
    this.#bytes = bytes;
    this.#start = start;
    this.#end = end;
  }

  peek(count: number): number {
    let value = 0;
    const first = this.#start + (this.#bit >>> 3);
    for (let at = 0; at < 3 && first + at < this.#end; at++) {
      value |= this.#bytes[first + at]! << (8 * at);
    }
    return (value >>> (this.#bit & 7)) & ((1 << count) - 1);
  }

  skip(count: number): void {
    this.#bit += count;
  }

  read(count: number): number {
    const value = this.peek(count);
    this.#bit += count;
    return value;
  }

  byteEnd(): number {
    return this.#start + ((this.#bit + 7) >>> 3);
  }
}
