import { readVarint, varintEnd } from '../../../base/varint.ts';
import { corruptRecord, lengthEnd } from '../../../records/record-lengths.ts';

/** The headers of one record in their order, those of one name more than once too. */
export class RecordHeaders implements Iterable<readonly [name: string, value: Uint8Array | null]> {
  /** Of records without headers: they never change, so all share it. */
  static readonly NONE = new RecordHeaders([]);
  readonly #entries: readonly (readonly [string, Uint8Array | null])[];

  constructor(entries: readonly (readonly [string, Uint8Array | null])[]) {
    this.#entries = entries;
  }

  /** Reads what stands between a record's value and its end. */
  static read(bytes: Buffer, start: number, end: number): RecordHeaders {
    const count = readVarint(bytes, start, end);
    if (varintEnd < 0 || count < 0 || count > end - varintEnd) {
      throw corruptRecord('bad header count');
    }
    if (count === 0 && varintEnd === end) return RecordHeaders.NONE;
    const entries: [string, Uint8Array | null][] = [];
    let position = varintEnd;
    for (let left = count; left > 0; left--) {
      const nameLength = readVarint(bytes, position, end);
      const nameAt = lengthEnd(nameLength, end);
      if (nameLength < 0) throw corruptRecord('a header has no key');
      const nameEnd = nameAt + nameLength;
      const valueLength = readVarint(bytes, nameEnd, end);
      const valueAt = lengthEnd(valueLength, end);
      position = valueLength < 0 ? valueAt : valueAt + valueLength;
      const value = valueLength < 0 ? null : bytes.subarray(valueAt, position);
      entries.push([bytes.toString('utf8', nameAt, nameEnd), value]);
    }
    if (position !== end) throw corruptRecord('bytes are left after its headers');
    return new RecordHeaders(entries);
  }

  /** How many there are, each of several under one name counted. */
  get size(): number {
    return this.#entries.length;
  }

  /** The last value under the name; undefined where there is none. */
  get(name: string): Uint8Array | null | undefined {
    return this.#entries.findLast(([each]) => each === name)?.[1];
  }

  /** All values under the name. */
  getAll(name: string): (Uint8Array | null)[] {
    return this.#entries.filter(([each]) => each === name).map(([, value]) => value);
  }

  /** The last value under the name as text. */
  text(name: string): string | null | undefined {
    const value = this.get(name);
    return value instanceof Uint8Array ? Buffer.from(value).toString('utf8') : value;
  }

  [Symbol.iterator](): Iterator<readonly [string, Uint8Array | null]> {
    return this.#entries[Symbol.iterator]();
  }
}
