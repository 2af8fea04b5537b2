import type { JsonBytes } from './json-bytes.ts';

const HEAD_BYTES = 96;
const ZERO = 0x30;
const NINE = 0x39;
const DIGITS_MAX = 16;
const NONE = -1;

/**
 * Writes the beginning of a record's JSON. Its bytes are changed in place from one record to the
 * next:
 *
 *   {"offset":1234,"partition":0,"time":1760000000000
 *
 * Offsets mostly grow by one and times stay, so that hardly more than a digit is written again.
 */
export class RecordHead {
  readonly #bytes = Buffer.alloc(HEAD_BYTES);
  readonly #words = new Int32Array(this.#bytes.buffer, this.#bytes.byteOffset, HEAD_BYTES / 4);
  #length = 0;
  #offset = NONE;
  #offsetEnd = 0;
  #partition = NONE;
  #time = NONE;
  #timeEnd = 0;

  /** A partition or time below 0 is left out. */
  write(out: JsonBytes, offset: number, partition: number, time: number): void {
    const isNext = offset === this.#offset + 1 && offset > 0;
    if (!isNext || partition !== this.#partition || !this.#increment()) {
      this.#begin(offset, partition, time);
    } else if (time !== this.#time) {
      this.#setTime(time);
    }
    this.#offset = offset;
    out.words(this.#words, this.#length);
  }

  /** Answers false if the number gets longer. */
  #increment(): boolean {
    const bytes = this.#bytes;
    for (let at = this.#offsetEnd - 1; bytes[at]! >= ZERO; at--) {
      if (bytes[at]! < NINE) {
        bytes[at]!++;
        return true;
      }
      bytes[at] = ZERO;
    }
    return false;
  }

  #begin(offset: number, partition: number, time: number): void {
    const start = `{"offset":${offset}`;
    const named = partition < 0 ? '' : `,"partition":${partition}`;
    this.#offsetEnd = start.length;
    this.#partition = partition;
    this.#time = time;
    this.#length = this.#bytes.write(`${start}${named}${timeText(time)}`, 0, 'latin1');
    this.#timeEnd = this.#length;
  }

  #setTime(time: number): void {
    const step = time - this.#time;
    const bytes = this.#bytes;
    // The time is mostly a little later. The carry goes as far as it must.
    if (time < 0 || this.#time < 0 || step < 0 || step > 2 ** 30) {
      this.#begin(this.#offset + 1, this.#partition, time);
      return;
    }
    let carry = step | 0;
    const first = this.#timeEnd - DIGITS_MAX;
    for (let at = this.#timeEnd - 1; carry > 0 && at > first; at--) {
      const digit = bytes[at]! - ZERO;
      if (digit < 0 || digit > 9) {
        this.#begin(this.#offset + 1, this.#partition, time);
        return;
      }
      const sum = digit + carry;
      carry = (sum / 10) | 0;
      bytes[at] = ZERO + sum - carry * 10;
    }
    this.#time = time;
  }
}

function timeText(time: number): string {
  return time < 0 ? '' : `,"time":${time}`;
}
