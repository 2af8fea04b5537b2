import type { TableParts } from './table-parts.ts';
import type { ParentTable } from './tables/parent-table.ts';

/** A table whatever its types, for joins. */
export interface AnyTable {
  readonly parts: TableParts;
  /** Asking changes what the table keeps and sends. */
  readonly own: ParentTable;
}
