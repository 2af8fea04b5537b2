import { isWhole } from '../state/filed/checked-row.ts';
import { LmdbCursor } from './lmdb-cursor.ts';
import { openLmdb } from './lmdb-module.ts';

/** Before all keys, and behind them. */
const FIRST = Buffer.of(0);
const LAST = Buffer.of(0xff);

/** Reads all of a file. A damaged page may end the process: this is for one of its own. */
export function isWholeFile(path: string): boolean {
  const database = openLmdb(path, true);
  const { entryCount } = database.getStats();
  const cursor = new LmdbCursor(database, FIRST, LAST, false, () => undefined);
  let count = 0;
  let last: Buffer | undefined;
  while (cursor.next()) {
    const { key, value } = cursor;
    if (last !== undefined && Buffer.compare(last, key) >= 0) return false;
    if (!isWhole(key, value)) return false;
    last = key;
    count++;
  }
  return count === entryCount;
}
