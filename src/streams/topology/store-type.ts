import type { RowFile } from './row-file.ts';

/**
 * Where stores keep their rows, if not in memory: Kafka's `DslStoreSuppliers`. Key-value, window
 * and session stores take it.
 */
export interface StoreType {
  /** What messages call it. */
  readonly name: string;
  /** Of one store. */
  newFile(): RowFile;
  /** How many bytes of rows a store keeps in memory beside its file. */
  readonly cacheBytes: number;
}
