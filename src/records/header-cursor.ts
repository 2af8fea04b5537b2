import { readVarint } from '../base/varint.ts';
import type { RecordCursor } from './record-iterator.ts';
import { corruptRecord, lengthEnd } from './record-lengths.ts';

/** Steps through the headers of one record as positions in its `bytes`, without an object each. */
export class HeaderCursor {
  bytes: Buffer = Buffer.alloc(0);
  keyStart = 0;
  keyEnd = 0;
  /** -1 for a null value. */
  valueStart = -1;
  valueEnd = -1;
  #left = 0;
  #position = 0;
  #end = 0;

  /** The record that the cursor stands on. */
  open(record: RecordCursor): void {
    this.bytes = record.bytes;
    this.#left = record.headerCount;
    this.#position = record.headersStart;
    this.#end = record.recordEnd;
  }

  /** False after the last header. Throws MILLRACE_CORRUPT on malformed ones. */
  next(): boolean {
    const { bytes } = this;
    const end = this.#end;
    if (this.#left === 0) {
      if (this.#position !== end) throw corruptRecord('bytes are left after its headers');
      return false;
    }
    this.#left--;
    const keyLength = readVarint(bytes, this.#position, end);
    this.keyStart = lengthEnd(keyLength, end);
    if (keyLength < 0) throw corruptRecord('a header has no key');
    this.keyEnd = this.keyStart + keyLength;
    const valueLength = readVarint(bytes, this.keyEnd, end);
    const valueStart = lengthEnd(valueLength, end);
    this.valueStart = valueLength < 0 ? -1 : valueStart;
    this.valueEnd = valueLength < 0 ? -1 : valueStart + valueLength;
    this.#position = valueLength < 0 ? valueStart : this.valueEnd;
    return true;
  }
}
