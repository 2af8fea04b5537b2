import { utf8Text } from '../../base/utf8-text.ts';
import { RecordHeaders } from '../../client/consumer/records/record-headers.ts';
import type { Encoded } from '../../client/serde/serde.ts';
import { RowList } from '../state/engine/row-list.ts';
import type { RawRecord } from './test-record.ts';

const FIRST_BYTES = 1024;
/** Start, length of the key, length of the value: -1 for null. */
const PLACE = 3;
/** Up to so many bytes a loop is quicker than the call into the engine. */
const SHORT_BYTES = 48;

/**
 * The records of a partition one behind the other in one memory. Objects are made of those that a
 * test looks at: a test may lead to hundreds of thousands, and mostly reads few.
 */
export class KeptRecords {
  #memory = Buffer.allocUnsafe(FIRST_BYTES);
  #used = 0;
  readonly #places = new RowList();
  readonly #times: number[] = [];
  /** Of records that have some. */
  readonly #headers = new Map<number, RecordHeaders>();
  readonly #made = new Map<number, RawRecord>();

  get length(): number {
    return this.#times.length;
  }

  /** Copies key and value. Returns the offset. */
  add(key: Encoded, value: Encoded, timestamp: number, headers: RecordHeaders): number {
    const offset = this.#times.length;
    const start = this.#used;
    const keyLength = this.#put(key);
    const valueLength = this.#put(value);
    this.#places.push(start);
    this.#places.push(keyLength);
    this.#places.push(valueLength);
    this.#times.push(timestamp);
    if (headers.size > 0) this.#headers.set(offset, headers);
    return offset;
  }

  /** Always the same object. */
  at(offset: number): RawRecord {
    let record = this.#made.get(offset);
    if (record === undefined) {
      const [timestamp, headers] = [this.timestamp(offset), this.headers(offset)];
      record = { key: this.key(offset), value: this.value(offset), timestamp, headers };
      this.#made.set(offset, record);
    }
    return record;
  }

  timestamp(offset: number): number {
    return this.#times[offset]!;
  }

  headers(offset: number): RecordHeaders {
    return this.#headers.get(offset) ?? RecordHeaders.NONE;
  }

  /** A copy. */
  key(offset: number): Uint8Array | null {
    const at = offset * PLACE;
    return this.#bytes(this.#places.at(at), this.#places.at(at + 1));
  }

  /** A copy. */
  value(offset: number): Uint8Array | null {
    return this.#bytes(this.#valueStart(offset), this.#places.at(offset * PLACE + 2));
  }

  keyText(offset: number): string | null {
    const at = offset * PLACE;
    return this.#text(this.#places.at(at), this.#places.at(at + 1));
  }

  valueText(offset: number): string | null {
    return this.#text(this.#valueStart(offset), this.#places.at(offset * PLACE + 2));
  }

  #valueStart(offset: number): number {
    const at = offset * PLACE;
    return this.#places.at(at) + Math.max(this.#places.at(at + 1), 0);
  }

  #bytes(start: number, length: number): Uint8Array | null {
    return length < 0 ? null : Uint8Array.from(this.#memory.subarray(start, start + length));
  }

  #text(start: number, length: number): string | null {
    return length < 0 ? null : utf8Text(this.#memory, start, start + length);
  }

  /** Returns its length. */
  #put(part: Encoded): number {
    if (part === null) return -1;
    this.#fit(typeof part === 'string' ? part.length * 3 : part.length);
    const memory = this.#memory;
    const start = this.#used;
    if (typeof part === 'string') {
      const length = memory.write(part, start);
      this.#used += length;
      return length;
    }
    const { length } = part;
    if (length > SHORT_BYTES) memory.set(part, start);
    else for (let i = 0; i < length; i++) memory[start + i] = part[i]!;
    this.#used += length;
    return length;
  }

  #fit(bytes: number): void {
    if (this.#used + bytes <= this.#memory.length) return;
    const grown = Buffer.allocUnsafe(Math.max(this.#memory.length * 2, this.#used + bytes));
    this.#memory.copy(grown, 0, 0, this.#used);
    this.#memory = grown;
  }
}
