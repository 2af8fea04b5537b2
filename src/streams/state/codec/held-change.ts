/**
 * Changelog records of held-back updates. The header `v` says the form. Kafka writes 3
 * since 2.4.
 *
 *   3      buffer value   time (int64)
 *   2      origin   length   old and new   prior   time; some of 2.4 and 2.5 are of form 3
 *   1      time   origin   length   old and new
 *   none   time   old and new
 */
import { RecordHeaders } from '../../../client/consumer/records/record-headers.ts';
import { asBuffer } from '../../serde/encoded-bytes.ts';
import type { RecordOrigin } from '../../topology/record-origin.ts';
import { StateError } from '../state-error.ts';
import { BufferReader, type BufferValue, decodeBufferValue } from './buffer-value.ts';

export const HELD_CHANGE_HEADERS = new RecordHeaders([['v', Buffer.of(3)]]);

export interface HeldChange {
  readonly time: number;
  readonly value: BufferValue;
}

/** `prior` is that of an update under the key that is held already. */
export function decodeHeldChange(
  record: Uint8Array,
  timestamp: number,
  headers: RecordHeaders,
  prior: Uint8Array | null | undefined,
): HeldChange {
  const bytes = asBuffer(record);
  const version = headers.get('v');
  if (version === undefined) return decodeOldest(bytes, timestamp, prior);
  const number = version?.length === 1 ? version[0]! : -1;
  if (number === 3) return decodeThird(bytes);
  if (number === 2) return decodeSecond(bytes);
  if (number === 1) return decodeFirst(bytes, prior);
  throw new StateError('STATE_BYTES', `a held-back update of form ${number} is not known`);
}

function decodeThird(bytes: Buffer): HeldChange {
  const reader = new BufferReader(bytes);
  const value = decodeBufferValue(reader);
  return { time: reader.int64(), value };
}

function decodeSecond(bytes: Buffer): HeldChange {
  try {
    const reader = new BufferReader(bytes);
    const origin = reader.origin();
    const [old, newer] = decodeChange(reader.prefixed());
    const prior = reader.prefixed();
    return { time: reader.int64(), value: { origin, prior, old, new: newer } };
  } catch (thrown) {
    if (!(thrown instanceof StateError)) throw thrown;
    return decodeThird(bytes);
  }
}

function decodeFirst(bytes: Buffer, prior: Uint8Array | null | undefined): HeldChange {
  const reader = new BufferReader(bytes);
  const time = reader.int64();
  const origin = reader.origin();
  const [old, newer] = decodeChange(reader.prefixed());
  return { time, value: { origin, prior: prior ?? old, old, new: newer } };
}

/** Such a record does not say where its update came from. */
function decodeOldest(
  bytes: Buffer,
  timestamp: number,
  prior: Uint8Array | null | undefined,
): HeldChange {
  const reader = new BufferReader(bytes);
  const time = reader.int64();
  const [old, newer] = decodeChange(bytes.subarray(reader.position));
  const headers = RecordHeaders.NONE;
  const origin: RecordOrigin = { timestamp, offset: -1, topic: '', partition: -1, headers };
  return { time, value: { origin, prior: prior ?? old, old, new: newer } };
}

function decodeChange(bytes: Buffer | null): [Buffer | null, Buffer | null] {
  if (bytes === null) throw new StateError('STATE_BYTES', 'a held-back update has no change');
  const reader = new BufferReader(bytes);
  const old = reader.prefixed();
  return [old, reader.prefixed()];
}
