/** `millrace/streams/lmdb`: stores larger than memory, in files of the package `lmdb`. */
import { LmdbFile } from './lmdb/lmdb-file.ts';
import { loadLmdb } from './lmdb/lmdb-module.ts';
import { startLmdbCheck } from './start-lmdb-check.ts';
import type { StoreType } from './topology/store-type.ts';

export type { RowChanges, RowCursor, RowFile } from './topology/row-file.ts';
export type { StoreType } from './topology/store-type.ts';

/** How stores in lmdb use memory. */
export interface LmdbStoresOptions {
  /** How many bytes of rows each store keeps in memory beside its file; 16 MB. */
  readonly cacheBytes?: number;
}

const CACHE_BYTES = 16 << 20;

/**
 * Keeps the rows of stores in a file of lmdb each. It is given as `storeType` to a store, or as
 * `dslStoreSuppliersClass` to an application, for all of its stores. Throws where the package
 * `lmdb` is not installed.
 */
export function lmdbStores({ cacheBytes = CACHE_BYTES }: LmdbStoresOptions = {}): StoreType {
  loadLmdb();
  return { name: 'lmdb', cacheBytes, newFile: () => new LmdbFile(startLmdbCheck) };
}
