import { readVarint, readVarlong, varintEnd } from '../../../base/varint.ts';
import { corruptRecord, lengthEnd } from '../../../records/record-lengths.ts';

/**
 * The places of a batch's records in its bytes, so many numbers a record:
 *
 *   offset delta | where the timestamp delta stands | key | key length | value | value length | end
 *
 * A length of -1 is null. The headers lie between the value and the end.
 */
export const FIELD = {
  OFFSET_DELTA: 0,
  TIME_AT: 1,
  KEY_AT: 2,
  KEY_LENGTH: 3,
  VALUE_AT: 4,
  VALUE_LENGTH: 5,
  END: 6,
} as const;

export const FIELDS_PER_RECORD = 7;

/** Length, attributes, two deltas, two lengths and a count, a byte each. */
const RECORD_BYTES_MIN = 7;

/**
 * The records between `start` and `end` whose offset delta is at least `fromDelta`. Throws
 * MILLRACE_CORRUPT unless they are `count` coherent records in the order of their offsets.
 */
export function indexRecords(
  bytes: Uint8Array,
  start: number,
  end: number,
  count: number,
  fromDelta: number,
): Int32Array {
  if (count < 0 || count > (end - start) / RECORD_BYTES_MIN) {
    throw corruptRecord(`a batch of ${end - start} bytes claims ${count} records`);
  }
  const index = new Int32Array(count * FIELDS_PER_RECORD);
  let at = 0;
  let position = start;
  let lastDelta = -1;
  for (let left = count; left > 0; left--) {
    const length = readVarint(bytes, position, end);
    const recordAt = varintEnd;
    if (recordAt < 0 || length < 0 || length > end - recordAt) {
      throw corruptRecord('its length does not fit into the batch');
    }
    position = recordAt + length;
    readVarlong(bytes, recordAt + 1, position);
    if (varintEnd < 0) throw corruptRecord('bad timestamp delta');
    const delta = readVarint(bytes, varintEnd, position);
    if (varintEnd < 0 || delta <= lastDelta) throw corruptRecord('bad offset delta');
    lastDelta = delta;
    const keyLength = readVarint(bytes, varintEnd, position);
    const keyAt = lengthEnd(keyLength, position);
    const keyEnd = keyLength < 0 ? keyAt : keyAt + keyLength;
    const valueLength = readVarint(bytes, keyEnd, position);
    const valueAt = lengthEnd(valueLength, position);
    if (delta < fromDelta) continue;
    index[at] = delta;
    index[at + FIELD.TIME_AT] = recordAt + 1;
    index[at + FIELD.KEY_AT] = keyAt;
    index[at + FIELD.KEY_LENGTH] = keyLength;
    index[at + FIELD.VALUE_AT] = valueAt;
    index[at + FIELD.VALUE_LENGTH] = valueLength;
    index[at + FIELD.END] = position;
    at += FIELDS_PER_RECORD;
  }
  if (position !== end) throw corruptRecord('bytes are left after the last one');
  return at === index.length ? index : index.subarray(0, at);
}
