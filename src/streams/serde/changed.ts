/**
 * Updates of a table on a repartition topic, as Kafka's ChangedSerializer writes them:
 *
 *   old value                                     0
 *   new value                                     1
 *   length (varint)   new value   old value       2
 *
 * With 3, 4 and 5 the byte before the last says whether the update is the latest one.
 */
import { readVarint, sizeOfVarint, varintEnd, writeVarint } from '../../base/varint.ts';
import { KafkaError } from '../../client/errors/kafka-error.ts';
import type { Serde } from '../../client/serde/serde.ts';
import type { Change } from '../topology/change.ts';
import { encodedBytes } from './encoded-bytes.ts';

const OLD = 0;
const NEW = 1;
const BOTH = 2;
const WITH_LATEST = 3;

/** Old and new value of a table's row in one record. */
export function changed<V>(inner: Serde<V, V>): Serde<Change<V>> {
  return {
    serialize(change, topic) {
      const newer = bytesOf(inner, change.newValue, topic);
      const older = bytesOf(inner, change.oldValue, topic);
      if (newer === null && older === null) {
        throw new KafkaError('SERIALIZATION', 'a change has an old value or a new one');
      }
      if (newer === null) return Buffer.concat([older!, Buffer.of(OLD)]);
      if (older === null) return Buffer.concat([newer, Buffer.of(NEW)]);
      const length = Buffer.allocUnsafe(sizeOfVarint(newer.length));
      writeVarint(length, 0, newer.length);
      return Buffer.concat([length, newer, older, Buffer.of(BOTH)]);
    },
    deserialize(bytes, topic) {
      const flag = bytes[bytes.length - 1] ?? -1;
      if (flag < OLD || flag > WITH_LATEST + BOTH) {
        throw new KafkaError('SERIALIZATION', `a change does not end with ${flag}`);
      }
      const hasLatest = flag >= WITH_LATEST;
      const end = bytes.length - (hasLatest ? 2 : 1);
      const isLatest = !hasLatest || bytes[end] === 1;
      const form = hasLatest ? flag - WITH_LATEST : flag;
      const split = form === BOTH ? splitAt(bytes, end) : { start: 0, middle: 0 };
      const older = form === NEW ? null : bytes.subarray(split.middle, end);
      const newer = newBytes(form, bytes, split, end);
      return {
        newValue: newer === null ? null : inner.deserialize(newer, topic),
        oldValue: older === null ? null : inner.deserialize(older, topic),
        isLatest,
      };
    },
  };
}

interface Split {
  readonly start: number;
  readonly middle: number;
}

function newBytes(form: number, bytes: Uint8Array, split: Split, end: number): Uint8Array | null {
  if (form === OLD) return null;
  return form === NEW ? bytes.subarray(0, end) : bytes.subarray(split.start, split.middle);
}

function splitAt(bytes: Uint8Array, end: number): Split {
  const length = readVarint(bytes, 0, end);
  const start = varintEnd;
  if (start < 0 || length < 0 || start + length > end) {
    throw new KafkaError('SERIALIZATION', 'the new value of a change is longer than the change');
  }
  return { start, middle: start + length };
}

function bytesOf<V>(inner: Serde<V, V>, value: V | null, topic: string): Buffer | null {
  return value === null ? null : encodedBytes(inner.serialize(value, topic));
}
