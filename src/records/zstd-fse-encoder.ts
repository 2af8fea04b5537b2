import type { BitWriter } from './zstd-bit-writer.ts';
import { spreadSymbols } from './zstd-fse.ts';

/** How to go from one state to the next, for each symbol. */
export interface FseEncoder {
  readonly log: number;
  readonly counts: Int16Array;
  readonly states: Uint16Array;
  readonly bitsDelta: Int32Array;
  readonly stateDelta: Int32Array;
}

const SMALLEST_LOG = 5;

export function buildFseEncoder(counts: Int16Array, log: number): FseEncoder {
  const size = 1 << log;
  const symbols = spreadSymbols(counts, log);
  const starts = new Uint16Array(counts.length + 1);
  const bitsDelta = new Int32Array(counts.length);
  const stateDelta = new Int32Array(counts.length);
  let total = 0;
  for (let symbol = 0; symbol < counts.length; symbol++) {
    const count = Math.abs(counts[symbol]!);
    starts[symbol] = total;
    if (count > 0) {
      const bits = count === 1 ? log : log - (31 - Math.clz32(count - 1));
      bitsDelta[symbol] = (bits << 16) - (count << bits);
      stateDelta[symbol] = total - count;
    }
    total += count;
  }
  const states = new Uint16Array(size);
  for (let state = 0; state < size; state++) {
    states[starts[symbols[state]!]!++] = size + state;
  }
  return { log, counts, states, bitsDelta, stateDelta };
}

/** The state that the last symbol starts from: the one that costs it no bits. */
export function firstState(encoder: FseEncoder, symbol: number): number {
  const delta = encoder.bitsDelta[symbol]!;
  const bits = (delta + (1 << 15)) >> 16;
  const value = (bits << 16) - delta;
  return encoder.states[(value >> bits) + encoder.stateDelta[symbol]!]!;
}

/** Writes what leads from the symbol's state to `state`, and returns the symbol's state. */
export function nextState(
  encoder: FseEncoder,
  writer: BitWriter,
  state: number,
  symbol: number,
): number {
  const bits = (state + encoder.bitsDelta[symbol]!) >> 16;
  writer.write(state, bits);
  return encoder.states[(state >> bits) + encoder.stateDelta[symbol]!]!;
}

/** Scales frequencies to a sum of 2^log; each symbol that occurs gets at least 1. */
export function normalizeCounts(
  frequencies: Int32Array,
  symbols: number,
  total: number,
  log: number,
): Int16Array {
  const counts = new Int16Array(symbols);
  const size = 1 << log;
  let left = size;
  let largest = 0;
  for (let symbol = 0; symbol < symbols; symbol++) {
    const frequency = frequencies[symbol]!;
    if (frequency === 0) continue;
    const count = Math.max(1, Math.round((frequency * size) / total));
    counts[symbol] = count;
    left -= count;
    if (frequency > frequencies[largest]!) largest = symbol;
  }
  counts[largest]! += left;
  for (let symbol = 0; counts[largest]! < 1; symbol = (symbol + 1) % symbols) {
    if (symbol === largest || counts[symbol]! < 2) continue;
    counts[symbol]!--;
    counts[largest]!++;
  }
  return counts;
}

/** A table size for this many symbols: room for each, and no larger than their count justifies. */
export function fseLogFor(total: number, symbols: number, logMax: number): number {
  const useful = 31 - Math.clz32(Math.max(1, total - 1)) - 2;
  const needed = 33 - Math.clz32(symbols);
  return Math.min(logMax, Math.max(SMALLEST_LOG, useful, needed));
}

/** Writes the description that `readFseTable` reads; returns where it ends. */
export function writeFseCounts(writer: BitWriter, counts: Int16Array, log: number): number {
  writer.write(log - SMALLEST_LOG, 4);
  let left = (1 << log) + 1;
  let threshold = 1 << log;
  let width = log + 1;
  let symbol = 0;
  while (left > 1) {
    const count = counts[symbol++]!;
    const spare = 2 * threshold - 1 - left;
    left -= Math.abs(count);
    let value = count + 1;
    if (value >= threshold) value += spare;
    writer.write(value, value < spare ? width - 1 : width);
    while (left < threshold && threshold > 1) {
      width--;
      threshold >>>= 1;
    }
    if (count === 0) symbol = writeZeroRun(writer, counts, symbol);
  }
  return writer.finish();
}

function writeZeroRun(writer: BitWriter, counts: Int16Array, start: number): number {
  let symbol = start;
  while (symbol < counts.length && counts[symbol] === 0) symbol++;
  let run = symbol - start;
  for (; run >= 3; run -= 3) writer.write(3, 2);
  writer.write(run, 2);
  return symbol;
}
