import { reversedBits } from './gzip-tables.ts';
import { MalformedData } from './output.ts';

const LENGTH_MAX = 15;

/**
 * The codes of one alphabet. The next bits of the input lead to an entry: the symbol, shifted by
 * four, and the length of its code; 0 where no code begins like this.
 */
export class InflateCodes {
  readonly entries = new Uint16Array(1 << LENGTH_MAX);
  /** The length of the longest code: so many bits select an entry. */
  width = 0;

  /** The codes that follow from their lengths in `lengths` from `start` to `end`. */
  assign(lengths: Uint8Array, start: number, end: number): void {
    const counts = new Int32Array(LENGTH_MAX + 1);
    for (let at = start; at < end; at++) counts[lengths[at]!]!++;
    counts[0] = 0;
    const next = new Int32Array(LENGTH_MAX + 2);
    this.width = 0;
    for (let length = 1; length <= LENGTH_MAX; length++) {
      const first = next[length]!;
      if (first + counts[length]! > 1 << length) {
        throw new MalformedData('bad gzip data: more codes than there can be');
      }
      next[length + 1] = (first + counts[length]!) << 1;
      if (counts[length]! > 0) this.width = length;
    }
    const size = 1 << this.width;
    this.entries.fill(0, 0, size);
    for (let at = start; at < end; at++) {
      const length = lengths[at]!;
      if (length === 0) continue;
      const code = reversedBits(next[length]!++, length);
      const entry = ((at - start) << 4) | length;
      for (let slot = code; slot < size; slot += 1 << length) this.entries[slot] = entry;
    }
  }
}
