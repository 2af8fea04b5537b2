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

/** Sorts rows by their keys. */
export function sortRows(table: ByteTable, rows: Int32Array): Int32Array {
  const compare = (one: number, other: number) => compareRows(table, one, other);
  return sortByPrefix(rows, undefined, keyPrefixes(table, rows, 0), compare);
}

/**
 * Sorts by a first number where there is one, then by a second one, then by comparing. The numbers
 * decide most of it, and cost much less than looking at the rows.
 */
export function sortByPrefix(
  rows: Int32Array,
  firsts: Float64Array | undefined,
  prefixes: Float64Array,
  compare: (one: number, other: number) => number,
): Int32Array {
  const places = Int32Array.from(rows.keys());
  if (firsts === undefined) {
    places.sort((one, other) => {
      const order = prefixes[one]! - prefixes[other]!;
      return order !== 0 ? order : compare(rows[one]!, rows[other]!);
    });
  } else {
    places.sort((one, other) => {
      let order = firsts[one]! - firsts[other]!;
      if (order === 0) order = prefixes[one]! - prefixes[other]!;
      return order !== 0 ? order : compare(rows[one]!, rows[other]!);
    });
  }
  return places.map((place) => rows[place]!);
}

/**
 * Numbers in the order of the keys, of their first bytes that are not common to all. `suffix` bytes
 * at the end of each key do not count. Keys that differ may have one number.
 */
export function keyPrefixes(table: ByteTable, rows: Int32Array, suffix: number): Float64Array {
  const from = commonPrefix(table, rows, suffix);
  return Float64Array.from(rows, (row) => {
    const chunk = table.chunkOf(row);
    const start = table.keyStart(row);
    const end = start + table.keyLength(row) - suffix;
    let prefix = 0;
    for (let at = start + from; at < start + from + PREFIX_BYTES; at++) {
      // A key that ends here goes before one that goes on with a zero; comparing tells them apart.
      prefix = prefix * 256 + (at < end ? chunk[at]! : 0);
    }
    return prefix;
  });
}

function commonPrefix(table: ByteTable, rows: Int32Array, suffix: number): number {
  if (rows.length === 0) return 0;
  const first = rows[0]!;
  const firstChunk = table.chunkOf(first);
  const firstStart = table.keyStart(first);
  let common = table.keyLength(first) - suffix;
  for (let i = 1; i < rows.length && common > 0; i++) {
    const row = rows[i]!;
    const chunk = table.chunkOf(row);
    const start = table.keyStart(row);
    const end = Math.min(common, table.keyLength(row) - suffix);
    let same = 0;
    while (same < end && chunk[start + same] === firstChunk[firstStart + same]) same++;
    common = same;
  }
  return common;
}
