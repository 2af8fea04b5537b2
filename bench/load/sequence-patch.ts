/**
 * The base sequence lies inside the batch's CRC. CRCs are linear: the CRC after changing the four
 * sequence bytes is the CRC with sequence 0, combined by xor with what each byte alone contributes.
 * Four tables of 256 make a new sequence cost four look-ups in place of a pass over the batch.
 */

import { ATTRIBUTES, BASE_SEQUENCE, CRC } from '#millrace/records/batch-layout';
import { crc32c } from '#millrace/records/crc32c';
import type { EntryPatch } from './produce-lane.ts';

export class SequencePatch implements EntryPatch {
  readonly #bytes: Buffer;
  readonly #batchAt: number;
  readonly #zeroCrc: number;
  readonly #tables: readonly Int32Array[];

  /** `bytes` holds a whole batch at [batchAt, batchEnd), final but for sequence and CRC. */
  constructor(bytes: Buffer, batchAt: number, batchEnd: number) {
    this.#bytes = bytes;
    this.#batchAt = batchAt;
    bytes.writeInt32BE(0, batchAt + BASE_SEQUENCE);
    this.#zeroCrc = crc32c(bytes, batchAt + ATTRIBUTES, batchEnd);
    this.#tables = [0, 1, 2, 3].map((byte) => this.#contributions(byte, batchEnd));
  }

  set(sequence: number): void {
    const [first, second, third, fourth] = this.#tables;
    const crc =
      this.#zeroCrc ^
      first![sequence >>> 24]! ^
      second![(sequence >>> 16) & 0xff]! ^
      third![(sequence >>> 8) & 0xff]! ^
      fourth![sequence & 0xff]!;
    this.#bytes.writeInt32BE(sequence, this.#batchAt + BASE_SEQUENCE);
    this.#bytes.writeInt32BE(crc, this.#batchAt + CRC);
  }

  #contributions(byte: number, batchEnd: number): Int32Array {
    const at = this.#batchAt + BASE_SEQUENCE + byte;
    const table = new Int32Array(256);
    for (let bit = 1; bit < 256; bit *= 2) {
      this.#bytes[at] = bit;
      const crc = crc32c(this.#bytes, this.#batchAt + ATTRIBUTES, batchEnd);
      table[bit] = crc ^ this.#zeroCrc;
    }
    this.#bytes[at] = 0;
    for (let value = 1; value < 256; value++) {
      const lowest = value & -value;
      table[value] = table[lowest]! ^ table[value ^ lowest]!;
    }
    return table;
  }
}
