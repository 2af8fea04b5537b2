/**
 * Several values in one, as Kafka's ListSerde writes byte arrays:
 *
 *   1   count (int32)   for each: length (int32)   bytes
 */
import { StateError } from '../state-error.ts';

const VARIABLE_SIZE = 1;
const HEAD_BYTES = 5;
const INT32 = 4;

/** The list with one value more; null is an empty list. */
export function appendToList(list: Buffer | null, value: Uint8Array): Buffer {
  const before = list === null ? HEAD_BYTES : list.length;
  const bytes = Buffer.allocUnsafe(before + INT32 + value.length);
  if (list === null) bytes[0] = VARIABLE_SIZE;
  else list.copy(bytes);
  bytes.writeInt32BE(list === null ? 1 : list.readInt32BE(1) + 1, 1);
  bytes.writeInt32BE(value.length, before);
  bytes.set(value, before + INT32);
  return bytes;
}

/** The values, in place. */
export function readList(list: Buffer): Buffer[] {
  if (list.length < HEAD_BYTES || list[0] !== VARIABLE_SIZE) throw corrupt();
  const values: Buffer[] = [];
  let at = HEAD_BYTES;
  for (let left = list.readInt32BE(1); left > 0; left--) {
    if (at + INT32 > list.length) throw corrupt();
    const end = at + INT32 + list.readInt32BE(at);
    if (end < at + INT32 || end > list.length) throw corrupt();
    values.push(list.subarray(at + INT32, end));
    at = end;
  }
  return values;
}

function corrupt(): StateError {
  return new StateError('STATE_BYTES', 'a list of values is cut off or of another form');
}
