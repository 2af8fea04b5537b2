import { readInt64, writeInt64 } from '../../serde/int64-bytes.ts';

const TIME_BYTES = 8;

/**
 * Bytes whose order is that of rows by their times. The key of a row ends with so many bytes, of
 * which the first ones are times: those go to the front.
 */
export class TimeOrder {
  readonly #suffixBytes: number;
  readonly #timesBytes: number;

  constructor(suffixBytes: number, timesBytes: number) {
    this.#suffixBytes = suffixBytes;
    this.#timesBytes = timesBytes;
  }

  /** Of the key of a row. */
  orderOf(chunk: Buffer, keyStart: number, keyEnd: number): Buffer {
    const times = keyEnd - this.#suffixBytes;
    const order = Buffer.allocUnsafe(keyEnd - keyStart);
    chunk.copy(order, 0, times, times + this.#timesBytes);
    chunk.copy(order, this.#timesBytes, keyStart, times);
    chunk.copy(order, this.#timesBytes + times - keyStart, times + this.#timesBytes, keyEnd);
    return order;
  }

  /** The key of the row with this order. */
  keyOf(order: Buffer): Buffer {
    const rest = order.length - this.#suffixBytes + this.#timesBytes;
    const key = Buffer.allocUnsafe(order.length);
    order.copy(key, 0, this.#timesBytes, rest);
    order.copy(key, rest - this.#timesBytes, 0, this.#timesBytes);
    order.copy(key, rest, rest, order.length);
    return key;
  }

  /** Whether the first time in a key is from..to. */
  isWithin(chunk: Buffer, keyEnd: number, from: number, to: number): boolean {
    const time = readInt64(chunk, keyEnd - this.#suffixBytes);
    return time >= from && time <= to;
  }

  /** Orders from the first one of a time to behind the last one of another. */
  between(from: number, to: number): [Buffer, Buffer] {
    return [timeBytes(Math.max(from, 0)), timeBytes(Math.min(to, Number.MAX_SAFE_INTEGER - 1) + 1)];
  }
}

function timeBytes(time: number): Buffer {
  const bytes = Buffer.allocUnsafe(TIME_BYTES);
  writeInt64(bytes, time, 0);
  return bytes;
}
