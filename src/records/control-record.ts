import { buildBatch } from './batch-builder.ts';
import type { RecordCursor } from './record-iterator.ts';

/**
 * Control records mark the end of a transaction.
 *
 *   key: version int16 = 0 | type int16      value: version int16 = 0 | coordinator epoch int32
 */
export const CONTROL_TYPE = { UNKNOWN: -1, ABORT: 0, COMMIT: 1 } as const;

/** The type of the control record that the cursor stands on. */
export function controlType(cursor: RecordCursor): number {
  if (cursor.keyEnd - cursor.keyStart < 4) return CONTROL_TYPE.UNKNOWN;
  return cursor.bytes.readInt16BE(cursor.keyStart + 2);
}

/** -1 where the record has none. */
export function controlCoordinatorEpoch(cursor: RecordCursor): number {
  if (cursor.valueEnd - cursor.valueStart < 6) return -1;
  return cursor.bytes.readInt32BE(cursor.valueStart + 2);
}

/** The batch that ends a transaction on one partition. */
export function buildEndMarker(
  commit: boolean,
  producerId: number,
  producerEpoch: number,
  coordinatorEpoch: number,
  timestamp: number,
): Buffer {
  const key = Buffer.alloc(4);
  key.writeInt16BE(commit ? CONTROL_TYPE.COMMIT : CONTROL_TYPE.ABORT, 2);
  const value = Buffer.alloc(6);
  value.writeInt32BE(coordinatorEpoch, 2);
  return buildBatch([{ key, value, timestamp }], {
    producerId,
    producerEpoch,
    transactional: true,
    control: true,
  });
}
