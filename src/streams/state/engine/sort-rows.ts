import type { ByteTable } from './byte-table.ts';
import { compareBytes } from './compare-bytes.ts';

/** So many bytes fit a double exactly. */
const PREFIX_BYTES = 6;

export function compareRows(table: ByteTable, one: number, other: number): number {
  const oneStart = table.keyStart(one);
  const otherStart = table.keyStart(other);
  return compareBytes(
    table.chunkOf(one),
    oneStart,
    oneStart + table.keyLength(one),
    table.chunkOf(other),
    otherStart,
    otherStart + table.keyLength(other),
  );
}

/** How a row's key stands to a key that is searched for. */
export function compareRowToKey(table: ByteTable, row: number, key: Uint8Array): number {
  const start = table.keyStart(row);
  const end = start + table.keyLength(row);
  return compareBytes(table.chunkOf(row), start, end, key, 0, key.length);
}

/**
 * Sorts rows by their keys, in place. Numbers made of the first bytes that are not common to all
 * keys decide most comparisons.
 */
export function sortRows(table: ByteTable, rows: Int32Array): void {
  if (rows.length < 2) return;
  const from = commonPrefix(table, rows);
  const prefixes = new Map<number, number>();
  if (rows.length > 64) {
    for (const row of rows) prefixes.set(row, prefixOf(table, row, from));
  }
  if (prefixes.size === 0) {
    rows.sort((one, other) => compareRows(table, one, other));
    return;
  }
  rows.sort((one, other) => {
    const difference = prefixes.get(one)! - prefixes.get(other)!;
    return difference !== 0 ? difference : compareRows(table, one, other);
  });
}

/** Shorter keys count as if zeros followed: full comparison tells them apart. */
function prefixOf(table: ByteTable, row: number, from: number): number {
  const chunk = table.chunkOf(row);
  const start = table.keyStart(row) + from;
  const end = table.keyStart(row) + table.keyLength(row);
  let prefix = 0;
  for (let at = start; at < start + PREFIX_BYTES; at++) {
    prefix = prefix * 256 + (at < end ? chunk[at]! : 0);
  }
  return prefix;
}

function commonPrefix(table: ByteTable, rows: Int32Array): number {
  const first = rows[0]!;
  const firstChunk = table.chunkOf(first);
  const firstStart = table.keyStart(first);
  let common = table.keyLength(first);
  for (let i = 1; i < rows.length && common > 0; i++) {
    const row = rows[i]!;
    const chunk = table.chunkOf(row);
    const start = table.keyStart(row);
    const end = Math.min(common, table.keyLength(row));
    let same = 0;
    while (same < end && chunk[start + same] === firstChunk[firstStart + same]) same++;
    common = same;
  }
  return common;
}
