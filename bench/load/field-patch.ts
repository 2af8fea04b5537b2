/**
 * Changes a field inside a batch's CRC. CRCs are linear: the CRC after changing some bytes is the
 * CRC with those bytes 0, combined by xor with what each byte alone contributes. A table of 256 for
 * each byte makes a new value cost a look-up a byte in place of a pass over the batch.
 */

import { ATTRIBUTES, CRC } from '#millrace/records/batch-layout';
import { crc32c } from '#millrace/records/crc32c';

export class FieldPatch {
  readonly #bytes: Buffer;
  readonly #batchAt: number;
  readonly #fieldAt: number;
  readonly #zeroCrc: number;
  readonly #tables: readonly Int32Array[];

  /** `bytes` holds a whole batch at [batchAt, batchEnd), final but for the field and the CRC. */
  constructor(bytes: Buffer, batchAt: number, batchEnd: number, field: number, length: number) {
    this.#bytes = bytes;
    this.#batchAt = batchAt;
    this.#fieldAt = batchAt + field;
    bytes.fill(0, this.#fieldAt, this.#fieldAt + length);
    this.#zeroCrc = crc32c(bytes, batchAt + ATTRIBUTES, batchEnd);
    this.#tables = Array.from({ length }, (_, byte) => this.#contributions(byte, batchEnd));
  }

  /** After the field's bytes were written: the CRC that goes with them. */
  seal(): void {
    let crc = this.#zeroCrc;
    for (let byte = 0; byte < this.#tables.length; byte++) {
      crc ^= this.#tables[byte]![this.#bytes[this.#fieldAt + byte]!]!;
    }
    this.#bytes.writeInt32BE(crc, this.#batchAt + CRC);
  }

  #contributions(byte: number, batchEnd: number): Int32Array {
    const at = this.#fieldAt + byte;
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
