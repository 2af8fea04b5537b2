/**
 * Gives the records of a prepared batch other keys each time it is sent, so that a load has more
 * distinct keys than batches: decimal digits are written in place and the CRC is made anew.
 */
import '#millrace/log/native';
import { ATTRIBUTES, CRC, recordCount } from '#millrace/records/batch-layout';
import { crc32c } from '#millrace/records/crc32c';
import { RecordCursor } from '#millrace/records/record-iterator';
import { KEY_BYTES } from './batches.ts';
import type { EntryPatch } from './produce-lane.ts';

/** Odd and prime: with it successive records have keys far apart, and all keys come in turn. */
const STRIDE = 7_368_787;

export class KeyPatch implements EntryPatch {
  readonly #bytes: Buffer;
  readonly #batchAt: number;
  readonly #batchEnd: number;
  readonly #keys: number;
  readonly #keyAt: Int32Array;

  constructor(bytes: Buffer, batchAt: number, batchEnd: number, keys: number) {
    this.#bytes = bytes;
    this.#batchAt = batchAt;
    this.#batchEnd = batchEnd;
    this.#keys = keys;
    this.#keyAt = new Int32Array(recordCount(bytes, batchAt));
    const cursor = new RecordCursor();
    cursor.open(bytes, batchAt);
    for (let index = 0; cursor.next(); index++) this.#keyAt[index] = cursor.keyStart;
  }

  /** `first` is the number of the batch's first record. */
  set(first: number): void {
    const bytes = this.#bytes;
    for (let index = 0; index < this.#keyAt.length; index++) {
      let rest = ((first + index) * STRIDE) % this.#keys;
      const at = this.#keyAt[index]!;
      for (let digit = KEY_BYTES - 1; digit >= 0; digit--) {
        bytes[at + digit] = 48 + (rest % 10);
        rest = Math.floor(rest / 10);
      }
    }
    const batchAt = this.#batchAt;
    bytes.writeUInt32BE(crc32c(bytes, batchAt + ATTRIBUTES, this.#batchEnd), batchAt + CRC);
  }
}
