import type { TableParts } from './table-parts.ts';

/** A table whatever its types, for joins. */
export interface AnyTable {
  readonly parts: TableParts;
  /** Asking changes what the table keeps and sends. */
  readonly own: Pick<TableParts['maker'], 'view' | 'sendOldValues'>;
}
