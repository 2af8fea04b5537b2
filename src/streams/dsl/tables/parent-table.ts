import type { ValueView } from './value-view.ts';

/** A table as the nodes below it see it: asking changes what it keeps and sends. */
export interface ParentTable {
  /** Asking for it may make the table keep a store. */
  view(): ValueView;
  /**
   * Updates carry the old value from now on. False where the table has no old values because it
   * keeps no store, and `force` does not make it keep one.
   */
  sendOldValues(force: boolean): boolean;
}
