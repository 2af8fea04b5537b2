import { StateError } from '../state-error.ts';

const STORE_HEAD_BYTES = 22;
const ROW_HEAD_BYTES = 8;
const STAMP_BYTES = 8;

/** Takes what a record has of one store. */
export interface StoreRows {
  /** Where key and value stand in the payload. */
  row(
    payload: Buffer,
    keyStart: number,
    keyEnd: number,
    valueStart: number,
    valueEnd: number,
    stamp: number,
  ): void;
  /** The row of this key is gone. */
  removed(key: Buffer): void;
  /** Behind the rows. An offset of -1 says nothing. */
  progress(offset: number, time: number): void;
}

/** Reads a payload that `RecordWriter` built. Undefined for a store that is not wanted any more. */
export function readRecord(
  payload: Buffer,
  isStamped: (store: number) => boolean,
  storeOf: (store: number) => StoreRows | undefined,
): void {
  let at = 1;
  while (at < payload.length) {
    if (at + STORE_HEAD_BYTES > payload.length) throw corrupt();
    const number = payload.readUInt16LE(at);
    const offset = payload.readDoubleLE(at + 2);
    const time = payload.readDoubleLE(at + 10);
    const count = payload.readUInt32LE(at + 18);
    at += STORE_HEAD_BYTES;
    const store = storeOf(number);
    const stampBytes = isStamped(number) ? STAMP_BYTES : 0;
    for (let left = count; left > 0; left--) {
      if (at + ROW_HEAD_BYTES > payload.length) throw corrupt();
      const keyLength = payload.readUInt32LE(at);
      const valueLength = payload.readInt32LE(at + 4);
      const keyStart = at + ROW_HEAD_BYTES;
      const keyEnd = keyStart + keyLength;
      const valueAt = keyEnd + (valueLength < 0 ? 0 : stampBytes);
      const end = valueAt + Math.max(valueLength, 0);
      if (end > payload.length) throw corrupt();
      if (store !== undefined && valueLength >= 0) {
        const stamp = stampBytes > 0 ? payload.readDoubleLE(keyEnd) : -1;
        store.row(payload, keyStart, keyEnd, valueAt, end, stamp);
      } else {
        store?.removed(payload.subarray(keyStart, keyEnd));
      }
      at = end;
    }
    store?.progress(offset, time);
  }
}

function corrupt(): StateError {
  return new StateError('STATE_BYTES', 'a record of state ends before its time');
}
