import { isCorrupt } from '../base/errors.ts';
import { CONTROL_TYPE, controlCoordinatorEpoch, controlType } from './control-record.ts';
import { RecordCursor } from './record-iterator.ts';

/** What the control batch of a log says of the transaction that it ends. */
export interface StoredMarker {
  readonly isCommit: boolean;
  readonly coordinatorEpoch: number;
}

/**
 * The marker that the control batch at `at` holds. Null where it holds none: compaction empties the
 * batch of a marker that has served its time, and other control records end no transaction.
 */
export function storedMarker(bytes: Buffer, at: number): StoredMarker | null {
  const cursor = new RecordCursor();
  try {
    cursor.open(bytes, at);
    if (!cursor.next()) return null;
  } catch (thrown) {
    if (!isCorrupt(thrown)) throw thrown;
    return null;
  }
  const type = controlType(cursor);
  if (type !== CONTROL_TYPE.COMMIT && type !== CONTROL_TYPE.ABORT) return null;
  return {
    isCommit: type === CONTROL_TYPE.COMMIT,
    coordinatorEpoch: controlCoordinatorEpoch(cursor),
  };
}
