import type { ByteTable } from '../engine/byte-table.ts';

/** Makes an entry of a row, be it in memory or in a file. */
export type EntryOf<T> = (
  keyChunk: Buffer,
  keyStart: number,
  keyEnd: number,
  valueChunk: Buffer,
  valueStart: number,
  valueEnd: number,
  stamp: number,
) => T;

/** The entry of a block of a table. */
export function entryIn<T>(
  table: ByteTable,
  block: number,
  keyLength: number,
  valueLength: number,
  entryOf: EntryOf<T>,
): T {
  const chunk = table.arena.chunkOf(block);
  const keyStart = table.startOf(block);
  const valueStart = table.valueStartIn(block, keyLength);
  const stamp = table.stampIn(block, keyLength);
  const valueEnd = valueStart + valueLength;
  return entryOf(chunk, keyStart, keyStart + keyLength, chunk, valueStart, valueEnd, stamp);
}
