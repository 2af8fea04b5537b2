/**
 * How values stand in rows. With headers (KIP-1271) as Kafka's stores have them:
 *
 *   length of the headers (varint, 0 for none)   headers as in a record   value
 *
 * Changelogs have the plain value, and the headers as those of the record.
 */
import { readVarint, sizeOfVarint, varintEnd, writeVarint } from '../../../base/varint.ts';
import { RecordHeaders } from '../../../client/consumer/records/record-headers.ts';
import { encodeHeaders } from '../../../client/producer/record-headers.ts';
import { StateError } from '../state-error.ts';

const NO_BYTES = new Uint8Array(0);

export class ValueForm {
  readonly hasHeaders: boolean;

  constructor(hasHeaders: boolean) {
    this.hasHeaders = hasHeaders;
  }

  /** What stands in the row. */
  wrap(value: Uint8Array, headers: RecordHeaders): Uint8Array {
    if (!this.hasHeaders) return value;
    const encoded = headers.size === 0 ? NO_BYTES : encodeHeaders(headers);
    const lengthBytes = sizeOfVarint(encoded.length);
    const wrapped = Buffer.allocUnsafe(lengthBytes + encoded.length + value.length);
    writeVarint(wrapped, 0, encoded.length);
    wrapped.set(encoded, lengthBytes);
    wrapped.set(value, lengthBytes + encoded.length);
    return wrapped;
  }

  /** Where the plain value begins. */
  valueStart(bytes: Buffer, start: number, end: number): number {
    if (!this.hasHeaders) return start;
    const length = readVarint(bytes, start, end);
    if (varintEnd >= 0 && length >= 0 && varintEnd + length <= end) return varintEnd + length;
    throw new StateError('STATE_BYTES', 'the headers of a row are longer than the row');
  }

  /** A copy of what stands before the value. */
  headers(bytes: Buffer, start: number, end: number): RecordHeaders {
    const valueStart = this.valueStart(bytes, start, end);
    if (!this.hasHeaders) return RecordHeaders.NONE;
    const length = readVarint(bytes, start, end);
    if (length === 0) return RecordHeaders.NONE;
    const copy = Buffer.from(bytes.subarray(valueStart - length, valueStart));
    return RecordHeaders.read(copy, 0, length);
  }
}
